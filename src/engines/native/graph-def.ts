import type {Partially} from '../../../converters/protobuf/declare';
import type {AttrValue, NodeDef} from '../../../converters/protobuf/tensorflow/graph';
import {SavedModel} from '../../../converters/protobuf/tensorflow/meta-graph';
import {shapeProto} from '../../../converters/protobuf/tensorflow/shape';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {tensorProto} from '../../../converters/protobuf/tensorflow/values';
import {writeMessage} from '../../../converters/protobuf/write';
import type {FeedName} from './feeds';

const TYPES = {
  float32: DataType.DT_FLOAT,
  int32: DataType.DT_INT32,
  int64: DataType.DT_INT64,
  bool: DataType.DT_BOOL,
  resource: DataType.DT_RESOURCE,
} as const;
export type GraphType = keyof typeof TYPES;

/** Attribute T of most ops. */
export function typed(type: GraphType): Readonly<Record<string, Attribute>> {
  return {T: {type}};
}
export const FLOAT = typed('float32');
export const INT = typed('int32');

/** An attribute of a node, as much of it as the loops need. */
export type Attribute =
  | {readonly type: GraphType}
  | {readonly int: number}
  | {readonly float: number}
  | {readonly bool: boolean}
  | {readonly text: string}
  /** null: of unknown rank; −1: a dimension that is open */
  | {readonly shape: readonly number[] | null}
  | {
      readonly value: {
        readonly type: 'float32' | 'int32';
        readonly values: readonly number[];
        readonly scalar: boolean;
      };
    };

/** A graph to be loaded: what is fed and what comes out, by the names of nodes. */
export interface CompiledGraph {
  readonly savedModel: Uint8Array;
  readonly inputs: readonly FeedName[];
  readonly outputs: readonly string[];
}

/** What SavedModels of TensorFlow's own are tagged with. */
export const TAG = 'serve';

/** The oldest producer that knows every op used here: TensorFlow 1.15's. */
const PRODUCER = 134;

/** A TensorFlow graph being written. References are `name` or `name:k`, as in GraphDef. */
export class GraphWriter {
  private readonly nodes: Partially<NodeDef>[] = [];
  private readonly constants = new Map<string, string>();
  /** Of values that are not float32. */
  private readonly types = new Map<string, GraphType>();
  private count = 0;

  /** Adds a node; the name is made up unless it is given. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name?: string,
  ): string {
    const own = name ?? `${op}_${this.count++}`;
    const attr = new Map(Object.entries(attributes).map(([key, value]) => [key, attrValue(value)]));
    this.nodes.push({name: own, op, input: inputs, attr});
    const type = attributes.out_type ?? attributes.dtype ?? attributes.T;
    if (type && 'type' in type) this.types.set(own, type.type);
    return own;
  }

  placeholder(name: FeedName, type: GraphType = 'float32'): string {
    return this.add('Placeholder', [], {dtype: {type}, shape: {shape: null}}, name);
  }

  /** A constant, outside of any loop; equal ones are written once. */
  constant(values: number | readonly number[], type: 'float32' | 'int32'): string {
    const key = `${type} ${JSON.stringify(values)}`;
    const known = this.constants.get(key);
    if (known) return known;
    const scalar = typeof values === 'number';
    const list = scalar ? [values] : values;
    const name = this.add('Const', [], {dtype: {type}, value: {value: {type, values: list, scalar}}});
    this.constants.set(key, name);
    return name;
  }

  /** For nodes whose outputs are of other types than their attributes say. */
  setType(reference: string, type: GraphType): void {
    this.types.set(reference, type);
  }

  /** The type of a value, as its node's attributes say. */
  typeOf(reference: string): GraphType {
    return this.types.get(reference) ?? 'float32';
  }

  /** The graph with an output node for each of the values. */
  compile(inputs: readonly FeedName[], values: readonly string[]): CompiledGraph {
    const outputs = values.map((value, k) => this.add('Identity', [value], FLOAT, `out${k}`));
    return {savedModel: this.toSavedModel(), inputs, outputs};
  }

  /** The graph as a SavedModel without variables. */
  private toSavedModel(): Uint8Array {
    const graphDef = {node: this.nodes, versions: {producer: PRODUCER}};
    const metaGraphs = [{metaInfoDef: {tags: [TAG]}, graphDef}];
    return writeMessage(SavedModel, {savedModelSchemaVersion: 1, metaGraphs});
  }
}

function attrValue(value: Attribute): Partially<AttrValue> {
  if ('text' in value) return {s: new TextEncoder().encode(value.text)};
  if ('int' in value) return {i: value.int};
  if ('float' in value) return {f: value.float};
  if ('bool' in value) return {b: value.bool};
  if ('type' in value) return {type: TYPES[value.type]};
  if ('shape' in value) return {shape: shapeProto(value.shape)};
  const {type, values, scalar} = value.value;
  const numbers = type === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
  return {tensor: tensorProto(type, scalar ? [] : [values.length], new Uint8Array(numbers.buffer))};
}
