/**
 * Shapes of the arrays of TensorFlow's cells: what they tell of a cell's arguments, and which cells they cannot be. Source:
 * tensorflow/python/ops/rnn_cell_impl.py and tf.contrib.rnn of 1.15.5.
 */

/** Role → shape. */
export type RoleShapes = ReadonlyMap<string, readonly number[]>;

export interface CellShape {
  readonly config: Record<string, unknown>;
  readonly inputSize: number;
  readonly outputSize: number;
}

/** Undefined where the arrays are not such a cell's. */
type Reader = (shapes: RoleShapes) => CellShape | undefined;

export function shapeOf(className: string, shapes: RoleShapes): CellShape | undefined {
  return READERS[className]?.(shapes);
}

export const shapesFit = (className: string, shapes: RoleShapes): boolean =>
  shapeOf(className, shapes) !== undefined;

/** x and h stacked in one kernel; `gates` columns to a unit. */
function stacked(
  gates: number,
  options: {peepholes?: readonly string[]; argument?: string; projection?: boolean} = {},
): Reader {
  const {peepholes = [], argument = 'use_peepholes', projection = false} = options;
  return shapes => {
    const [rows, columns] = matrix(shapes, 'kernel');
    const units = columns / gates;
    const given = peepholes.filter(role => shapes.has(role));
    const size = shapes.get('projection/kernel')?.[1];
    const expected = new Map<string, readonly number[]>([
      ['kernel', [rows, columns]],
      ['bias', [columns]],
      ...given.map(role => [role, [units]] as const),
      ...(projection && size !== undefined ? [['projection/kernel', [units, size]] as const] : []),
    ]);
    const outputSize = size ?? units;
    if (!same(shapes, expected) || (given.length > 0 && given.length < peepholes.length)) return undefined;
    return sized(units, rows - outputSize, outputSize, {
      ...(given.length > 0 ? {[argument]: true} : {}),
      ...(size === undefined ? {} : {num_proj: size}),
    });
  };
}

/** `gates` and `candidate`; the names are those of the four arrays. */
function gru(gates: string, gatesBias: string, candidate: string, candidateBias: string): Reader {
  return shapes => {
    const [rows, columns] = matrix(shapes, gates);
    const units = columns / 2;
    const expected = new Map<string, readonly number[]>([
      [gates, [rows, columns]],
      [gatesBias, [columns]],
      [candidate, [rows, units]],
      [candidateBias, [units]],
    ]);
    return same(shapes, expected) ? sized(units, rows - units, units) : undefined;
  };
}

const cudnnGru: Reader = shapes => {
  const [rows, columns] = matrix(shapes, 'gates/kernel');
  const units = columns / 2;
  const expected = new Map<string, readonly number[]>([
    ['gates/kernel', [rows, columns]],
    ['gates/bias', [columns]],
    ['candidate/input_projection/kernel', [rows - units, units]],
    ['candidate/input_projection/bias', [units]],
    ['candidate/hidden_projection/kernel', [units, units]],
    ['candidate/hidden_projection/bias', [units]],
  ]);
  return same(shapes, expected) ? sized(units, rows - units, units) : undefined;
};

const NORMS = ['input', 'transform', 'forget', 'output', 'state'];

const layerNorm: Reader = shapes => {
  const [rows, columns] = matrix(shapes, 'kernel');
  const units = columns / 4;
  const normed = shapes.has('input/gamma');
  const expected = new Map<string, readonly number[]>([
    ['kernel', [rows, columns]],
    ...(normed
      ? NORMS.flatMap(name => [[`${name}/gamma`, [units]] as const, [`${name}/beta`, [units]] as const])
      : [['bias', [columns]] as const]),
  ]);
  if (!same(shapes, expected)) return undefined;
  return sized(units, rows - units, units, normed ? {} : {layer_norm: false});
};

