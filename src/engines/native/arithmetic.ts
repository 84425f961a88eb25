import type {Arithmetic} from '../arithmetic';
import {FLOAT, type GraphWriter} from './graph-def';
import {tensors} from './tensors';

/**
 * Arithmetic that writes graph nodes: values are references to them.
 * @param enter brings a constant into the loop's frame
 */
export function graphArithmetic(g: GraphWriter, enter: (outside: string) => string): Arithmetic<string> {
  const inside = tensors(g, enter);
  const unary =
    (op: string) =>
    (x: string): string =>
      g.add(op, [x], FLOAT);
  const binary =
    (op: string) =>
    (a: string, b: string): string =>
      g.add(op, [a, b], FLOAT);
  const comparison =
    (op: string) =>
    (a: string, b: string): string =>
      g.add('Cast', [g.add(op, [a, b], FLOAT)], {SrcT: {type: 'bool'}, DstT: {type: 'float32'}});
  return {
    scalar: value => enter(g.constant(value, 'float32')),
    add: binary('AddV2'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('RealDiv'),
    minimum: binary('Minimum'),
    maximum: binary('Maximum'),
    greater: comparison('Greater'),
    less: comparison('Less'),
    lessEqual: comparison('LessEqual'),
    neg: unary('Neg'),
    abs: unary('Abs'),
    square: unary('Square'),
    exp: unary('Exp'),
    expm1: unary('Expm1'),
    rsqrt: unary('Rsqrt'),
    tanh: unary('Tanh'),
    sigmoid: unary('Sigmoid'),
    relu: unary('Relu'),
    softplus: unary('Softplus'),
    leakyRelu: (x, alpha) => g.add('LeakyRelu', [x], {...FLOAT, alpha: {float: alpha}}),
    rowMean: x =>
      g.add('Mean', [x, enter(g.constant([1], 'int32'))], {
        ...FLOAT,
        Tidx: {type: 'int32'},
        keep_dims: {bool: true},
      }),
    product: (x, w, transposed) =>
      g.add('MatMul', [x, w], {...FLOAT, transpose_a: {bool: false}, transpose_b: {bool: transposed}}),
    split: (x, count) => inside.split(x, count, 1),
    concat: parts => inside.concat(parts, 1),
    zerosLike: unary('ZerosLike'),
  };
}
