import type {NamedArray, WeightGroup} from '../../converters/arrays';

/** A layer as its arrays give it away. */
export interface Recognised {
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** In the order of the arrays. */
  readonly roles: readonly string[];
  /** What it reads: `[batch, time, n]`, `[batch, n]`, or indices. */
  readonly input: {readonly kind: 'sequence' | 'features' | 'indices'; readonly size: number};
}

export const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional'];

/** What a layer's arrays can be, from their number and shapes; undefined where that does not tell. */
export function recognise({name, arrays}: WeightGroup, library: string): Recognised | undefined {
  const wrapped = /^bidirectional/i.test(name) || arrays.some(array => /(^|\/)forward_/.test(array.name));
  if (wrapped) return bidirectional(arrays, library);
  return recurrent(arrays, library) ?? plain(name, arrays, library);
}

const shapes = (arrays: readonly NamedArray[]): (readonly number[])[] => arrays.map(({shape}) => shape);
const sizeNames = (library: string, input: number, units: number) =>
  library === 'keras2' ? {units} : {input_dim: input, output_dim: units};

function recurrent(arrays: readonly NamedArray[], library: string): Recognised | undefined {
  return perGate(arrays, library) ?? fused(arrays, library);
}

/** Keras 0 and 1: W, U and b of each gate. */
function perGate(arrays: readonly NamedArray[], library: string): Recognised | undefined {
  const gates: Readonly<Record<number, readonly string[]>> = {12: ['i', 'c', 'f', 'o'], 9: ['z', 'r', 'h']};
  const order = gates[arrays.length];
  const [first] = shapes(arrays);
  if (!order || library === 'keras2' || first?.length !== 2) return undefined;
  const [input, units] = first as [number, number];
  const expected = order.flatMap(() => [[input, units], [units, units], [units]]);
  if (!shapes(arrays).every((shape, k) => same(shape, expected[k]!))) return undefined;
  return {
    class: order.length === 4 ? 'LSTM' : 'GRU',
    config: sizeNames(library, input, units),
    roles: order.flatMap(gate => [`W_${gate}`, `U_${gate}`, `b_${gate}`]),
    input: {kind: 'sequence', size: input},
  };
}

/** All gates side by side; SimpleRNN has one. */
function fused(arrays: readonly NamedArray[], library: string): Recognised | undefined {
  const [kernel, recurrentKernel, bias] = shapes(arrays);
  if (kernel?.length !== 2 || recurrentKernel?.length !== 2 || arrays.length > 3) return undefined;
  const [input, columns] = kernel as [number, number];
  const units = recurrentKernel[0]!;
  if (recurrentKernel[1] !== columns) return undefined;
  const name = {1: 'SimpleRNN', 3: 'GRU', 4: 'LSTM'}[columns / units];
  const biasFits = bias
    ? same(bias, [columns]) || (name === 'GRU' && same(bias, [2, columns]))
    : library === 'keras2';
  if (!name || !biasFits || (library === 'keras0' && name !== 'SimpleRNN')) return undefined;
  const config: Record<string, unknown> = sizeNames(library, input, units);
  if (library === 'keras1' && name !== 'SimpleRNN') config.consume_less = 'gpu';
  if (!bias) config.use_bias = false;
  if (bias?.length === 2) config.reset_after = true;
  const roles = library === 'keras2' ? ['kernel', 'recurrent_kernel', 'bias'] : ['W', 'U', 'b'];
  return {class: name, config, roles: roles.slice(0, arrays.length), input: {kind: 'sequence', size: input}};
}

function bidirectional(arrays: readonly NamedArray[], library: string): Recognised | undefined {
  const half = arrays.length / 2;
  if (!Number.isInteger(half)) return undefined;
  const one = recurrent(arrays.slice(0, half), library);
  if (!one) return undefined;
  return {
    class: 'Bidirectional',
    config: {layer: {class_name: one.class, config: one.config}, merge_mode: 'concat'},
    roles: ['forward', 'backward'].flatMap(side => one.roles.map(role => `${side}_${role}`)),
    input: one.input,
  };
}

function plain(name: string, arrays: readonly NamedArray[], library: string): Recognised | undefined {
  const [first, second] = shapes(arrays);
  const legacy = library !== 'keras2';
  if (
    first?.length === 2 &&
    (second ? arrays.length === 2 && same(second, [first[1]!]) : arrays.length === 1)
  ) {
    const [input, units] = first as [number, number];
    if (!second && !/dense/i.test(name)) {
      const config = {input_dim: input, output_dim: units};
      return {
        class: 'Embedding',
        config,
        roles: [legacy ? 'W' : 'embeddings'],
        input: {kind: 'indices', size: input},
      };
    }
    const config = {
      ...sizeNames(library, input, units),
      ...(second ? {} : {[legacy ? 'bias' : 'use_bias']: false}),
    };
    const roles = (legacy ? ['W', 'b'] : ['kernel', 'bias']).slice(0, arrays.length);
    return {class: 'Dense', config, roles, input: {kind: 'features', size: input}};
  }
  if (arrays.length === 4 && first?.length === 1 && shapes(arrays).every(shape => same(shape, first))) {
    const roles = [
      'gamma',
      'beta',
      ...(legacy ? ['running_mean', 'running_std'] : ['moving_mean', 'moving_variance']),
    ];
    return {class: 'BatchNormalization', config: {}, roles, input: {kind: 'features', size: first[0]!}};
  }
  return undefined;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, k) => n === b[k]);
}
