import {
  BOOL,
  bare,
  bools,
  FLOAT,
  f,
  float,
  floats,
  INT,
  INT64,
  i32,
  i64,
  type OperationCase,
  one,
  types,
} from './case';

const NUMBERS = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0, -3, 100, -100, 1e-6, 3.7];
const x = f([3, 4], NUMBERS);
const special = f([5], [Number.NaN, Infinity, -Infinity, 0, 1]);
const within = f([5], [-0.99, -0.3, 0, 0.4, 0.99]);
const positive = f([6], [1e-6, 0.3, 1, 2.5, 100, 1e6]);
const whole = i32([6], [-7, -2, 0, 1, 5, 100000]);

const unary = (ops: string, ...inputs: OperationCase['inputs']): OperationCase[] =>
  ops.split(/\s+/).flatMap(op => inputs.map(input => one(op, [input])));

const binary = (ops: string, ...inputs: OperationCase['inputs'][]): OperationCase[] =>
  ops.split(/\s+/).flatMap(op => inputs.map(pair => one(op, pair)));

const pairs = [
  [f([2, 3], [7, -7, 7, -7, 0, 2.5]), f([2, 3], [3, 3, -3, -3, 2, -1])],
  [f([2, 3], [7, -7, 7, -7, 0, 2.5]), f([3], [3, -3, 0.5])],
  [f([2, 1], [7, -7]), f([1, 3], [3, -3, 0.5])],
];
const wholePairs = [
  [i32([6], [7, -7, 7, -7, 0, 9]), i32([6], [3, 3, -3, -3, 2, 3])],
  [i32([6], [7, -7, 7, -7, 0, 9]), i32([], [-2])],
];
const truths = [bools([4], [0, 0, 1, 1]), bools([4], [0, 1, 0, 1])];

