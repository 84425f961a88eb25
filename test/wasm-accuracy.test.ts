import test from 'ava';
import {BUILDS, makeKernel} from '../src/engines/wasm/run/kernel';
import type {Elementary} from '../src/recurrence/activations';
import {onKernel} from './support/wasm-kernel';

/**
 * The kernel's functions against float64, over all of float32, in ULPs: distances of float32's numbers at the exact
 * result (below the normal range: of its smallest number). A correctly rounded result is off by half of one at most.
 */

interface Function {
  readonly name: string;
  readonly activation: Elementary;
  readonly exact: (x: number) => number;
  /** ULPs. Just above the worst of every number between 2⁻²⁸ and 2⁷, with either sign, in any build. */
  readonly bound: number;
}

const FUNCTIONS: readonly Function[] = [
  {name: 'exp', activation: {kind: 'exponential'}, exact: Math.exp, bound: 1.1},
  {name: 'tanh', activation: {kind: 'tanh'}, exact: Math.tanh, bound: 2.7},
  {name: 'sigmoid', activation: {kind: 'sigmoid'}, exact: x => 1 / (1 + Math.exp(-x)), bound: 2.5},
  {
    name: 'expm1 (in elu)',
    activation: {kind: 'elu', alpha: 1, scale: 1},
    exact: x => (x > 0 ? x : Math.expm1(x)),
    bound: 1.2,
  },
  {
    name: 'softplus',
    activation: {kind: 'softplus'},
    exact: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    bound: 3,
  },
];

/** Every so manieth of float32's bit patterns: zeros, infinities, numbers below the normal range and NaN are among them. */
const EVERY = 2 ** 12;

/** Where all numbers are tried, with either sign. */
const INTERVALS: readonly (readonly [number, number])[] = [
  // The smallest ones; the border of the normal range.
  [0, 2 ** -140],
  [2 ** -126 - 2 ** -138, 2 ** -126 + 2 ** -138],
  // The next power of two begins: of tanh, of the others.
  [0.17328, 0.17329],
  [0.3465, 0.3467],
  [1.0397, 1.0398],
  // The worst of expm1, tanh, sigmoid.
  [0.2845, 0.2847],
  [0.062, 0.0625],
  [4.155, 4.16],
  // tanh reaches 1; −1 is all that is left of expm1.
  [9, 9.1],
  [17, 17.5],
  // Results leave the normal range, overflow, become 0.
  [87.3, 87.4],
  [88.7, 88.8],
  [103.9, 104.1],
];

const float = new Float32Array(1);
const pattern = new Uint32Array(float.buffer);
const patternOf = (x: number): number => {
  float[0] = x;
  return pattern[0]!;
};

function sample(): Float32Array {
  const patterns: number[] = [];
  for (let each = 0; each < 2 ** 32; each += EVERY) patterns.push(each);
  for (const [low, high] of INTERVALS) {
    for (let each = patternOf(low); each <= patternOf(high); each++) patterns.push(each, each + 2 ** 31);
  }
  return new Float32Array(Uint32Array.from(patterns).buffer);
}

/** Infinity as the number that would come next: one ULP above the largest. */
const OVERFLOW = 2 ** 128;

/** By the exponent as float32 has it. */
const ULPS = Float64Array.from({length: 256}, (_, k) => 2 ** (Math.min(254, Math.max(1, k)) - 150));

function ulpAt(x: number): number {
  return ULPS[(patternOf(x) >>> 23) & 255]!;
}

function ulpsOff(got: number, exact: number): number {
  const within = (x: number): number => Math.max(-OVERFLOW, Math.min(OVERFLOW, x));
  return Math.abs(within(got) - within(exact)) / ulpAt(exact);
}

interface Worst {
  readonly ulps: number;
  readonly x: number;
  readonly got: number;
}

