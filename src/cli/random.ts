import type {NdArray} from '../../converters/arrays';
import type {OpenedModel} from '../model/open';
import {inputPorts} from '../verify/ports';

/** Of dimensions that the model leaves open: all the same, since nothing says which of them is the batch. */
const OPEN = 4;

type Input = OpenedModel['model']['inputs'][number];

/**
 * Numbers for every input of a model, the same each time: from −1 to 1, indices where it looks things up, lengths where
 * it takes integers, 0 and 1 for a mask.
 */
export function randomInputs(opened: OpenedModel): Record<string, NdArray> {
  const {model} = opened;
  const next = generator(20150328);
  const {names} = inputPorts(model);
  return Object.fromEntries(
    model.inputs.map((input, k) => {
      const shape = input.shape.map(n => n ?? OPEN);
      const size = shape.reduce((a, b) => a * b, 1);
      const draw = drawFor(input, opened);
      const values = Float32Array.from({length: size}, () => draw(next()));
      return [names[k]!, {dtype: 'float32', shape, values}] as const;
    }),
  );
}

/** What an input is for, by the layers that read it: makes a value of a number in [0, 1). */
function drawFor(input: Input, {layers}: OpenedModel): (uniform: number) => number {
  const readers = layers.filter(({record}) =>
    record.calls.some(({inputs}) => inputs.some(ref => readsFrom(ref.layer, input))),
  );
  const tables = readers.filter(({built}) => /Embedding$/.test(built.layer.getClassName()));
  const rows = Math.min(...tables.map(({built}) => built.layer.weights[0]!.shape[0]!));
  if (tables.length > 0) return uniform => Math.floor(uniform * rows);
  const isMask = readers.some(({record: {given = [], calls}}) =>
    calls.some(({inputs}) =>
      given.some((role, k) => role === 'mask' && readsFrom(inputs[k + 1]!.layer, input)),
    ),
  );
  if (isMask) return uniform => (uniform < 0.75 ? 1 : 0);
  if (input.dtype === 'int32') return uniform => 1 + Math.floor(uniform * OPEN);
  return uniform => 2 * uniform - 1;
}

function readsFrom(name: string, input: Input): boolean {
  return input.name === name || input.sourceLayer?.name === name;
}

/** Marsaglia's xorshift32, in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
