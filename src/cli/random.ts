import type {NdArray} from '../../converters/arrays';
import type {OpenedModel} from '../model/open';
import {inputPorts} from '../verify/ports';

/** Sizes that the model leaves open. */
const [BATCH, LENGTH] = [2, 6];

/** Numbers for every input of a model, the same each time: indices where it looks things up, else from −1 to 1. */
export function randomInputs({model, layers}: OpenedModel): Record<string, NdArray> {
  const next = generator(20150328);
  const tables = layers.filter(({record}) => record.className === 'Embedding');
  const rows = Math.min(...tables.map(({record}) => Number(record.config.input_dim)));
  const {names} = inputPorts(model);
  return Object.fromEntries(
    model.inputs.map((input, k) => {
      const shape = input.shape.map((n, axis) => n ?? (axis === 0 ? BATCH : LENGTH));
      const looksUp = tables.some(({record}) =>
        record.calls.some(refs => refs.some(ref => readsFrom(ref.layer, input))),
      );
      const size = shape.reduce((a, b) => a * b, 1);
      const draw = looksUp ? () => Math.floor(next() * rows) : () => 2 * next() - 1;
      return [names[k]!, {dtype: 'float32', shape, values: Float32Array.from({length: size}, draw)}] as const;
    }),
  );
}

function readsFrom(name: string, input: OpenedModel['model']['inputs'][number]): boolean {
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
