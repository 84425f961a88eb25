import * as tf from '@tensorflow/tfjs-core';
import {functionOf, hardSigmoid} from '../functions';
import type {Arguments, Operation, Operations} from './arguments';

/* What works on each element by itself, of one tensor or of two that are broadcast together. */

/** Functions of numbers: whole numbers and truth values become float32 first. */
const UNARY: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  exp: x => tf.exp(x),
  expm1: x => tf.expm1(x),
  log: x => tf.log(x),
  log1p: x => tf.log1p(x),
  log2: x => tf.div(tf.log(x), Math.LN2),
  log10: x => tf.div(tf.log(x), Math.LN10),
  sqrt: x => tf.sqrt(x),
  rsqrt: x => tf.rsqrt(x),
  reciprocal: x => tf.div(1, x),
  sin: x => tf.sin(x),
  cos: x => tf.cos(x),
  tan: x => tf.tan(x),
  asin: x => tf.asin(x),
  acos: x => tf.acos(x),
  atan: x => tf.atan(x),
  sinh: x => tf.sinh(x),
  cosh: x => tf.cosh(x),
  tanh: x => tf.tanh(x),
  asinh: x => tf.asinh(x),
  acosh: x => tf.acosh(x),
  atanh: x => tf.atanh(x),
  erf: x => tf.erf(x),
  sigmoid: x => tf.sigmoid(x),
  softplus: x => tf.softplus(x),
  softsign: x => tf.div(x, tf.add(tf.abs(x), 1)),
  silu: x => tf.mul(x, tf.sigmoid(x)),
  mish: x => tf.mul(x, tf.tanh(tf.softplus(x))),
  selu: x => tf.selu(x),
  relu6: x => tf.clipByValue(x, 0, 6),
  hardSigmoid,
  isNaN: x => tf.isNaN(x),
  isFinite: x => tf.isFinite(x),
  isInf: x => tf.isInf(x),
};

/** Functions that whole numbers keep their type in. */
const SAME_TYPE: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  identity: x => tf.clone(x),
  negative: x => tf.neg(x),
  abs: x => tf.abs(x),
  sign: x => tf.sign(x),
  square: x => tf.square(x),
  floor: x => tf.floor(x),
  ceil: x => tf.ceil(x),
  relu: x => tf.relu(x),
  zerosLike: x => tf.zerosLike(x),
  onesLike: x => tf.onesLike(x),
};

const BINARY: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: (a, b) => tf.add(a, b),
  subtract: (a, b) => tf.sub(a, b),
  multiply: (a, b) => tf.mul(a, b),
  divide: (a, b) => tf.div(asFloat(a), asFloat(b)),
  divideNoNan: (a, b) => tf.divNoNan(asFloat(a), asFloat(b)),
  floorDivide: (a, b) =>
    a.dtype === 'int32' && b.dtype === 'int32' ? tf.floorDiv(a, b) : tf.floor(tf.div(a, b)),
  mod: (a, b) => tf.mod(a, b),
  power: (a, b) => tf.pow(a, b),
  maximum: (a, b) => tf.maximum(a, b),
  minimum: (a, b) => tf.minimum(a, b),
  squaredDifference: (a, b) => tf.squaredDifference(a, b),
  atan2: (a, b) => tf.atan2(a, b),
  equal: (a, b) => tf.equal(a, b),
  notEqual: (a, b) => tf.notEqual(a, b),
  greater: (a, b) => tf.greater(a, b),
  greaterEqual: (a, b) => tf.greaterEqual(a, b),
  less: (a, b) => tf.less(a, b),
  lessEqual: (a, b) => tf.lessEqual(a, b),
  logicalAnd: (a, b) => tf.logicalAnd(asBool(a), asBool(b)),
  logicalOr: (a, b) => tf.logicalOr(asBool(a), asBool(b)),
  logicalXor: (a, b) => tf.logicalXor(asBool(a), asBool(b)),
};

export const asFloat = (x: tf.Tensor): tf.Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));
export const asBool = (x: tf.Tensor): tf.Tensor => (x.dtype === 'bool' ? x : tf.notEqual(x, 0));
/** Truth values count as 0 and 1 where they are computed with. */
export const asNumber = (x: tf.Tensor): tf.Tensor => (x.dtype === 'bool' ? tf.cast(x, 'int32') : x);

