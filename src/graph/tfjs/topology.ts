import type {io} from '@tensorflow/tfjs-core';
import type {NdArray} from '../../../converters/arrays';
import {joinBytes} from '../../../converters/bytes';
import type {GraphFunction} from '../../../converters/graph-def/graph';
import type {GraphNode} from '../../../converters/graph-def/node';
import type {AttrValue} from '../../../converters/protobuf/tensorflow/graph';
import {DataType, type TensorShapeProto} from '../../../converters/protobuf/tensorflow/tensor';
import {tfjsType} from '../model';
import {saturated} from './whole-numbers';

/** What TensorFlow.js loads as a graph model; constants of functions are by names that are theirs alone. */
export function graphArtifacts(
  nodes: readonly GraphNode[],
  constant: (node: GraphNode) => NdArray | undefined,
  functions: readonly GraphFunction[] = [],
): io.ModelArtifacts {
  const weightSpecs: io.WeightsManifestEntry[] = [];
  const data: Uint8Array[] = [];
  for (const node of [...nodes, ...functions.flatMap(one => one.nodes)]) {
    const value = node.op === 'Const' ? constant(node) : undefined;
    if (!value) continue;
    const dtype = tfjsType(value.dtype);
    weightSpecs.push({name: node.name, shape: [...value.shape], dtype});
    data.push(bytesOf(value, dtype));
  }
  return {
    format: 'graph-model',
    modelTopology: {
      node: nodes.map(nodeJson),
      library: {function: functions.map(functionJson)},
      versions: {producer: 1395},
    },
    weightSpecs,
    weightData: joinBytes(data).buffer as ArrayBuffer,
  };
}

function bytesOf({values}: NdArray, dtype: ReturnType<typeof tfjsType>): Uint8Array {
  if (dtype === 'string') {
    const utf8 = new TextEncoder();
    return joinBytes(
      (values as string[]).flatMap(text => {
        const bytes = utf8.encode(text);
        return [new Uint8Array(new Uint32Array([bytes.length]).buffer), bytes];
      }),
    );
  }
  const numbers = values as ArrayLike<number | bigint>;
  if (dtype === 'bool') return Uint8Array.from(numbers, value => (Number(value) === 0 ? 0 : 1));
  const typed = dtype === 'int32' ? Int32Array.from(numbers, saturated) : Float32Array.from(numbers, Number);
  return new Uint8Array(typed.buffer);
}

function functionJson({name, inputs, outputs, nodes, returns, definition}: GraphFunction): object {
  const typed = (names: readonly string[], known: readonly {type: number}[] = []): object[] =>
    names.map((argument, k) => ({name: argument, type: known[k]?.type ?? DataType.DT_FLOAT}));
  const {inputArg, outputArg} = definition?.signature ?? {};
  return {
    signature: {name, inputArg: typed(inputs, inputArg), outputArg: typed(outputs, outputArg)},
    nodeDef: nodes.map(node => ({...nodeJson(node), input: node.inputs})),
    ret: Object.fromEntries(returns),
  };
}

/** A node in the JSON that the official converter writes. */
function nodeJson({name, op, inputs, attributes}: GraphNode): object {
  const attr = Object.fromEntries(
    [...attributes]
      .filter(([key, {tensor}]) => !key.startsWith('_') && !tensor)
      .map(([key, value]) => [key, attrJson(value)]),
  );
  return {name, op, input: inputs.map(ref => ref.replace(/:0$/, '')), attr};
}

function attrJson({s, i, f, b, type, shape, list, func}: AttrValue): object {
  if (s) return {s: base64(s)};
  if (i !== undefined) return {i: String(i)};
  if (f !== undefined) return {f};
  if (b !== undefined) return {b};
  if (type !== undefined) return {type};
  if (shape) return {shape: shapeJson(shape)};
  if (func) return {func: {name: func.name}};
  if (!list) return {};
  return {
    list: {
      ...(list.s.length > 0 && {s: list.s.map(base64)}),
      ...(list.i.length > 0 && {i: list.i.map(String)}),
      ...(list.f.length > 0 && {f: list.f}),
      ...(list.b.length > 0 && {b: list.b}),
      ...(list.type.length > 0 && {type: list.type}),
      ...(list.shape.length > 0 && {shape: list.shape.map(shapeJson)}),
    },
  };
}

const shapeJson = ({dim, unknownRank}: TensorShapeProto): object =>
  unknownRank ? {unknownRank} : {dim: dim.map(({size}) => ({size: String(size)}))};

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
