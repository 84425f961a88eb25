/** An element-wise function that every engine computes, with its parameters written out. */
export type Elementary =
  | {readonly kind: 'linear' | 'tanh' | 'sigmoid' | 'relu' | 'softplus' | 'softsign' | 'exponential'}
  /** clip(slope·x + offset, 0, 1) */
  | {readonly kind: 'hardSigmoid'; readonly slope: number; readonly offset: number}
  /** x where x > 0, alpha·(eˣ − 1) elsewhere, all of it times scale (selu: alpha 1.67…, scale 1.05…) */
  | {readonly kind: 'elu'; readonly alpha: number; readonly scale: number}
  /** x where x > 0, alpha·x elsewhere */
  | {readonly kind: 'leakyRelu'; readonly alpha: number}
  /** out · tanh(in · x) */
  | {readonly kind: 'scaledTanh'; readonly in: number; readonly out: number}
  /** clip(x, 0, limit) */
  | {readonly kind: 'cappedRelu'; readonly limit: number};

/** A function that is made of others: steps record those (`composed`). */
export type Composite =
  /** x·sigmoid(x), x·tanh(softplus(x)), x·hardSigmoid(x) with slope 1/6 */
  | {readonly kind: 'swish' | 'mish' | 'hardSwish'}
  /** x·Φ(x), and its approximation by tanh (Hendrycks and Gimpel 2016) */
  | {readonly kind: 'gelu' | 'tanhGelu'}
  /** log(sigmoid(x)), x − tanh(x), clip(x, −1, 1) */
  | {readonly kind: 'logSigmoid' | 'tanhShrink' | 'hardTanh'}
  /** x nearer to 0 by threshold, 0 between −threshold and threshold */
  | {readonly kind: 'softShrink'; readonly threshold: number}
  /** eˣ over the sum of all units' */
  | {readonly kind: 'softmax'};

/** A function of a gate. */
export type Activation = Elementary | Composite;

export const linear: Activation = {kind: 'linear'};
export const tanh: Activation = {kind: 'tanh'};
export const sigmoid: Activation = {kind: 'sigmoid'};
export const relu: Activation = {kind: 'relu'};

/**
 * Whether f(−x) = 1 − f(x), point symmetry about (0, ½): one minus a gate is that gate with its weights negated.
 */
export function isPointSymmetric(f: Activation): boolean {
  return f.kind === 'sigmoid' || (f.kind === 'hardSigmoid' && f.offset === 0.5);
}

/** Two activations are the same function, parameters included. */
export function sameActivation(a: Activation, b: Activation): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
