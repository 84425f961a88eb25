import {BinaryWriter} from '@bufbuild/protobuf/wire';
import {tag} from '../protobuf';

/** An attribute of a node. */
export type Attribute = number | string | readonly number[] | readonly string[];

export interface OnnxNode {
  readonly op: string;
  /** Names of values; an empty one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers count as integers where `integers` names them, all others as floats. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A value that goes in or comes out; dimensions by name are open. */
export interface OnnxValue {
  readonly name: string;
  /** Default float32. */
  readonly type?: 'float32' | 'int32';
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const OPSET = 14;
const IR_VERSION = 7;
const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;
/** Attributes that ONNX declares as integers; a number says nothing of its kind. */
const INTEGERS = new Set(['hidden_size', 'linear_before_reset', 'perm']);

/** The bytes of a model. Source of the layout: onnx/onnx.proto of ONNX 1.9 (operator set 14). */
export function writeModel({nodes, initializers, inputs, outputs}: OnnxModel): Uint8Array {
  const w = new BinaryWriter();
  w.uint32(tag(1, 0)).int64(IR_VERSION);
  w.uint32(tag(8, 2)).fork().uint32(tag(2, 0)).int64(OPSET).join();
  w.uint32(tag(7, 2)).fork();
  for (const node of nodes) writeNode(w, node);
  w.uint32(tag(2, 2)).string('recurrence');
  for (const tensor of initializers) writeTensor(w, tensor);
  for (const value of inputs) writeValue(w, 11, value);
  for (const value of outputs) writeValue(w, 12, value);
  return w.join().finish();
}

function writeNode(w: BinaryWriter, {op, inputs, outputs, attributes = {}}: OnnxNode): void {
  w.uint32(tag(1, 2)).fork();
  for (const name of inputs) w.uint32(tag(1, 2)).string(name);
  for (const name of outputs) w.uint32(tag(2, 2)).string(name);
  w.uint32(tag(4, 2)).string(op);
  for (const [name, value] of Object.entries(attributes)) {
    w.uint32(tag(5, 2)).fork().uint32(tag(1, 2)).string(name);
    writeAttribute(w, value, INTEGERS.has(name));
    w.join();
  }
  w.join();
}

/** The value, and its kind as AttributeProto numbers kinds. */
function writeAttribute(w: BinaryWriter, value: Attribute, integer: boolean): void {
  const text = (s: string): Uint8Array => new TextEncoder().encode(s);
  let kind: number;
  if (typeof value === 'string') {
    kind = 3;
    w.uint32(tag(4, 2)).bytes(text(value));
  } else if (typeof value === 'number') {
    kind = integer ? 2 : 1;
    if (integer) w.uint32(tag(3, 0)).int64(value);
    else w.uint32(tag(2, 5)).float(value);
  } else if (value.every(item => typeof item === 'string')) {
    kind = 8;
    for (const item of value) w.uint32(tag(9, 2)).bytes(text(item));
  } else {
    kind = integer ? 7 : 6;
    for (const item of value as readonly number[]) {
      if (integer) w.uint32(tag(8, 0)).int64(item);
      else w.uint32(tag(7, 5)).float(item);
    }
  }
  w.uint32(tag(20, 0)).int32(kind);
}

function writeTensor(w: BinaryWriter, {name, dims, data}: OnnxTensor): void {
  w.uint32(tag(5, 2)).fork();
  for (const size of dims) w.uint32(tag(1, 0)).int64(size);
  w.uint32(tag(2, 0)).int32(data instanceof Float32Array ? FLOAT : INT64);
  w.uint32(tag(8, 2)).string(name);
  w.uint32(tag(9, 2)).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  w.join();
}

function writeValue(w: BinaryWriter, field: number, {name, dims, type}: OnnxValue): void {
  w.uint32(tag(field, 2)).fork().uint32(tag(1, 2)).string(name);
  w.uint32(tag(2, 2)).fork().uint32(tag(1, 2)).fork();
  w.uint32(tag(1, 0))
    .int32(type === 'int32' ? INT32 : FLOAT)
    .uint32(tag(2, 2))
    .fork();
  for (const size of dims) {
    w.uint32(tag(1, 2)).fork();
    if (typeof size === 'number') w.uint32(tag(1, 0)).int64(size);
    else w.uint32(tag(2, 2)).string(size);
    w.join();
  }
  w.join().join().join().join();
}
