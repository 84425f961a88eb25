/**
 * TensorFlow 0.12 to 1.15 and compat.v1 of 2.x: the cells of tf.nn.rnn_cell and tf.contrib.rnn. Source:
 * tensorflow/python/ops/rnn_cell_impl.py, contrib/rnn/python/ops/lstm_ops.py, gru_ops.py,
 * contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py of 1.15.5.
 *
 * - LSTM columns are i, j, f, o (j is the candidate). `forget_bias` is added at run time and never stored.
 * - Gates of BasicLSTMCell and LSTMCell are sigmoids; `activation` is the candidate's and the output's.
 * - x and h are stacked in one kernel: its first rows are x's.
 * - GRU: gates r, u on `[x, h]`, then the candidate on `[x, r·h]`; `h = u·h₋₁ + (1 − u)·c`.
 * - Peepholes of the input and forget gate read the old cell, the output's the new, clipped one.
 * - CudnnCompatible cells: no forget bias; the reset gate acts after the product.
 */

import {
  activation,
  activationArgument,
  boolean,
  initializer,
  integer,
  type Named,
  number,
  parseActivation,
} from '../../dialects/arguments';
import {type CellDialect, cellDialect, type LayerRecurrence, type StateLayout} from '../../dialects/dialect';
import {addedPeepholes} from '../../dialects/shared';
import {sigmoid, tanh} from '../../recurrence/activations';
import {IJFO, peepholeArrays, projectionArray, runs, scope, stackedArrays, TF1} from './shared';

/** A clip that counts: the block ops take −1 for none. */
const clip = (value: number | null | undefined): number | undefined =>
  value != null && value > 0 ? value : undefined;

/** What LSTM cells may have for arguments. */
interface LstmArguments {
  readonly numUnits: number;
  readonly activation?: Named;
  readonly forgetBias?: number;
  /** LSTMCell's word. */
  readonly usePeepholes?: boolean;
  /** LSTMBlockCell's word. */
  readonly usePeephole?: boolean;
  readonly cellClip?: number | null;
  readonly numProj?: number | null;
  readonly projClip?: number | null;
  readonly stateIsTuple?: boolean;
}

/** `LSTMStateTuple(c, h)`, or `[c, h]` in one tensor. */
export const lstmStates = (args: LstmArguments): StateLayout => ({
  order: ['c', 'h'],
  joined: args.stateIsTuple === false,
});

export function lstmRecurrence(args: LstmArguments): ReturnType<CellDialect['recurrence']> {
  const value = args.activation === undefined ? tanh : parseActivation(args.activation, 'tf1: activation');
  return {
    ...runs,
    cell: 'lstm',
    units: args.numUnits,
    bias: true,
    activations: {i: sigmoid, f: sigmoid, o: sigmoid, c: value, h: value},
    forgetBias: args.forgetBias ?? 0,
    peepholes: args.usePeepholes || args.usePeephole ? addedPeepholes : undefined,
    cellClip: clip(args.cellClip),
    projection: args.numProj ?? undefined,
    projectionClip: args.numProj ? clip(args.projClip) : undefined,
  };
}

/** A forget bias in the arrays stays there: `forget_bias` is 0 then. */
export function sayLstm(r: LayerRecurrence): Record<string, unknown> {
  const own = r.peepholes !== undefined;
  return {
    numUnits: r.units,
    forgetBias: r.forgetBias ?? 0,
    activation: activationArgument(r.activations.c),
    usePeepholes: own,
    usePeephole: own,
    cellClip: r.cellClip,
    numProj: r.projection,
    projClip: r.projectionClip,
  };
}

export const basicLSTMCell = cellDialect({
  ...TF1,
  className: 'BasicLSTMCell',
  arguments: {
    numUnits: integer(),
    forgetBias: number(1),
    inputSize: integer(null),
    stateIsTuple: boolean(true),
    activation: activation('tanh'),
    kernelInitializer: initializer('glorotUniform'),
    ...scope,
  },
  arrays: () => stackedArrays(IJFO),
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
});

export const lstmCell = cellDialect({
  ...TF1,
  className: 'LSTMCell',
  arguments: {
    numUnits: integer(),
    usePeepholes: boolean(false),
    cellClip: number(null),
    kernelInitializer: initializer('glorotUniform', 'initializer'),
    numProj: integer(null),
    projClip: number(null),
    numUnitShards: integer(null),
    numProjShards: integer(null),
    forgetBias: number(1),
    stateIsTuple: boolean(true),
    activation: activation('tanh'),
    ...scope,
  },
  arrays: args => [
    ...stackedArrays(IJFO),
    ...(args.usePeepholes ? peepholeArrays(['f', 'i', 'o']) : []),
    ...(args.numProj ? [projectionArray] : []),
  ],
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
});

/** The fused op has no words for other activations. */
const blockArguments = {
  numUnits: integer(),
  forgetBias: number(1),
  cellClip: number(null),
  usePeephole: boolean(false),
  kernelInitializer: initializer('glorotUniform'),
  ...scope,
};

export const lstmBlockCell = cellDialect({
  ...TF1,
  className: 'LSTMBlockCell',
  arguments: blockArguments,
  arrays: args => [...stackedArrays(IJFO), ...(args.usePeephole ? peepholeArrays(['i', 'f', 'o']) : [])],
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
});

/** The same over a whole sequence; always time-major in the library. */
export const lstmBlockFusedCell = cellDialect({...lstmBlockCell, className: 'LSTMBlockFusedCell'});

export const cudnnCompatibleLSTMCell = cellDialect({
  ...TF1,
  className: 'CudnnCompatibleLSTMCell',
  arguments: {numUnits: integer(), kernelInitializer: initializer('glorotUniform'), ...scope},
  arrays: () => stackedArrays(IJFO),
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
});
