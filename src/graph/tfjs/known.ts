/**
 * The operations that TensorFlow.js' graph executor runs in one go. Source: @tensorflow/tfjs-converter 4.22.0,
 * operations/op_list, without control flow, tables, text and what depends on more than its inputs.
 */
export const TFJS_OPERATIONS: ReadonlySet<string> = new Set(
  `Abs Acos Acosh Add AddN AddV2 All Any ArgMax ArgMin Asin Asinh Atan Atan2 Atanh AvgPool AvgPool3D BatchMatMul
   BatchMatMulV2 BatchToSpaceND Bincount BroadcastArgs BroadcastTo Cast Ceil Concat ConcatV2
   Const Conv2D Conv2DBackpropInput Conv3D Cos Cosh CropAndResize DenseBincount
   DepthwiseConv2dNative Dilation2D DivNoNan Einsum Elu Equal Erf Exp ExpandDims
   Expm1 Fill Floor FloorMod Gather GatherNd GatherV2 Greater
   GreaterEqual Identity IdentityN IsFinite IsInf IsNan LRN LeakyRelu Less LessEqual LinSpace Log Log1p LogSoftmax
   LogicalAnd LogicalNot LogicalOr LowerBound MatMul Max MaxPool MaxPool3D Maximum Min Minimum MirrorPad
   Mul Neg NotEqual OnesLike Pack Pad PadV2 Placeholder Pow Prod Range Rank RealDiv Reciprocal Relu
   Relu6 Reshape ResizeBilinear ResizeNearestNeighbor Reverse ReverseV2 Round Rsqrt ScatterNd SelectV2 Selu Shape
   Sigmoid Sin Sinh Size Slice Softmax Softplus SpaceToBatchND SparseToDense Split SplitV Sqrt Square
   SquaredDifference Squeeze StopGradient StridedSlice Sub Sum Tan Tanh TensorScatterUpdate Tile TopKV2 Transpose Unique
   UniqueV2 Unpack UpperBound ZerosLike`.split(/\s+/),
);

/** What hands on its first input: TensorFlow's checks, and what stops gradients. */
export const PASSING: ReadonlySet<string> = new Set([
  'CheckNumerics',
  'Snapshot',
  'PreventGradient',
  'Print',
  'PlaceholderWithDefault',
  'StopGradient',
  'RefIdentity',
]);
