import {each, signatures} from './signature';

/** Classes of `keras.ops` that are element-wise functions of one tensor, and their operations. */
const UNARY = `
  Abs abs|Absolute abs|Negative negative|Sign sign|Square square|Sqrt sqrt|Rsqrt rsqrt|Reciprocal reciprocal|Exp exp
  Expm1 expm1|Log log|Log1p log1p|Log2 log2|Log10 log10|Floor floor|Ceil ceil|Sin sin|Cos cos|Tan tan|Arcsin asin
  Arccos acos|Arctan atan|Sinh sinh|Cosh cosh|Tanh tanh|Arcsinh asinh|Arccosh acosh|Arctanh atanh|Erf erf
  LogicalNot logicalNot|Isnan isNaN|Isinf isInf|Isfinite isFinite|Relu relu|Relu6 relu6|Sigmoid sigmoid|Softplus softplus
  Softsign softsign|Silu silu|LogSigmoid logSigmoid|HardSigmoid hardSigmoid|HardSilu hardSilu|Selu selu|HardTanh hardTanh
  TanhShrink tanhShrink|Mish mish|StopGradient stopGradient|Copy identity|Positive identity`;

const BINARY = `
  Add add|Subtract subtract|Multiply multiply|TrueDivide divide|Divide divide|DivideNoNan divideNoNan
  FloorDivide floorDivide|Mod mod|Power power|Maximum maximum|Minimum minimum|Equal equal|NotEqual notEqual|Greater greater
  GreaterEqual greaterEqual|Less less|LessEqual lessEqual|LogicalAnd logicalAnd|LogicalOr logicalOr
  LogicalXor logicalXor|Arctan2 atan2|Matmul matmul|Dot dot`;

const REDUCTIONS =
  'Sum sum|Mean mean|Max max|Min min|Amax max|Amin min|Prod prod|Any any|All all|Var variance|Std std|Logsumexp logSumExp';

/**
 * The classes of `keras.ops` as models of Keras 3 hold them: what a call passes, then what the class keeps in its config.
 * Source: keras/src/ops/numpy.py, nn.py, core.py, math.py and operation.py of 3.0.5, 3.10.0 and 3.15.
 */
export const KERAS_OPS = signatures(`
  ${each(UNARY, (name, operation) => `${name}(x): ${operation}`)}
  ${each(BINARY, (name, operation) => `${name}(x1>x, x2>y): ${operation}`)}
  ${each(REDUCTIONS, (name, operation) => `${name}(x; axis, keepdims, initial): ${operation}`)}
  GetItem(x, key): item
  CountNonzero(x; axis): countNonzero
  Argmax(x; axis, keepdims): argmax
  Argmin(x; axis, keepdims): argmin
  Cumsum(x; axis, dtype>): cumsum
  Cumprod(x; axis, dtype>): cumprod
  Round(x; decimals): round
  Clip(x, x_min>min, x_max>max; x_min>min, x_max>max): clip
  Where(condition, x1>x, x2>y): where
  ZerosLike(x, dtype>; dtype>): zerosLike
  OnesLike(x, dtype>; dtype>): onesLike
  LeakyRelu(x; negative_slope>slope): leakyRelu
  Elu(x; alpha): elu
  Celu(x; alpha): celu
  Gelu(x; approximate): gelu
  SoftShrink(x; threshold): softShrink
  HardShrink(x; threshold): hardShrink
  Softmax(x; axis): softmax
  LogSoftmax(x; axis): logSoftmax
  OneHot(x; num_classes>depth, axis, dtype>, sparse>): oneHot
  Normalize(x; axis, order, epsilon): normalize
  Concatenate(xs>inputs, axis; axis): concat
  Stack(x>inputs, axis; axis): stack
  Split(x; indices_or_sections>sections, axis): split
  Unstack(x; num>, axis): unstack
  Reshape(x; newshape>shape): reshape
  Transpose(x; axes): transpose
  Swapaxes(x; axis1, axis2): swapAxes
  Moveaxis(x; source, destination): moveAxis
  ExpandDims(x; axis): expandDims
  Squeeze(x; axis): squeeze
  Tile(x; repeats): tile
  Repeat(x; repeats, axis): repeat
  Flip(x; axis): flip
  Pad(x, constant_values>value; pad_width>paddings, mode): pad
  BroadcastTo(x; shape): broadcastTo
  Take(x, indices; axis): gather {"flat": true}
  Cast(x; dtype): cast
  TopK(x; k, sorted): topK
`);
