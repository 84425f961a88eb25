import type {Activation} from '../../recurrence/activations';

/** Instructions of the kernel's programs; `kernel/program.ts` runs them, and each one's function lists its words. */
export const INSTRUCTION = {
  elements: 0,
  product: 1,
  outerProduct: 2,
  copyRows: 3,
  fillRows: 4,
  zero: 5,
  addRows: 6,
  inverseDeviation: 7,
  standardize: 8,
  standardizeGradient: 9,
  meet: 10,
} as const;

/** Element-wise operations on a, b, c and a number p; `kernel/elements.ts` computes them. */
export const ELEMENT = {
  copy: 0,
  add: 1,
  multiply: 2,
  /** a·b + c */
  multiplyAdd: 3,
  /** 1 − a */
  complement: 4,
  negate: 5,
  /** a + p */
  offset: 6,
  /** a, no lower than −p and no higher than p */
  clip: 7,
  /** 1 where |a| ≤ p, 0 elsewhere */
  inside: 8,
  zero: 9,
} as const;

/** Elements of the blocks in which element-wise operations run; `BLOCK` of `kernel/elements.ts`. */
export const BLOCK = 512;

/** For the steps of a round, where an instruction takes a number of rows or steps. */
export const ROUND = -1;

const ACTIVATIONS: Readonly<Record<Exclude<Activation['kind'], 'linear'>, number>> = {
  tanh: 16,
  sigmoid: 17,
  relu: 18,
  softplus: 19,
  softsign: 20,
  exponential: 21,
  hardSigmoid: 22,
  elu: 23,
  leakyRelu: 24,
  scaledTanh: 25,
  cappedRelu: 26,
};

/** An element-wise operation with its two numbers. */
export interface Operation {
  readonly code: number;
  readonly numbers: readonly [number, number];
}

/** f(a) */
export function activationOf(f: Activation): Operation {
  // Steps record no linear activations.
  return {code: ACTIVATIONS[f.kind as keyof typeof ACTIVATIONS], numbers: numbersOf(f)};
}

/** a·f′(x) from b = f(x) */
export function slopeOf(f: Activation): Operation {
  const {code, numbers} = activationOf(f);
  return {code: code + 16, numbers};
}

function numbersOf(f: Activation): readonly [number, number] {
  switch (f.kind) {
    case 'hardSigmoid':
      return [f.slope, f.offset];
    case 'elu':
      return [f.alpha, f.scale];
    case 'leakyRelu':
      return [f.alpha, 0];
    case 'scaledTanh':
      return [f.in, f.out];
    case 'cappedRelu':
      return [f.limit, 0];
    default:
      return [0, 0];
  }
}
