import {WireType} from '@bufbuild/protobuf/wire';
import {type Fields, float, mapEntries, message, readMessage, text, texts, varint} from './message';
import {type PartialShape, readPartialShape} from './shape';

/*
 * Nodes of a graph. Source: core/framework/{node_def,attr_value}.proto.
 */

/** An operation. Its inputs are `name` (the first output), `name:1`, or `^name` (runs before it). */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly device: string;
  /** `AttrValue` messages, read when asked for. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
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
  /** A `TensorProto`. */
  readonly tensor?: Uint8Array;
  /** The name of a function in the graph's library. */
  readonly function?: string;
  readonly list?: {readonly texts: readonly string[]; readonly ints: readonly number[]};
}

export function readNode(bytes: Uint8Array, where: string): GraphNode {
  const inputs: string[] = [];
  const attributes = new Map<string, Uint8Array>();
  const out = {name: '', op: '', device: ''};
  readMessage(bytes, where, {
    1: text(value => {
      out.name = value;
    }),
    2: text(value => {
      out.op = value;
    }),
    3: texts(inputs),
    4: text(value => {
      out.device = value;
    }),
    5: mapEntries(attributes, where),
  });
  return {...out, inputs, attributes, where: `${where}: node '${out.name}'`};
}

/**
 * A node's attribute; undefined where it has none of this name.
 * @throws CarryoverError E_FORMAT when it is malformed
 */
export function attribute({attributes, where}: GraphNode, name: string): Attribute | undefined {
  const bytes = attributes.get(name);
  return bytes && readAttribute(bytes, `${where}: attribute '${name}'`);
}

function readAttribute(bytes: Uint8Array, where: string): Attribute {
  const out: {-readonly [K in keyof Attribute]: Attribute[K]} = {};
  const fields: Fields = {
    1: message(where, bytes, (value, at) => {
      out.list = readList(value, at);
    }),
    2: text(value => {
      out.text = value;
    }),
    3: varint(value => {
      out.int = value;
    }),
    4: float(value => {
      out.float = value;
    }),
    5: varint(value => {
      out.bool = value !== 0;
    }),
    6: varint(value => {
      out.type = value;
    }),
    7: message(where, bytes, (value, at) => {
      out.shape = readPartialShape(value, at);
    }),
    8: [
      WireType.LengthDelimited,
      reader => {
        out.tensor = reader.bytes();
      },
    ],
    10: message(where, bytes, (value, at) => {
      readMessage(value, at, {
        1: text(name => {
          out.function = name;
        }),
      });
    }),
  };
  readMessage(bytes, where, fields);
  return out;
}

function readList(bytes: Uint8Array, where: string): Attribute['list'] {
  const list = {texts: [] as string[], ints: [] as number[]};
  readMessage(bytes, where, {
    2: texts(list.texts),
    3: [
      WireType.LengthDelimited,
      reader => {
        const end = reader.uint32() + reader.pos;
        while (reader.pos < end) list.ints.push(Number(reader.int64()));
      },
    ],
  });
  return list;
}