/** Comparisons, logic and rounding: what has no slope. */
export const ELEMENT_STEPS: readonly string[] = [
  ...['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'],
  ...['logicalAnd', 'logicalOr', 'logicalXor', 'logicalNot', 'isNaN', 'isFinite', 'isInf'],
  ...['sign', 'floor', 'ceil', 'round', 'floorDivide', 'zerosLike', 'onesLike'],
];

const COMPARES = /^(equal|notEqual|logical)/;

const mapped = <F>(functions: Readonly<Record<string, F>>, make: (f: F, name: string) => Operation) =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, make(f, name)]));

/** A function of layers outside of cells; its parameters by the names that the operation has for them. */
const sameAs =
  (
    name: string,
    parameters: Readonly<Record<string, {readonly argument: string; readonly fallback: number}>> = {},
  ): Operation =>
  args => {
    const values = Object.entries(parameters).map(
      ([own, {argument, fallback}]) => [own, args.number(argument, fallback)] as const,
    );
    return functionOf(name)(asFloat(args.tensor('x')), Object.fromEntries(values));
  };

const ALPHA = {alpha: {argument: 'alpha', fallback: 1}};
const THRESHOLD = {threshold: {argument: 'threshold', fallback: 0.5}};

export const ELEMENT_WISE: Operations = {
  ...mapped(UNARY, f => args => f(asFloat(args.tensor('x')))),
  ...mapped(SAME_TYPE, f => args => f(asNumber(args.tensor('x')))),
  ...mapped(BINARY, (f, name) => args => {
    const [a, b] = args.pair('x', 'y');
    return COMPARES.test(name) ? f(a, b) : f(asNumber(a), asNumber(b));
  }),
  logicalNot: args => tf.logicalNot(asBool(args.tensor('x'))),
  /** Halves go to the even number, as in numpy. */
  round: args => {
    if (args.number('decimals', 0) !== 0) throw args.odd('decimals', '0');
    return tf.round(asNumber(args.tensor('x')));
  },
  stopGradient: args => stopped(args.tensor('x')),
  addN: args => tf.addN(args.tensors('inputs')),
  where: args => {
    const [a, b] = args.pair('x', 'y');
    return tf.where(asBool(args.tensor('condition')), a, b);
  },
  clip: args =>
    tf.minimum(
      tf.maximum(args.tensor('x'), args.tensor('min', args.tensor('x'))),
      args.tensor('max', args.tensor('x')),
    ),
  cast: args => tf.cast(args.tensor('x'), dtypeOf(args)),
  logSigmoid: sameAs('logSigmoid'),
  hardSilu: sameAs('hardSwish'),
  hardTanh: sameAs('hardTanh'),
  tanhShrink: sameAs('tanhShrink'),
  elu: sameAs('elu', ALPHA),
  celu: sameAs('celu', ALPHA),
  leakyRelu: sameAs('leakyRelu', {alpha: {argument: 'slope', fallback: 0.2}}),
  softShrink: sameAs('softShrink', THRESHOLD),
  hardShrink: sameAs('hardShrink', THRESHOLD),
  gelu: args => {
    const x = asFloat(args.tensor('x'));
    const inner = args.flag('approximate')
      ? tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))))
      : tf.erf(tf.div(x, Math.SQRT2));
    return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
  },
};

const stopped = tf.customGrad(x => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));

/** Types of TensorFlow and Keras by the types of tfjs. */
const DTYPES: ReadonlyMap<string, 'float32' | 'int32' | 'bool'> = new Map([
  ...['float16', 'bfloat16', 'float32', 'float64', 'half', 'double'].map(name => [name, 'float32'] as const),
  ...['int8', 'uint8', 'int16', 'uint16', 'int32', 'int64'].map(name => [name, 'int32'] as const),
  ['bool', 'bool'] as const,
]);

/** float32 for all floats, int32 for whole numbers: they are all there is to compute with. */
export function dtypeOf(args: Arguments, fallback = 'float32'): 'float32' | 'int32' | 'bool' {
  const name = args.text('dtype', fallback).replace(/^(tf\.|<dtype: ')|'>$/g, '');
  const dtype = DTYPES.get(name);
  if (dtype) return dtype;
  throw args.odd('dtype', `one of ${[...DTYPES.keys()].join(', ')}`);
}