/** NaN for a number, or a number for NaN, is infinitely far off. */
function worstOf(x: Float32Array, got: Float32Array, exact: Float64Array): Worst {
  // As much as rounding costs.
  let [ulps, worst] = [0.5, 0];
  for (let k = 0; k < x.length; k++) {
    const want = exact[k]!;
    if (Object.is(Math.fround(want), got[k]!)) continue;
    const off =
      Number.isNaN(want) || Number.isNaN(got[k]!) ? Number.POSITIVE_INFINITY : ulpsOff(got[k]!, want);
    if (off > ulps) [ulps, worst] = [off, k];
  }
  return {ulps, x: x[worst]!, got: got[worst]!};
}

const kernels = BUILDS.flatMap(build => makeKernel(false, [build]) ?? []);
const x = sample();

test('every runtime takes the builds with and without SIMD, and says which has relaxed SIMD', t => {
  t.log(`builds: ${kernels.map(({build}) => build).join(', ')}`);
  t.deepEqual(kernels.map(({build}) => build).slice(-2), ['simd', 'scalar']);
  // Relaxed SIMD came with V8 11.4: Node 21 and later.
  t.is(kernels.length, Number.parseInt(process.versions.node, 10) > 20 ? 3 : 2);
});

for (const {name, activation, exact, bound} of FUNCTIONS) {
  test(`${name} is off by at most ${bound} ULPs over all of float32, in every build`, t => {
    const wanted = Float64Array.from(x, exact);
    for (const kernel of kernels) {
      const {ulps, ...where} = worstOf(x, onKernel(kernel, activation, x), wanted);
      t.log(`${kernel.build}: ${ulps.toFixed(3)} ULPs at ${where.x}, ${where.got}; ${x.length} numbers`);
      t.true(ulps <= bound);
    }
  });
}

for (const kernel of kernels) {
  test(`the functions' limits, zeros and NaN are those of float64 in the ${kernel.build} build`, t => {
    const {POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN: none} = Number;
    const at = [NEGATIVE_INFINITY, POSITIVE_INFINITY, -0, 0, none];
    const valuesOf = ({activation}: Function): number[] => [
      ...onKernel(kernel, activation, Float32Array.from(at)),
    ];
    const [exp, tanh, sigmoid, elu, softplus] = FUNCTIONS.map(valuesOf);
    t.deepEqual(exp, [0, POSITIVE_INFINITY, 1, 1, none]);
    t.deepEqual(tanh, [-1, 1, -0, 0, none]);
    t.deepEqual(sigmoid, [0, 1, 0.5, 0.5, none]);
    // Of elu's zeros only the size is kept.
    t.deepEqual(elu, [-1, POSITIVE_INFINITY, 0, 0, none]);
    const ln2 = Math.fround(Math.LN2);
    t.deepEqual(softplus, [0, POSITIVE_INFINITY, ln2, ln2, none]);
  });

  test(`results of exp and sigmoid below the normal range are computed, not cut off, in the ${kernel.build} build`, t => {
    const below = Float32Array.from({length: 1000}, (_, k) => -88 - k / 64);
    for (const {activation, exact, bound} of [FUNCTIONS[0]!, FUNCTIONS[2]!]) {
      const got = onKernel(kernel, activation, below);
      const worst = worstOf(below, got, Float64Array.from(below, exact));
      t.true(worst.ulps <= bound);
      t.true(got.every(y => y > 0 && y < 2 ** -126));
    }
  });

  test(`tanh of the smallest numbers is these numbers, signs and all, in the ${kernel.build} build`, t => {
    const small = x.filter(each => Math.abs(each) < 2 ** -26);
    t.true(small.length > 400_000);
    const got = onKernel(kernel, {kind: 'tanh'}, small);
    t.is(
      small.findIndex((each, k) => !Object.is(got[k], each)),
      -1,
    );
  });
}

test('a difference of one number of float32 is one ULP, at every size', t => {
  for (const size of [2 ** -149, 2 ** -126, 1, 1.5, 2 ** 127]) {
    t.is(ulpsOff(size, size), 0);
    t.is(ulpsOff(size + ulpAt(size), size), 1);
  }
  t.is(ulpsOff(Number.POSITIVE_INFINITY, 2 ** 128 - 2 ** 104), 1);
  t.is(ulpsOff(0, 2 ** -149), 1);
});
