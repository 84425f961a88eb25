import type {InputRecord} from '../../../model/architecture';
import {freshName} from '../../../model/fresh-name';
import type {Json} from '../../../model/json';

/** Layers whose `input_dim` is all there is to an input; for others it comes after the time steps. */
const FLAT_INPUT = ['Dense', 'MaxoutDense', 'Highway'];

/** An input as an InputLayer or the first layer of a Sequential describes it. */
export function inputRecord(name: string, config: Json, className = 'InputLayer'): InputRecord {
  const dtype = config.input_dtype ?? (className === 'InputLayer' ? config.dtype : undefined);
  const fallback = className === 'Embedding' ? 'int32' : 'float32';
  return {name, shape: shapeOf(config, className), dtype: typeof dtype === 'string' ? dtype : fallback};
}

/** `[batch, ...]`; absent where the config does not say. */
function shapeOf(config: Json, className: string): (number | null)[] | undefined {
  const whole = config.batch_input_shape ?? config.batch_shape;
  if (Array.isArray(whole)) return whole as (number | null)[];
  const length = (config.input_length as number | null | undefined) ?? null;
  // Keras 0.3 writes an `input_shape` for Embedding that is not the input's.
  if (className === 'Embedding') return [null, length];
  if (Array.isArray(config.input_shape)) return [null, ...(config.input_shape as (number | null)[])];
  if (typeof config.input_dim !== 'number') return undefined;
  return FLAT_INPUT.includes(className) ? [null, config.input_dim] : [null, length, config.input_dim];
}

/** A name that no input has yet. */
export function uniqueInput(inputs: readonly InputRecord[], name: string): string {
  const stem = name.endsWith('_input_1') ? name.slice(0, -2) : name;
  return freshName(stem, candidate => inputs.some(input => input.name === candidate), name);
}
