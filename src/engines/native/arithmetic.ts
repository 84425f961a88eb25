import type {Arithmetic} from '../arithmetic';
import type {Frame} from './control-flow';
import {FLOAT, type GraphWriter} from './graph-def';
import {tensors} from './tensors';

/** TensorFlow's own operations for dy·f′(x), from y = f(x) and dy; what of them is not used is never run. */
const GRADIENTS: Readonly<Record<string, string>> = {sigmoid: 'SigmoidGrad', tanh: 'TanhGrad'};

/**
 * Arithmetic that writes graph nodes: values are references to them.
 * @param enter brings a constant into the loop where the nodes are
 */
export function graphArithmetic(g: GraphWriter, {enter}: Frame): Arithmetic<string> {
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
  const reduced = (op: 'Sum' | 'Mean', x: string): string =>
    g.add(op, [x, enter(g.constant([1], 'int32'))], {
      ...FLOAT,
      Tidx: {type: 'int32'},
      keep_dims: {bool: true},
    });
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
    erf: unary('Erf'),
    softmax: unary('Softmax'),
    rowSum: x => reduced('Sum', x),
    rowMean: x => reduced('Mean', x),
    // Weights of transposed products come in transposed (`Layout.fixedLeaves`).
    product: (x, w) => inside.matMul(x, w),
    split: (x, count) => inside.split(x, count, 1),
    concat: parts => inside.concat(parts, 1),
    zerosLike: unary('ZerosLike'),
    through: (f, y, dy) => {
      const op = GRADIENTS[f.kind];
      return op && g.add(op, [y, dy], FLOAT);
    },
  };
}
