import type {MessageOf, Partially} from '../../../converters/protobuf/declare';
import {
  type AttributeProto,
  AttributeType,
  ModelProto,
  OnnxType,
  type ValueInfoProto,
} from '../../../converters/protobuf/onnx';
import {writeMessage} from '../../../converters/protobuf/write';

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

export interface OnnxTensor<Name extends string = string> {
  readonly name: Name;
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
/** Attributes that ONNX declares as integers; a number says nothing of its kind. */
const INTEGERS = new Set(['hidden_size', 'linear_before_reset', 'perm']);

/** The bytes of a model of ONNX 1.9 (operator set 14). */
export function writeModel({nodes, initializers, inputs, outputs}: OnnxModel): Uint8Array {
  return writeMessage(ModelProto, {
    irVersion: IR_VERSION,
    opsetImport: [{version: OPSET}],
    graph: {
      node: nodes.map(({op, inputs, outputs, attributes = {}}) => ({
        input: inputs,
        output: outputs,
        opType: op,
        attribute: Object.entries(attributes).map(([name, value]) => ({
          name,
          ...attributeValue(name, value),
        })),
      })),
      name: 'recurrence',
      initializer: initializers.map(({name, dims, data}) => ({
        dims,
        dataType: data instanceof Float32Array ? OnnxType.FLOAT : OnnxType.INT64,
        name,
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
  });
}

function attributeValue(name: string, value: Attribute): Partially<MessageOf<typeof AttributeProto>> {
  const text = (s: string): Uint8Array => new TextEncoder().encode(s);
  const integer = INTEGERS.has(name);
  if (typeof value === 'string') return {type: AttributeType.STRING, s: text(value)};
  if (typeof value === 'number') {
    return integer ? {type: AttributeType.INT, i: value} : {type: AttributeType.FLOAT, f: value};
  }
  if (typeof value[0] === 'string')
    return {type: AttributeType.STRINGS, strings: value.map(item => text(`${item}`))};
  const numbers = value as readonly number[];
  return integer ? {type: AttributeType.INTS, ints: numbers} : {type: AttributeType.FLOATS, floats: numbers};
}

function valueInfo({name, dims, type}: OnnxValue): Partially<MessageOf<typeof ValueInfoProto>> {
  const dim = dims.map(size => (typeof size === 'number' ? {dimValue: size} : {dimParam: size}));
  const elemType = type === 'int32' ? OnnxType.INT32 : OnnxType.FLOAT;
  return {name, type: {tensorType: {elemType, shape: {dim}}}};
}
