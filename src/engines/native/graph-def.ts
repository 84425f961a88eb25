import {BinaryWriter} from '@bufbuild/protobuf/wire';
import {tag} from '../protobuf';

/** TensorFlow's numbers of its types. */
const TYPES = {float32: 1, int32: 3, int64: 9, bool: 10, resource: 20} as const;
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
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What SavedModels of TensorFlow's own are tagged with. */
export const TAG = 'serve';

/**
 * A TensorFlow graph being written. References are `name` or `name:k`, as in GraphDef. Source of the layout:
 * tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto and protobuf/{saved_model,meta_graph}.proto.
 */
export class GraphWriter {
  private readonly nodes: Uint8Array[] = [];
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
    const node = new BinaryWriter().uint32(tag(1, 2)).string(own).uint32(tag(2, 2)).string(op);
    for (const input of inputs) node.uint32(tag(3, 2)).string(input);
    for (const [key, value] of Object.entries(attributes)) {
      node.uint32(tag(5, 2)).fork().uint32(tag(1, 2)).string(key).uint32(tag(2, 2)).fork();
      writeAttribute(node, value);
      node.join().join();
    }
    this.nodes.push(node.finish());
    const type = attributes.out_type ?? attributes.dtype ?? attributes.T;
    if (type && 'type' in type) this.types.set(own, type.type);
    return own;
  }

  placeholder(name: string, type: GraphType = 'float32'): string {
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
  compile(inputs: readonly string[], values: readonly string[]): CompiledGraph {
    const outputs = values.map((value, k) => this.add('Identity', [value], FLOAT, `out${k}`));
    return {savedModel: this.toSavedModel(), inputs, outputs};
  }

  /** The graph as a SavedModel without variables. */
  private toSavedModel(): Uint8Array {
    const graph = new BinaryWriter();
    for (const node of this.nodes) graph.uint32(tag(1, 2)).bytes(node);
    // The oldest producer that knows every op used here: TensorFlow 1.15's.
    graph.uint32(tag(4, 2)).fork().uint32(tag(1, 0)).int32(134).join();
    const meta = new BinaryWriter().uint32(tag(1, 2)).fork().uint32(tag(4, 2)).string(TAG).join();
    meta.uint32(tag(2, 2)).bytes(graph.finish());
    return new BinaryWriter().uint32(tag(1, 0)).int64(1).uint32(tag(2, 2)).bytes(meta.finish()).finish();
  }
}

function writeAttribute(writer: BinaryWriter, value: Attribute): void {
  if ('text' in value) writer.uint32(tag(2, 2)).bytes(new TextEncoder().encode(value.text));
  else if ('int' in value) writer.uint32(tag(3, 0)).int64(value.int);
  else if ('float' in value) writer.uint32(tag(4, 5)).float(value.float);
  else if ('bool' in value) writer.uint32(tag(5, 0)).bool(value.bool);
  else if ('type' in value) writer.uint32(tag(6, 0)).int32(TYPES[value.type]);
  else if ('shape' in value) {
    writer.uint32(tag(7, 2)).fork();
    writeShape(writer, value.shape);
    writer.join();
  } else {
    const {type, values, scalar} = value.value;
    writer.uint32(tag(8, 2)).fork().uint32(tag(1, 0)).int32(TYPES[type]).uint32(tag(2, 2)).fork();
    writeShape(writer, scalar ? [] : [values.length]);
    writer.join();
    for (const number of values) {
      if (type === 'float32') writer.uint32(tag(5, 5)).float(number);
      else writer.uint32(tag(7, 0)).int32(number);
    }
    writer.join();
  }
}

function writeShape(writer: BinaryWriter, shape: readonly number[] | null): void {
  if (shape === null) {
    writer.uint32(tag(3, 0)).bool(true);
    return;
  }
  for (const size of shape) writer.uint32(tag(2, 2)).fork().uint32(tag(1, 0)).int64(size).join();
}
