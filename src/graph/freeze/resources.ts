import type {GraphFunction} from '../../../converters/graph-def/graph';
import type {GraphNode} from '../../../converters/graph-def/node';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {attr, dataInputs, nodeName} from '../nodes';
import type {Freezing} from './freezing';
import {bodiesOf} from './inline';

/** What a loop or branch takes, by the names that its attributes have for the types. */
const LISTS = ['T', 'Tin'] as const;

/**
 * Loops and branches that take variables take their values once these are constants: types of their inputs, and of the
 * arguments of the functions that they run, follow.
 *
 * @param nodes those of the graph, or of a function
 * @param types of the arguments, by name, within a function
 */
export function withValues(
  nodes: readonly GraphNode[],
  functions: readonly GraphFunction[],
  {values}: Pick<Freezing, 'values'>,
): {nodes: GraphNode[]; functions: GraphFunction[]} {
  const library = new Map(functions.map(one => [one.name, one]));
  const done = new Map<string, GraphFunction>();
  const typed = (all: readonly GraphNode[], known: ReadonlyMap<string, number>): GraphNode[] => {
    const types = new Map(known);
    for (const node of all) {
      const source =
        node.op === 'Identity' ? types.get(nodeName(dataInputs(node)[0] ?? '').split(':')[0]!) : undefined;
      if (source !== undefined) types.set(node.name, source);
    }
    return all.map(node => {
      const bodies = bodiesOf(node);
      if (bodies.length === 0) return node;
      const name = LISTS.find(key => node.attributes.has(key));
      const list = name && node.attributes.get(name)?.list;
      if (!name || !list) return node;
      const inputs = /If$|^Case$/.test(node.op) ? dataInputs(node).slice(1) : dataInputs(node);
      const given = list.type.map((type, k) =>
        type === DataType.DT_RESOURCE ? (types.get((inputs[k] ?? '').split(':')[0]!) ?? type) : type,
      );
      for (const body of bodies) define(body, given);
      return {
        ...node,
        attributes: new Map([...node.attributes, [name, attr({list: {...list, type: given}})]]),
      };
    });
  };
  const define = (name: string, types: readonly number[]): void => {
    const one = library.get(name);
    if (!one || done.has(name)) return;
    done.set(name, one);
    const known = new Map(one.inputs.map((argument, k) => [argument, types[k] ?? 0]));
    done.set(name, {...one, ...withTypes(one, known), nodes: typed(one.nodes, known)});
  };
  const constants = new Map([...values].map(([name, {dtype}]) => [name, dtypeCode(dtype)]));
  const result = typed(nodes, constants);
  return {nodes: result, functions: functions.map(one => done.get(one.name) ?? one)};
}

/** A function's signature in which arguments and results that were resources have types of values. */
function withTypes(
  {definition, returns}: GraphFunction,
  types: ReadonlyMap<string, number>,
): Pick<GraphFunction, 'definition'> {
  if (!definition) return {};
  const {signature} = definition;
  const outputArg = signature.outputArg.map(argument => {
    const source = returns.get(argument.name)?.split(':')[0] ?? '';
    const type =
      argument.type === DataType.DT_RESOURCE ? (types.get(source) ?? argument.type) : argument.type;
    return {...argument, type};
  });
  const inputArg = signature.inputArg.map(argument => ({
    ...argument,
    type: types.get(argument.name) || argument.type,
  }));
  return {definition: {...definition, signature: {...signature, inputArg, outputArg}}};
}
