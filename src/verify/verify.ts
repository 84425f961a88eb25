import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {type Comparison, compare, DEFAULT_TOLERANCE, type Tolerance} from './compare';

/** Data for a model's inputs or outputs: tensors or arrays, in order or by name. */
export type NamedData = Readonly<Record<string, tf.Tensor | NdArray>>;
export type ModelData = tf.Tensor | NdArray | readonly (tf.Tensor | NdArray)[] | NamedData;

export interface VerifyOptions {
  /** A number stands for both atol and rtol. Default 1e-5. */
  readonly tolerance?: number | Partial<Tolerance>;
}

export interface Report {
  readonly passed: boolean;
  readonly outputs: readonly Comparison[];
}

/**
 * Runs a model and compares what it puts out with what the original library put out.
 *
 * @param inputs in the model's order, or by the names of its inputs; `x` names a single one
 * @param expected likewise for outputs; `y` names a single one, `lstm`, `lstm.1` one layer's several tensors.
 *   By name, outputs may be left out.
 * @throws CarryoverError `E_USAGE` for names the model does not have, `E_SHAPE` for shapes that do not fit
 */
export function verify(
  model: LayersModel,
  inputs: ModelData,
  expected: ModelData,
  options: VerifyOptions = {},
): Report {
  const tolerance = toleranceOf(options.tolerance);
  const wanted = named(expected, outputNames(model), 'output');
  const results = runModel(model, inputs);
  const outputs = [...wanted].map(([name, want]) =>
    compare(name, numbers(results.get(name)!), numbers(want), tolerance),
  );
  return {passed: outputs.every(({passed}) => passed), outputs};
}

/** A number is both the absolute and the relative tolerance. */
export function toleranceOf(tolerance: VerifyOptions['tolerance']): Tolerance {
  return typeof tolerance === 'number'
    ? {atol: tolerance, rtol: tolerance}
    : {...DEFAULT_TOLERANCE, ...tolerance};
}

/** Runs a model on its whole input at once; outputs by name. */
export function runModel(model: LayersModel, inputs: ModelData): Map<string, NdArray> {
  const given = named(inputs, inputNames(model), 'input', true);
  const results = new Map<string, NdArray>();
  tf.tidy(() => {
    const list = predictAll(
      model,
      [...given.values()].map((data, k) => asInput(model, data, k)),
    );
    for (const [k, name] of outputNames(model).entries()) results.set(name, fromTensor(list[k]!));
  });
  return results;
}

/** Runs a model on its whole input at once, given in the model's order; outputs likewise. */
export function predictAll(model: LayersModel, tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const rows = tensors[0]!.shape[0];
  const x = tensors.length === 1 ? tensors[0]! : [...tensors];
  // predict cuts along the first axis, which has to be the batch of every input.
  const y = tensors.every(({rank, shape}) => rank > 0 && shape[0] === rows)
    ? model.predict(x, {batchSize: rows})
    : (model.apply(x, {training: false}) as tf.Tensor | tf.Tensor[]);
  return Array.isArray(y) ? y : [y];
}

/** `x`, or the names of the input layers. */
export function inputNames(model: LayersModel): string[] {
  return model.inputs.length === 1 ? ['x'] : [...model.inputNames];
}

/** A recipe's names; else `y`, or the layers' names, with `.1` and so on for one layer's further tensors. */
export function outputNames(model: LayersModel): string[] {
  const [first] = model.outputNames as [string];
  // A recipe's names stand in for the layers'.
  if (model.outputs.length === 1) return [first === model.outputLayers[0]!.name ? 'y' : first];
  const counts = new Map<string, number>();
  return model.outputNames.map(name => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  });
}

function isArray(data: unknown): data is NdArray {
  return typeof data === 'object' && data !== null && 'values' in data && 'shape' in data && 'dtype' in data;
}

function named(
  data: ModelData,
  names: readonly string[],
  what: string,
  all = false,
): Map<string, tf.Tensor | NdArray> {
  if (data instanceof tf.Tensor || isArray(data)) return named([data], names, what, all);
  const entries = Array.isArray(data)
    ? (data as readonly (tf.Tensor | NdArray)[]).map((value, k): [string, tf.Tensor | NdArray] => [
        names[k] ?? `${what} ${k}`,
        value,
      ])
    : Object.entries(data as NamedData);
  const result = new Map<string, tf.Tensor | NdArray>();
  for (const [name, value] of entries) {
    if (!names.includes(name)) {
      throw new CarryoverError(
        'E_USAGE',
        `the model has no ${what} '${name}'; its ${what}s are ${names.join(', ')}`,
      );
    }
    result.set(name, value);
  }
  const missing = names.filter(name => !result.has(name));
  if (all && missing.length > 0) {
    throw new CarryoverError(
      'E_USAGE',
      `${what} ${missing.join(', ')} of the model is missing; its ${what}s are ${names.join(', ')}`,
    );
  }
  return all ? new Map(names.map(name => [name, result.get(name)!])) : result;
}

/**
 * Data for the k-th input of a model, of its dtype.
 * @throws CarryoverError `E_SHAPE` where it does not fit
 */
export function asInput(model: LayersModel, data: tf.Tensor | NdArray, k: number): tf.Tensor {
  const {dtype, shape} = model.inputs[k]!;
  const kind = dtype === 'int32' ? 'int32' : 'float32';
  const given = data instanceof tf.Tensor ? tf.cast(data, kind) : toTensor(data, kind);
  // One number per row is a column to tfjs.
  const tensor = given.rank === 1 && shape.length === 2 && shape[1] === 1 ? tf.expandDims(given, 1) : given;
  const fits =
    tensor.rank === shape.length && shape.every((n, axis) => n === null || n === tensor.shape[axis]);
  if (!fits) {
    throw new CarryoverError(
      'E_SHAPE',
      `input '${inputNames(model)[k]}' has shape [${tensor.shape.join(', ')}]; the model takes [${shape.map(n => n ?? 'any').join(', ')}]`,
    );
  }
  return tensor;
}

/** An array as a tensor; 64-bit types lose what float32 or int32 cannot hold. */
export function toTensor({values, shape}: NdArray, dtype: 'float32' | 'int32'): tf.Tensor {
  const numbers = values as ArrayLike<number | bigint>;
  const data = dtype === 'int32' ? Int32Array.from(numbers, Number) : Float32Array.from(numbers, Number);
  return tf.tensor(data, [...shape], dtype);
}

function fromTensor(tensor: tf.Tensor): NdArray {
  return {dtype: 'float32', shape: tensor.shape, values: Float32Array.from(tensor.dataSync())};
}

function numbers(data: tf.Tensor | NdArray): {shape: readonly number[]; values: ArrayLike<number>} {
  if (data instanceof tf.Tensor) return {shape: data.shape, values: data.dataSync()};
  const {shape, values} = data;
  return {
    shape,
    values:
      values instanceof Float64Array || values instanceof Float32Array
        ? values
        : Float64Array.from(values as ArrayLike<number | bigint>, Number),
  };
}
