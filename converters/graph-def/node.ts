import type {AttrValue, NodeDef} from '../protobuf/tensorflow/graph';
import {type PartialShape, partialShape} from '../protobuf/tensorflow/shape';
import type {TensorProto} from '../protobuf/tensorflow/tensor';

/** An operation. Its inputs are `name` (the first output), `name:1`, or `^name` (runs before it). */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly device: string;
  readonly attributes: ReadonlyMap<string, AttrValue>;
  /** File and node, for messages. */
  readonly where: string;
}

/** An attribute's value: the member of its oneof that is there. */
export interface Attribute {
  readonly text?: string;
  readonly int?: number;
  readonly float?: number;
  readonly bool?: boolean;
  /** TensorFlow's `DataType`. */
  readonly type?: number;
  readonly shape?: PartialShape;
  readonly tensor?: TensorProto;
  /** The name of a function in the graph's library. */
  readonly function?: string;
  readonly list?: {readonly texts: readonly string[]; readonly ints: readonly number[]};
}

export function toGraphNode({name, op, input, device, attr, at}: NodeDef, where: string): GraphNode {
  const place = `${where}: at byte ${at}: node '${name}'`;
  return {name, op, inputs: input, device, attributes: attr, where: place};
}

/** A node's attribute; undefined where it has none of this name. */
export function attribute({attributes}: GraphNode, name: string): Attribute | undefined {
  const value = attributes.get(name);
  return value && toAttribute(value);
}

const utf8 = new TextDecoder();

function toAttribute({s, i, f, b, type, shape, tensor, func, list}: AttrValue): Attribute {
  return {
    text: s && utf8.decode(s),
    int: i,
    float: f,
    bool: b,
    type,
    shape: shape && partialShape(shape),
    tensor,
    function: func?.name,
    list: list && {texts: list.s.map(bytes => utf8.decode(bytes)), ints: list.i},
  };
}
