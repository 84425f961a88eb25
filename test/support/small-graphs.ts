import type {DType, NdArray} from '../../converters/arrays';
import type {GraphNode} from '../../converters/graph-def/node';
import type {Partially} from '../../converters/protobuf/declare';
import type {AttrValue} from '../../converters/protobuf/tensorflow/graph';
import {DataType} from '../../converters/protobuf/tensorflow/tensor';
import {attr} from '../../src/graph/nodes';
import type {ModelGraph} from '../../src/graph/types';

/** Attributes of a node as they are written here. */
export type Attributes = Readonly<Record<string, Partially<AttrValue>>>;

/** A node of a graph that is made for a test. */
export const node = (
  name: string,
  op: string,
  inputs: readonly string[] = [],
  attributes: Attributes = {},
): GraphNode => ({
  name,
  op,
  inputs,
  device: '',
  where: `graph: node '${name}'`,
  attributes: new Map(Object.entries(attributes).map(([key, member]) => [key, attr(member)])),
});

/** A graph of such nodes; its placeholders are its inputs. */
export const model = (nodes: readonly GraphNode[], others: Partial<ModelGraph> = {}): ModelGraph => ({
  where: 'graph',
  nodes,
  functions: [],
  values: new Map(),
  inputs: nodes
    .filter(({op}) => op === 'Placeholder')
    .map(({name}) => ({name, aliases: [], ref: `${name}:0`, dtype: undefined, shape: null})),
  outputs: [],
  names: new Map(),
  recurrences: new Map(),
  notes: [],
  ...others,
});

const TYPES = new Map<DType, number>([
  ['float32', DataType.DT_FLOAT],
  ['int32', DataType.DT_INT32],
  ['int64', DataType.DT_INT64],
  ['bool', DataType.DT_BOOL],
]);

/** TensorFlow's number of a type. */
export const typeOf = (dtype: DType): number => TYPES.get(dtype)!;

/** A graph of one operation over constants, its first outputs put out. */
export function operationGraph(
  op: string,
  inputs: readonly NdArray[],
  attributes: Attributes,
  outputs: number,
): ModelGraph {
  const constants = inputs.map((value, k) =>
    node(`in${k}`, 'Const', [], {dtype: {type: typeOf(value.dtype)}}),
  );
  const made = node(
    'y',
    op,
    inputs.map((_, k) => `in${k}:0`),
    attributes,
  );
  return model([...constants, made], {
    values: new Map(inputs.map((value, k) => [`in${k}`, value])),
    outputs: Array.from({length: outputs}, (_, k) => ({
      name: `y:${k}`,
      aliases: [],
      ref: `y:${k}`,
      dtype: undefined,
      shape: null,
    })),
  });
}
