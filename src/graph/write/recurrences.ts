import type {NdArray} from '../../../converters/arrays';
import type {GraphNode} from '../../../converters/graph-def/node';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import {attr} from '../nodes';
import {type GraphRecurrence, type ModelGraph, RECURRENCE} from '../types';

/** What a written recurrence says of itself, beside its arrays. */
export interface WrittenRecurrence extends Pick<GraphRecurrence, 'layer' | 'inputs' | 'outputs'> {
  /** The roles of its arrays, cell by cell; the arrays are the node's last inputs in this order. */
  readonly roles: readonly (readonly string[])[];
}

/** The attribute that has it. */
export const WRITTEN = 'recurrence';

/** TensorFlow.js puts the letters of texts in attributes into lower case; digits have none. */
export const encode = (written: WrittenRecurrence): string =>
  [...new TextEncoder().encode(JSON.stringify(written))]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('');

/** What `encode` made. */
export function decode(text: string): WrittenRecurrence {
  const bytes = Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
  return JSON.parse(new TextDecoder().decode(bytes)) as WrittenRecurrence;
}

/** A graph whose recurrences are whole in their nodes: what each is in an attribute, its arrays as constants. */
export function withWrittenRecurrences(graph: ModelGraph): {
  readonly nodes: readonly GraphNode[];
  readonly values: ReadonlyMap<string, NdArray>;
} {
  const values = new Map(graph.values);
  const nodes = graph.nodes.flatMap((node): readonly GraphNode[] => {
    const found = node.op === RECURRENCE ? graph.recurrences.get(node.name) : undefined;
    if (!found) return [node];
    const {layer, inputs, outputs, weights} = found;
    const arrays = weights.flatMap((cell, k) =>
      Object.entries(cell).map(([role, array]) => ({name: `${node.name}/${k}/${role}`, array})),
    );
    for (const {name, array} of arrays) values.set(name, array);
    const constants = arrays.map(
      ({name, array}): GraphNode => ({
        ...node,
        name,
        op: 'Const',
        inputs: [],
        attributes: new Map([['dtype', attr({type: dtypeCode(array.dtype)})]]),
      }),
    );
    const text = encode({layer, inputs, outputs, roles: weights.map(cell => Object.keys(cell))});
    const attributes = new Map([[WRITTEN, attr({s: new TextEncoder().encode(text)})]]);
    const whole = {...node, inputs: [...node.inputs, ...arrays.map(({name}) => `${name}:0`)], attributes};
    return [...constants, whole];
  });
  return {nodes, values};
}
