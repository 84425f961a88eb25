import type {Activation, Elementary} from './activations';

/** What composite functions are made of: on values of a step's graph, or on tensors. */
export interface Primitives<T> {
  add(a: T, b: T): T;
  mul(a: T, b: T): T;
  negate(x: T): T;
  offset(x: T, by: number): T;
  /** Between −limit and limit. */
  clip(x: T, limit: number): T;
  activate(x: T, f: Elementary): T;
  /** Φ(x), the share of a standard normal distribution below x. */
  normalCdf(x: T): T;
  softmax(x: T): T;
}

/** x·factor of an x that is never below 0. */
const times = <T>(g: Primitives<T>, x: T, factor: number): T =>
  g.activate(x, {kind: 'elu', alpha: 0, scale: factor});

/** √(2/π) and the cube's share in the approximation of Φ by tanh. */
const SLOPE = Math.sqrt(2 / Math.PI);
const CUBE = 0.044715;

/** log √(2π) */
const LOG_NORM = Math.log(2 * Math.PI) / 2;

/** f(x), made of elementary functions. */
export function composed<T>(g: Primitives<T>, f: Activation, x: T): T {
  switch (f.kind) {
    case 'swish':
      return g.mul(x, g.activate(x, {kind: 'sigmoid'}));
    case 'mish':
      return g.mul(x, g.activate(g.activate(x, {kind: 'softplus'}), {kind: 'tanh'}));
    case 'hardSwish':
      return g.mul(x, g.activate(x, {kind: 'hardSigmoid', slope: 1 / 6, offset: 0.5}));
    case 'gelu':
      return g.mul(x, g.normalCdf(x));
    case 'tanhGelu': {
      const inner = g.mul(x, g.offset(times(g, g.mul(x, x), CUBE), 1));
      return g.mul(x, g.offset(g.activate(inner, {kind: 'scaledTanh', in: SLOPE, out: 0.5}), 0.5));
    }
    case 'logSigmoid':
      return g.negate(g.activate(g.negate(x), {kind: 'softplus'}));
    case 'tanhShrink':
      return g.add(x, g.negate(g.activate(x, {kind: 'tanh'})));
    case 'hardTanh':
      return g.clip(x, 1);
    case 'softShrink': {
      const beyond = (side: T): T => g.activate(g.offset(side, -f.threshold), {kind: 'relu'});
      return g.add(beyond(x), g.negate(beyond(g.negate(x))));
    }
    case 'softmax':
      return g.softmax(x);
    default:
      return f.kind === 'linear' ? x : g.activate(x, f);
  }
}

/** The derivative of Φ at x, e^(−x²/2) / √(2π). */
export function normalDensity<T>(g: Primitives<T>, x: T): T {
  const exponent = g.offset(g.negate(times(g, g.mul(x, x), 0.5)), -LOG_NORM);
  return g.activate(exponent, {kind: 'exponential'});
}
