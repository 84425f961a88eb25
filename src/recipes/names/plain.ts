import type {FoundCell} from './cells';
import {type ArrayChoice, modelArrays, type NamedShape, variableName} from './model-arrays';
import {byName} from './place';

/** A layer without cells that names and shapes suggest. */
export interface FoundPlain {
  readonly className: 'Embedding' | 'Dense';
  readonly scope: string;
  /** Of an Embedding: rows. */
  readonly inputSize: number;
  readonly outputSize: number;
  /** `embeddings`; `kernel` and, where there is one, `bias`. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Pairs of names that go together: `softmax_w` and `softmax_b`, `W` and `b`, `dense/kernel` and `dense/bias`. */
const ENDINGS: readonly (readonly [kernel: RegExp, bias: string])[] = [
  [/kernel$/, 'bias'],
  [/weights$/, 'biases'],
  [/weight$/, 'bias'],
  [/Matrix$/, 'Bias'],
  [/W$/, 'b'],
  [/w$/, 'b'],
];

/** The arrays of a checkpoint that no cell has, as the layers that they are likely to be. */
export function plainFromNames(
  arrays: readonly NamedShape[],
  cells: readonly FoundCell[],
  choice?: ArrayChoice,
): {layers: FoundPlain[]; others: NamedShape[]} {
  const taken = new Set(cells.flatMap(({variables}) => Object.values(variables).flat()));
  const free = modelArrays(arrays, choice).filter(({name}) => !taken.has(name));
  const layers: FoundPlain[] = [];
  const used = new Set<NamedShape>();
  for (const array of free.toSorted((a, b) => byName(a.name, b.name))) {
    if (array.shape.length !== 2) continue;
    const bias = biasOf(array, free);
    const embedding = /embed/i.test(array.name) || !bias;
    used.add(array);
    if (bias && !embedding) used.add(bias);
    layers.push({
      className: embedding ? 'Embedding' : 'Dense',
      scope: scopeOf(array.name),
      inputSize: array.shape[0]!,
      outputSize: array.shape[1]!,
      variables: embedding
        ? {embeddings: array.name}
        : {kernel: array.name, ...(bias ? {bias: bias.name} : {})},
    });
  }
  return {layers, others: free.filter(array => !used.has(array))};
}

/** By name within the scope; else the only vector there that fits. */
function biasOf({name, shape}: NamedShape, arrays: readonly NamedShape[]): NamedShape | undefined {
  const fits = arrays.filter(other => other.shape.length === 1 && other.shape[0] === shape[1]);
  const own = variableName(name);
  for (const [kernel, bias] of ENDINGS) {
    const found = fits.find(other => variableName(other.name) === own.replace(kernel, bias));
    if (found && kernel.test(own)) return found;
  }
  const beside = fits.filter(other => scopeOf(other.name) === scopeOf(own));
  return beside.length === 1 ? beside[0] : undefined;
}

function scopeOf(name: string): string {
  return variableName(name).split('/').slice(0, -1).join('/');
}
