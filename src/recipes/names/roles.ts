/**
 * What TensorFlow called the arrays of its cells, in every release, said in the words of 1.2 and later. Source:
 * tensorflow/python/ops/rnn_cell.py of 0.12.1, rnn_cell_impl.py of 1.0.1, 1.2.1 and 1.15.5, and tf.contrib.rnn of each.
 */

/** An array's name, taken apart. */
export interface RoleName {
  /** The cell's own scope, as the file spells it. */
  readonly scope: string;
  readonly role: string;
  /** Which part of a sharded weight it is. */
  readonly shard?: number;
}

/** 0.12's `Linear/Matrix`, 1.0's `weights`, 1.2's `kernel`, at the end of a name. */
const WEIGHT = /^(?:Linear\/Matrix|weights|kernel)$/;
const BIAS = /^(?:Linear\/Bias|biases|bias)$/;
/** LSTMCell and its coupled kin before 1.0, and contrib's ever after. */
const SHARD = /^W_(P_)?(\d+)$/;
const DIAGONAL = /^w_([fio])_diag$/i;
/** Roles of cells that have been called the same all along. */
const OWN = /^(?:w_ru|b_ru|w_c|b_c|recurrent_kernel|projection_weights|kernel_w|kernel_u)$/;
const NORM = /^(?:input|transform|forget|output|state)\/(?:gamma|beta)$/;
/** Scopes within a cell, and the longest first. */
const INNER = /(?:^|\/)(candidate\/(?:input|hidden)_projection|gates|candidate|projection)$/i;

/** The scope and role that a name says, if it ends as the arrays of cells do. */
export function roleOf(name: string): RoleName | undefined {
  for (const length of [1, 2]) {
    const found = split(name, length);
    const role = found && roleAt(...found);
    if (role) return role;
  }
  return undefined;
}

/** The role that the end of a name says by itself. */
function roleAt(scope: string, end: string): RoleName | undefined {
  const shard = SHARD.exec(end);
  if (shard) return {scope, role: shard[1] ? 'projection/kernel' : 'kernel', shard: Number(shard[2])};
  const diagonal = DIAGONAL.exec(end);
  if (diagonal) return {scope, role: `w_${diagonal[1]!.toLowerCase()}_diag`};
  if (NORM.test(end)) return {scope, role: end};
  if (WEIGHT.test(end)) return within(scope, 'kernel');
  if (BIAS.test(end) || end === 'B') return within(scope, 'bias');
  return OWN.test(end) ? within(scope, end) : undefined;
}

/** The last `length` parts of a name, and what is before them. */
function split(name: string, length: number): [before: string, end: string] | undefined {
  const parts = name.split('/');
  if (parts.length < length) return undefined;
  return [parts.slice(0, -length).join('/'), parts.slice(-length).join('/')];
}

function within(before: string, role: string): RoleName {
  const inner = INNER.exec(before);
  if (!inner) return {scope: before, role};
  return {scope: before.slice(0, inner.index), role: `${inner[1]!.toLowerCase()}/${role}`};
}

/** A cell's class by the name of its scope: `BasicLSTMCell`, `basic_lstm_cell`, `basic_lstm_cell_1`. */
export function classOf(scope: string): string | undefined {
  const last = scope.split('/').at(-1)!;
  const key = last.replace(/_\d+$/, '').replaceAll('_', '').toLowerCase();
  return CLASSES.get(key);
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ...[
    'BasicLSTMCell',
    'LSTMCell',
    'LSTMBlockCell',
    'GRUCell',
    'GRUBlockCell',
    'GRUBlockCellV2',
    'BasicRNNCell',
    'CudnnCompatibleLSTMCell',
    'CudnnCompatibleGRUCell',
    'CoupledInputForgetGateLSTMCell',
    'LayerNormBasicLSTMCell',
    'UGRNNCell',
    'NASCell',
    'IndRNNCell',
    'IndyGRUCell',
    'IndyLSTMCell',
  ].map(name => [name.toLowerCase(), name] as const),
  ['lstmfusedcell', 'LSTMBlockFusedCell'],
  ['lstmblockwrapper', 'LSTMBlockFusedCell'],
  ['lstmblockfusedcell', 'LSTMBlockFusedCell'],
]);
