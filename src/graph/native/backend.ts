import type * as tf from '@tensorflow/tfjs-core';
import {dtypeOf, showCode} from '../../../converters/protobuf/tensorflow/dtypes';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import type {NodeBackend} from '../../engines/native/session';
import {CarryoverError} from '../../errors';

/** A tensor of TensorFlow's, as tfjs-node's binding knows it. */
interface Handle {
  readonly id: number;
  readonly shape: number[];
  /** TensorFlow's `DataType`. */
  readonly dtype: number;
}

/** An attribute of an operation that is run at once. */
interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean;
}

/**
 * What is called of tfjs-node below its own `runSavedModel`, which gives up at a result of a type that TensorFlow.js lacks
 * and does not tell int64 from int32.
 */
interface GraphBackend extends NodeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    runSavedModel(id: number, inputs: readonly number[], names: string, outputs: string): Handle[];
    executeOp(
      op: string,
      attributes: readonly OpAttribute[],
      inputs: readonly number[],
      outputs: number,
    ): Handle[];
    tensorDataSync(id: number): BigInt64Array;
    deleteTensor(id: number): void;
  };
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(handle: Handle): tf.Tensor;
}

/** Whether tfjs-node has what is called of it; other releases may not. */
export function runsGraphs(backend: object): backend is GraphBackend {
  const {binding, getInputTensorIds, createOutputTensor} = backend as Partial<GraphBackend>;
  return [
    binding?.runSavedModel,
    binding?.executeOp,
    binding?.tensorDataSync,
    binding?.deleteTensor,
    getInputTensorIds,
    createOutputTensor,
  ].every(member => typeof member === 'function');
}

/** Types that TensorFlow.js has. */
const OWN: ReadonlySet<number> = new Set([
  DataType.DT_FLOAT,
  DataType.DT_INT32,
  DataType.DT_BOOL,
  DataType.DT_STRING,
  DataType.DT_COMPLEX64,
]);

/**
 * Runs a loaded graph.
 * @returns the results as TensorFlow.js has them: whole numbers as int32, floating-point ones as float32
 * @throws CarryoverError `E_UNSUPPORTED` for a whole number beyond int32 and for types that are no numbers
 */
export function runSession(
  backend: GraphBackend,
  id: number,
  inputs: readonly tf.Tensor[],
  names: readonly string[],
  refs: readonly string[],
): tf.Tensor[] {
  const {binding} = backend;
  const handles = binding.runSavedModel(id, backend.getInputTensorIds(inputs), names.join(), refs.join());
  const made: tf.Tensor[] = [];
  try {
    for (const [k, handle] of handles.entries()) made.push(toTensor(backend, handle, refs[k]!));
    return made;
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    for (const handle of handles.slice(made.length + 1)) binding.deleteTensor(handle.id);
    throw error;
  }
}

function toTensor(backend: GraphBackend, handle: Handle, ref: string): tf.Tensor {
  if (OWN.has(handle.dtype)) return backend.createOutputTensor(handle);
  const {binding} = backend;
  try {
    const dtype = dtypeOf(handle.dtype);
    if (dtype === undefined || dtype === 'string') {
      throw new CarryoverError(
        'E_UNSUPPORTED',
        `'${ref}' gives ${showCode(handle.dtype)}, which no tensor of tfjs holds`,
      );
    }
    const isFloat = dtype.includes('float');
    if (!isFloat) checkRange(backend, handle, ref);
    return backend.createOutputTensor(cast(backend, handle, isFloat ? DataType.DT_FLOAT : DataType.DT_INT32));
  } finally {
    binding.deleteTensor(handle.id);
  }
}

function cast({binding}: GraphBackend, {id, dtype}: Handle, to: number): Handle {
  const attributes = [
    {name: 'SrcT', type: binding.TF_ATTR_TYPE, value: dtype},
    {name: 'DstT', type: binding.TF_ATTR_TYPE, value: to},
    {name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false},
  ];
  return binding.executeOp('Cast', attributes, [id], 1)[0]!;
}

const [LEAST, MOST] = [-(2n ** 31n), 2n ** 31n - 1n];

/** @throws CarryoverError `E_UNSUPPORTED` for an element that int32 does not hold */
function checkRange(backend: GraphBackend, handle: Handle, ref: string): void {
  const {binding} = backend;
  const wide = handle.dtype === DataType.DT_INT64 ? handle : cast(backend, handle, DataType.DT_INT64);
  try {
    const beyond = binding.tensorDataSync(wide.id).find(value => value < LEAST || value > MOST);
    if (beyond === undefined) return;
    throw new CarryoverError(
      'E_UNSUPPORTED',
      `'${ref}' gives ${beyond}, which is beyond int32, the only whole numbers that TensorFlow.js has`,
      {found: String(beyond), expected: 'int32'},
    );
  } finally {
    if (wide.id !== handle.id) binding.deleteTensor(wide.id);
  }
}
