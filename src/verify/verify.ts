import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {type Comparison, compare, DEFAULT_TOLERANCE, type Tolerance} from './compare';
import {namesOf} from './names';
import {inputPorts, outputPorts, type Ports, reaching} from './ports';

/** Data for a model's inputs or outputs: tensors or arrays, in order or by name. */
export type NamedData = Readonly<Record<string, tf.Tensor | NdArray>>;
/** Data for a model: one tensor or array, several in order, or several by name. */
export type ModelData = tf.Tensor | NdArray | readonly (tf.Tensor | NdArray)[] | NamedData;

/** How closely outputs are compared. */
export interface VerifyOptions {
  /** A number stands for both atol and rtol. Default 1e-5. */
  readonly tolerance?: number | Partial<Tolerance>;
}

/** How a model is run. */
export interface RunOptions {
  /** Layers inside of the model whose outputs are wanted beside its own: `lstm_2`, `encoder/lstm_1`, `lstm_2.1`. */
  readonly outputs?: readonly string[];
}

/** What `verify` found. */
export interface Report {
  /** Whether every output is within the tolerance. */
  readonly passed: boolean;
  /** One comparison for each expected output. */
  readonly outputs: readonly Comparison[];
}

/**
 * Runs a model and compares what it puts out with what the original library put out.
 *
 * @param inputs in the model's order, or by the names of its inputs; `x` names a single one
 * @param expected likewise for outputs; `y` names a single one or the first, `lstm`, `lstm.1` one layer's several tensors.
 *   By name, outputs may be left out, and any layer inside of the model may be among them.
 * @throws CarryoverError `E_USAGE` for names the model does not have, `E_SHAPE` for shapes that do not fit
 */
export function verify(
  model: LayersModel,
  inputs: ModelData,
  expected: ModelData,
  options: VerifyOptions = {},
): Report {
  const tolerance = toleranceOf(options.tolerance);
  const all = reaching(model, isNamed(expected) ? Object.keys(expected) : []);
  const wanted = named(expected, outputPorts(all));
  const results = runModel(all, inputs);
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

/** Outputs in a model's order, under their names; every name that reaches an output finds it. */
class Results extends Map<string, NdArray> {
  constructor(private readonly ports: Ports) {
    super();
  }

  override get(name: string): NdArray | undefined {
    return this.has(name) ? super.get(this.ports.names[this.ports.indexOf(name)]!) : undefined;
  }

  override has(name: string): boolean {
    return this.ports.has(name);
  }
}

/**
 * Runs a model on its whole input at once, in test mode.
 *
 * @param inputs as for `verify`
 * @returns float32 arrays by the names of the outputs, in the model's order, then those of `outputs` that are inside of it;
 *   a single output is found under `y` and under the file's own name alike
 * @throws CarryoverError `E_USAGE` for names the model does not have, `E_SHAPE` for shapes that do not fit
 */
export function runModel(
  model: LayersModel,
  inputs: ModelData,
  {outputs = []}: RunOptions = {},
): Map<string, NdArray> {
  const all = reaching(model, outputs);
  const ports = outputPorts(all);
  const results = new Results(ports);
  tf.tidy(() => {
    for (const [k, tensor] of predictAll(all, inputTensors(model, inputs)).entries())
      results.set(ports.names[k]!, fromTensor(tensor));
  });
  return results;
}

/**
 * A tensor for every input of a model, in its order.
 * @throws CarryoverError as `runModel`
 */
export function inputTensors(model: LayersModel, inputs: ModelData): tf.Tensor[] {
  const ports = inputPorts(model);
  const places = new Map([...named(inputs, ports)].map(([name, data]) => [ports.indexOf(name), data]));
  const missing = ports.names.filter((_, k) => !places.has(k));
  if (missing.length > 0) {
    throw new CarryoverError(
      'E_USAGE',
      `input ${missing.join(', ')} of the model is missing; its inputs are ${ports.names.join(', ')}`,
    );
  }
  return ports.names.map((_, k) => asInput(model, places.get(k)!, k));
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

function isArray(data: unknown): data is NdArray {
  return typeof data === 'object' && data !== null && 'values' in data && 'shape' in data && 'dtype' in data;
}

/** Whether data are given by name. */
function isNamed(data: ModelData): data is NamedData {
  return !(data instanceof tf.Tensor || Array.isArray(data) || isArray(data));
}

/** Data by the names that they came with; a list in the ports' order. */
function named(data: ModelData, ports: Ports): Map<string, tf.Tensor | NdArray> {
  if (data instanceof tf.Tensor || isArray(data)) return named([data], ports);
  const entries = Array.isArray(data)
    ? (data as readonly (tf.Tensor | NdArray)[]).map(
        (value, k) => [ports.names[k] ?? String(k), value] as const,
      )
    : Object.entries(data as NamedData);
  const result = new Map<string, tf.Tensor | NdArray>();
  const places = new Map<number, string>();
  for (const [name, value] of entries) {
    const place = ports.indexOf(name);
    const twice = places.get(place);
    if (twice !== undefined)
      throw new CarryoverError('E_USAGE', `'${twice}' and '${name}' are one and the same`);
    places.set(place, name);
    result.set(name, value);
  }
  return result;
}

/**
 * Data for the k-th input of a model, of its dtype.
 * @throws CarryoverError `E_SHAPE` where it does not fit
 */
function asInput(model: LayersModel, data: tf.Tensor | NdArray, k: number): tf.Tensor {
  const {dtype} = model.inputs[k]!;
  const shapes = namesOf(model).shapes ?? model.inputs.map(input => input.shape);
  const shape = shapes[k];
  const kind = dtype === 'int32' || dtype === 'bool' ? dtype : 'float32';
  const given = data instanceof tf.Tensor ? tf.cast(data, kind) : toTensor(data, kind);
  // One number per row is a column to tfjs.
  const tensor = given.rank === 1 && shape?.length === 2 && shape[1] === 1 ? tf.expandDims(given, 1) : given;
  if (!shape) return tensor;
  const fits =
    tensor.rank === shape.length && shape.every((n, axis) => n === null || n === tensor.shape[axis]);
  if (!fits) {
    throw new CarryoverError(
      'E_SHAPE',
      `input '${inputPorts(model).names[k]}' has shape [${tensor.shape.join(', ')}]; the model takes [${shape.map(n => n ?? 'any').join(', ')}]`,
    );
  }
  return tensor;
}

/** An array as a tensor; 64-bit types lose what float32 or int32 cannot hold. What is not 0 is true. */
export function toTensor({values, shape}: NdArray, dtype: 'float32' | 'int32' | 'bool'): tf.Tensor {
  const numbers = values as ArrayLike<number | bigint>;
  const data =
    dtype === 'int32'
      ? Int32Array.from(numbers, Number)
      : dtype === 'bool'
        ? Uint8Array.from(numbers, value => (Number(value) === 0 ? 0 : 1))
        : Float32Array.from(numbers, Number);
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