/** Operations element by element. */
export const elementWise: readonly OperationCase[] = [
  ...unary(
    'Abs Asinh Atan Ceil Cos Elu Expm1 Floor Neg Relu Relu6 Round Rint Selu Sigmoid Sign Sin Softplus Softsign Square Tan Tanh',
    x,
  ),
  ...unary(
    'Identity OnesLike ZerosLike StopGradient IsFinite IsInf IsNan Snapshot PreventGradient',
    x,
    special,
  ),
  ...unary('Exp Cosh Sinh Erf', f([8], [-2.5, -1, -0.1, 0, 1e-6, 0.3, 1, 2.5])),
  ...unary('Acos Asin Atanh', within),
  ...unary('Acosh', f([4], [1, 1.5, 3, 100])),
  ...unary('Log Log1p Sqrt Rsqrt Reciprocal Inv', positive),
  ...unary('Abs Neg Sign Square Identity OnesLike ZerosLike Relu Relu6', whole),
  ...unary('Round', f([6], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5])),
  ...unary('Relu Relu6 Elu Selu Sigmoid Softplus Tanh Sign', special),
  ...unary('Softmax LogSoftmax', f([2, 3]), f([2, 2, 3]), f([4])),
  one('CheckNumerics', [x], {message: {s: new Uint8Array()}}),
  one('RefIdentity', [f([3], [1, 2, 3])], {}, {expected: [[1, 2, 3]]}),
  bare('LogicalNot', [bools([2], [0, 1])]),
  bare('LogicalAnd', truths),
  bare('LogicalOr', truths),
  bare('LogicalAnd', [bools([2, 1], [0, 1]), bools([2], [0, 1])]),
  one('LeakyRelu', [x]),
  one('LeakyRelu', [x], {alpha: float(0.1)}),
  one('LeakyRelu', [x], {alpha: float(0)}),
  ...binary(
    'Add AddV2 Sub Mul Div RealDiv DivNoNan Maximum Minimum Mod FloorMod FloorDiv SquaredDifference Atan2',
    ...pairs,
  ),
  ...binary(
    'Add AddV2 Sub Mul Div Maximum Minimum Mod FloorMod FloorDiv SquaredDifference TruncateDiv TruncateMod',
    ...wholePairs,
  ),
  ...binary('TruncateMod Xdivy', ...pairs),
  ...binary('Xlogy', [f([4], [0, 0, 1, 2]), f([4], [0, 1, 2, 3])]),
  ...binary('DivNoNan', [f([3], [1, 0, -1]), f([3], [0, 0, 2])]),
  ...binary(
    'Pow',
    [f([3], [2, 0.5, 3]), f([3], [3, -2, 0.5])],
    [i32([4], [2, -3, 5, 1]), i32([4], [3, 3, 0, 9])],
  ),
  ...binary('Equal NotEqual Greater GreaterEqual Less LessEqual', ...pairs, ...wholePairs, [
    special,
    special,
  ]),
  ...binary('Equal NotEqual', truths),
  one('AddN', [f([2, 2]), f([2, 2], 2), f([2, 2], 3)], {N: {i: 3}}),
  one('AddN', [i32([2], [1, 2]), i32([2], [5, -7])], {N: {i: 2}}),
  bare('ApproximateEqual', [f([3], [1, 2, 3]), f([3], [1.000001, 2.1, 3])], {T: FLOAT}),
  bare('ApproximateEqual', [f([3], [1, 2, 3]), f([3], [1.000001, 2.1, 3])], {
    T: FLOAT,
    tolerance: float(0.2),
  }),
  one('ClipByValue', [x, f([], [-1]), f([], [2])]),
  one('ClipByValue', [whole, i32([], [-3]), i32([], [7])]),
  one('ClipByValue', [f([2, 2]), f([2, 2], [-1, 0, -2, -0.5]), f([2, 2], [1, 0.5, 0, 0.1])]),
  bare('Cast', [f([6], [-1.7, -0.2, 0, 0.9, 1.9, 100.5])], {SrcT: FLOAT, DstT: INT}),
  bare('Cast', [f([6], [-1.7, -0.2, 0, 0.9, 1.9, 100.5])], {SrcT: FLOAT, DstT: INT64}),
  bare('Cast', [f([6], [-1.7, -0.2, 0, 0.9, 1.9, 100.5])], {SrcT: FLOAT, DstT: BOOL}),
  bare('Cast', [whole], {SrcT: INT, DstT: FLOAT}),
  bare('Cast', [whole], {SrcT: INT, DstT: BOOL}),
  bare('Cast', [bools([2], [0, 1])], {SrcT: BOOL, DstT: FLOAT}),
  bare('Cast', [bools([2], [0, 1])], {SrcT: BOOL, DstT: INT}),
  bare('Cast', [i64([2], [0, 7])], {SrcT: INT64, DstT: FLOAT}),
  bare('Cast', [f([3], [-1.7, 3, 300])], {SrcT: FLOAT, DstT: {type: 4}}, {refused: /uint8/}),
  one('Select', [bools([2], [1, 0]), f([2, 2]), f([2, 2], 2)], {T: FLOAT}),
  one('Select', [bools([2, 2], [1, 0, 0, 1]), f([2, 2]), f([2, 2], 2)], {T: FLOAT}),
  one('Select', [bools([], [0]), f([2, 2]), f([2, 2], 2)], {T: FLOAT}),
  one('SelectV2', [bools([2], [1, 0]), f([2, 2]), f([2, 2], 2)], {T: FLOAT}),
  one('SelectV2', [bools([2, 1], [1, 0]), f([1, 2]), f([2, 2], 2)], {T: FLOAT}),
  one('SelectV2', [bools([2], [1, 0]), i32([2], [1, 2]), i32([], [5])], {T: INT}),
  one('L2Loss', [f([2, 3])]),
  one('Bucketize', [f([4], [-5, 1, 2.5, 10])], {boundaries: floats(0, 1, 5)}),
  bare('IdentityN', [f([2]), i32([1], [3])], {T: types(1, 3)}, {outputs: 2}),
  bare('Print', [f([2]), f([1])], {T: FLOAT, U: types(1)}),
  bare('PlaceholderWithDefault', [f([2])], {dtype: FLOAT, shape: {shape: {dim: [], unknownRank: true}}}),
];