const nas: Reader = shapes => {
  const [inputSize, columns] = matrix(shapes, 'kernel');
  const units = columns / 8;
  const outputSize = shapes.get('projection_weights')?.[1] ?? units;
  const expected = new Map<string, readonly number[]>([
    ['kernel', [inputSize, columns]],
    ['recurrent_kernel', [outputSize, columns]],
    ...(shapes.has('bias') ? [['bias', [columns]] as const] : []),
    ...(shapes.has('projection_weights') ? [['projection_weights', [units, outputSize]] as const] : []),
  ]);
  if (!same(shapes, expected)) return undefined;
  return sized(units, inputSize, outputSize, {
    ...(shapes.has('bias') ? {use_bias: true} : {}),
    ...(shapes.has('projection_weights') ? {num_proj: outputSize} : {}),
  });
};

/** Each unit sees its own h alone. By what is before a part's roles: its input kernel, and how many gates it has. */
function indy(parts: Readonly<Record<string, readonly [kernel: string, gates: number]>>): Reader {
  return shapes => {
    const [prefix, [kernel, gates]] = Object.entries(parts)[0]!;
    const [inputSize, columns] = matrix(shapes, prefix + kernel);
    const units = columns / gates;
    const expected = new Map<string, readonly number[]>(
      Object.entries(parts).flatMap(([before, [input, count]]) => [
        [before + input, [inputSize, count * units]] as const,
        [`${before}kernel_u`, [1, count * units]] as const,
        [`${before}bias`, [count * units]] as const,
      ]),
    );
    return same(shapes, expected) ? sized(units, inputSize, units) : undefined;
  };
}

const LSTM_PEEPHOLES = ['w_f_diag', 'w_i_diag', 'w_o_diag'];
const lstm = stacked(4, {peepholes: LSTM_PEEPHOLES, projection: true});
const lstmBlock = stacked(4, {peepholes: LSTM_PEEPHOLES, argument: 'use_peephole'});
const gruCell = gru('gates/kernel', 'gates/bias', 'candidate/kernel', 'candidate/bias');
const gruBlock = gru('w_ru', 'b_ru', 'w_c', 'b_c');

const READERS: Readonly<Record<string, Reader>> = {
  BasicLSTMCell: stacked(4),
  LSTMCell: lstm,
  LSTMBlockCell: lstmBlock,
  LSTMBlockFusedCell: lstmBlock,
  CudnnCompatibleLSTMCell: stacked(4),
  CoupledInputForgetGateLSTMCell: stacked(3, {peepholes: ['w_f_diag', 'w_o_diag'], projection: true}),
  LayerNormBasicLSTMCell: layerNorm,
  BasicRNNCell: stacked(1),
  UGRNNCell: stacked(2),
  GRUCell: gruCell,
  GRUBlockCellV2: gruCell,
  // From 1.4 on under GRUCell's names.
  GRUBlockCell: shapes => gruBlock(shapes) ?? gruCell(shapes),
  CudnnCompatibleGRUCell: cudnnGru,
  NASCell: nas,
  IndRNNCell: indy({'': ['kernel_w', 1]}),
  IndyLSTMCell: indy({'': ['kernel_w', 4]}),
  IndyGRUCell: indy({'gates/': ['kernel_w', 2], 'candidate/': ['kernel', 1]}),
};

function matrix(shapes: RoleShapes, role: string): [rows: number, columns: number] {
  const shape = shapes.get(role);
  return shape?.length === 2 ? [shape[0]!, shape[1]!] : [Number.NaN, Number.NaN];
}

function same(shapes: RoleShapes, expected: RoleShapes): boolean {
  if (shapes.size !== expected.size) return false;
  return [...expected].every(([role, shape]) => {
    const given = shapes.get(role);
    return given?.length === shape.length && shape.every((size, axis) => size === given[axis]);
  });
}

function sized(
  units: number,
  inputSize: number,
  outputSize: number,
  others: Record<string, unknown> = {},
): CellShape | undefined {
  if (!Number.isInteger(units) || units < 1 || inputSize < 1) return undefined;
  return {config: {num_units: units, ...others}, inputSize, outputSize};
}
