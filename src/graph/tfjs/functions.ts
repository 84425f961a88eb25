import {badFormat} from '../../../converters/format-error';
import type {GraphFunction} from '../../../converters/graph-def/graph';
import type {GraphNode} from '../../../converters/graph-def/node';
import {flatIndex} from '../freeze/output-names';
import {isControl} from '../nodes';
import type {Ref} from '../types';
import type {Part} from './cut';

/** A function as a part of a graph: its arguments are its inputs. Within functions tensors are called `node:output:0`. */
export function functionPart({name, inputs, outputs, nodes, returns}: GraphFunction): Part {
  const places = new Map(inputs.map((argument, k) => [argument, `input_${k}:0`]));
  const byName = new Map(nodes.map(node => [node.name, node]));
  const refer = (ref: string): Ref => {
    const argument = places.get(ref);
    if (argument !== undefined) return argument;
    const [node = '', output = '', index = '0'] = ref.split(':');
    const made = byName.get(node);
    if (!made)
      throw badFormat(nodes[0]?.where ?? name, `function '${name}' uses '${ref}', which nothing in it makes`);
    return `${node}:${flatIndex(made, output, Number(index))}`;
  };
  const results = outputs.map(output => {
    const returned = returns.get(output);
    if (returned === undefined) throw badFormat(name, `function '${name}' lacks its result '${output}'`);
    return refer(returned);
  });
  const flat = nodes.map(
    (node): GraphNode => ({
      ...node,
      inputs: node.inputs.filter(input => !isControl(input)).map(refer),
    }),
  );
  return {nodes: flat, inputs: inputs.map((_, k) => `input_${k}`), results};
}
