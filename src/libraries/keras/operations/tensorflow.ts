import {each, signatures} from './signature';

/** Element-wise functions of one tensor that TensorFlow keeps under these names, and their operations. */
const UNARY = `
  math.exp exp|math.expm1 expm1|math.log log|math.log1p log1p|math.sqrt sqrt|math.rsqrt rsqrt|math.square square|math.abs abs
  math.negative negative|math.sign sign|math.floor floor|math.ceil ceil|math.round round|math.sin sin|math.cos cos|math.tan tan
  math.asin asin|math.acos acos|math.atan atan|math.sinh sinh|math.cosh cosh|math.tanh tanh|math.asinh asinh|math.acosh acosh
  math.atanh atanh|math.erf erf|math.sigmoid sigmoid|math.log_sigmoid logSigmoid|math.softplus softplus
  math.reciprocal reciprocal|math.logical_not logicalNot|math.is_nan isNaN|math.is_inf isInf|math.is_finite isFinite
  identity identity|stop_gradient stopGradient|nn.tanh tanh|nn.sigmoid sigmoid|nn.relu6 relu6|nn.selu selu`;

/** Those of two tensors. */
const BINARY = `
  math.add add|__operators__.add add|math.subtract subtract|math.multiply multiply|math.divide divide|math.truediv divide
  math.divide_no_nan divideNoNan|math.floordiv floorDivide|math.floormod mod|math.mod mod|math.pow power|math.maximum maximum
  math.minimum minimum|math.squared_difference squaredDifference|math.equal equal|__operators__.eq equal
  math.not_equal notEqual|__operators__.ne notEqual|math.greater greater|math.greater_equal greaterEqual|math.less less
  math.less_equal lessEqual|math.logical_and logicalAnd|math.logical_or logicalOr|math.logical_xor logicalXor`;

const REDUCTIONS = `
  reduce_sum sum|reduce_mean mean|reduce_max max|reduce_min min|reduce_prod prod|reduce_any any|reduce_all all
  reduce_variance variance|reduce_std std|reduce_logsumexp logSumExp`;

/**
 * Functions of TensorFlow by the names that tf.keras writes into TFOpLambda and SlicingOpLambda.
 * Source: the signatures of TensorFlow 2.15.
 */
export const TENSORFLOW = signatures(`
  ${each(UNARY, (name, operation) => `${name}(${name.startsWith('nn.relu6') ? 'features' : 'x'}>x, name>): ${operation}`)}
  ${each(BINARY, (name, operation) => `${name}(x, y, name>): ${operation}`)}
  ${each(REDUCTIONS, (name, operation) => `math.${name}(input_tensor>x, axis, keepdims, name>): ${operation}`)}
  __operators__.getitem(tensor>x, slice_spec>key, var>): item
  nn.relu(features>x, name>): relu
  nn.elu(features>x, name>): elu
  nn.softsign(features>x, name>): softsign
  math.softsign(features>x, name>): softsign
  nn.leaky_relu(features>x, alpha>slope, name>): leakyRelu
  nn.gelu(features>x, approximate, name>): gelu
  nn.silu(features>x): silu
  nn.swish(features>x): silu
  nn.softplus(features>x, name>): softplus
  nn.softmax(logits>x, axis, name>): softmax
  nn.log_softmax(logits>x, axis, name>): logSoftmax
  math.l2_normalize(x, axis, epsilon, name>): l2Normalize
  math.add_n(inputs, name>): addN
  math.argmax(input>x, axis, output_type>, name>): argmax {"axis": 0}
  math.argmin(input>x, axis, output_type>, name>): argmin {"axis": 0}
  math.cumsum(x, axis, exclusive, reverse, name>): cumsum {"axis": 0}
  math.cumprod(x, axis, exclusive, reverse, name>): cumprod {"axis": 0}
  math.count_nonzero(input>x, axis, keepdims, dtype>, name>): countNonzero
  math.top_k(input>x, k, sorted, name>): topK
  norm(tensor>x, ord>order, axis, keepdims, name>): norm
  linalg.matmul(a>x, b>y, transpose_a>transposeX, transpose_b>transposeY, adjoint_a>transposeX, adjoint_b>transposeY, name>): matmul
  math.atan2(y>x, x>y, name>): atan2
  compat.v1.floor_div(x, y, name>): floorDivide
  compat.v1.norm(tensor>x, ord>order, axis, keepdims, name>, keep_dims>keepdims): norm
  compat.v1.transpose(a>x, perm>axes, name>, conjugate>): transpose
  compat.v1.squeeze(input>x, axis, name>, squeeze_dims>axis): squeeze
  compat.v1.pad(tensor>x, paddings, mode, name>, constant_values>value): pad
  concat(values>inputs, axis, name>): concat
  stack(values>inputs, axis, name>): stack
  unstack(value>x, num>, axis, name>): unstack
  split(value>x, num_or_size_splits>count, axis, num>, name>): split
  reshape(tensor>x, shape, name>): reshape
  transpose(a>x, perm>axes, conjugate>, name>): transpose
  expand_dims(input>x, axis, name>): expandDims
  squeeze(input>x, axis, name>): squeeze
  tile(input>x, multiples>repeats, name>): tile
  repeat(input>x, repeats, axis, name>): repeat
  reverse(tensor>x, axis, name>): flip
  pad(tensor>x, paddings, mode, constant_values>value, name>): pad
  broadcast_to(input>x, shape, name>): broadcastTo
  cast(x, dtype, name>): cast
  compat.v1.gather(params>x, indices, validate_indices>, name>, axis, batch_dims>batchDims): gather {"axis": 0}
  gather(params>x, indices, validate_indices>, axis, batch_dims>batchDims, name>): gather {"axis": 0}
  one_hot(indices>x, depth, on_value>on, off_value>off, axis, dtype>, name>): oneHot
  slice(input_>x, begin, size, name>): slice
  where(condition, x, y, name>): where
  compat.v1.where_v2(condition, x, y, name>): where
  clip_by_value(t>x, clip_value_min>min, clip_value_max>max, name>): clip
  zeros_like(input>x, dtype>, name>, layout>): zerosLike
  ones_like(input>x, dtype>, name>, layout>): onesLike
  sequence_mask(lengths>x, maxlen>length, dtype>, name>): sequenceMask
`);
