import {boolean, checkArguments, harmless, other, refused} from '../../../dialects/arguments';
import {CarryoverError} from '../../../errors';
import type {InputRecord, LayerRecord} from '../../../model/architecture';
import {freshName} from '../../../model/fresh-name';
import type {Json} from '../../../model/json';
import {COMMON} from '../plain/parts';

/** What an InputLayer may say. Source: InputLayer of keras/engine of 1.2.2 and 2.15, keras/src/layers/core of 3.15. */
const INPUT_LAYER = {
  ...COMMON,
  shape: harmless(other()),
  sparse: refused(
    boolean(false),
    'expected false; make the model anew with dense inputs, and give it the same arrays',
  ),
  ragged: refused(
    boolean(false),
    'expected false; make the model anew with padded inputs, and give it the same arrays',
  ),
  inputTensor: refused(other(), 'expected none; make the model anew without it'),
  typeSpec: refused(other(), 'expected none; make the model anew with a shape and a dtype'),
  // The model asks for the input all the same.
  optional: harmless(other()),
};

/** Types of data that are no numbers. */
const NO_NUMBERS = /^(string|complex|variant|resource|q)/;

/** The input that an InputLayer is. What it refuses counts where the input is needed. */
export function inputLayer(
  {name, config, where}: Pick<LayerRecord, 'name' | 'config' | 'where'>,
  {library, version = '2'}: Pick<LayerRecord, 'library' | 'version'>,
): InputRecord {
  const record = inputRecord(name, config);
  const refusal = refusalIn(() => {
    checkArguments(INPUT_LAYER, config, version, where, `InputLayer of ${library}`);
    if (!NO_NUMBERS.test(record.dtype)) return;
    throw new CarryoverError(
      'E_LAYER',
      `${where}: dtype is ${record.dtype}; expected a type of numbers; do before the model what is done to them, and save the model from there on`,
      {argument: 'dtype'},
    );
  });
  return refusal ? {...record, refusal} : record;
}

function refusalIn(action: () => void): CarryoverError | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof CarryoverError) return error;
    throw error;
  }
  return undefined;
}

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
