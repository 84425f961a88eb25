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
  type Arguments,
  activation,
  activationArgument,
  boolean,
  initializer,
  integer,
  number,
  other,
  parseActivation,
} from '../../dialects/arguments';
import {type ArraySpec, kernelRows, type RowBlock, recurrentRows} from '../../dialects/arrays';
import type {CellDialect, LayerRecurrence, StateLayout} from '../../dialects/dialect';
import {addedPeepholes} from '../../dialects/shared';
import {sigmoid, tanh} from '../../recurrence/activations';
import type {Gate, PeepholeGate} from '../../recurrence/types';

const LIBRARY = {library: 'tf1', defaultVersion: '1.15.5'};

/** Settings of variables, which have no say in what a cell computes. */
export const scope = {reuse: other(), name: other(), dtype: other()};

/** Past a row's length outputs are zero and states are held; backward outputs are put into time order. */
export const runs = {mask: 'holdZero', direction: 'forward', outputOrder: 'time'} as const;

/** Columns of an LSTM's arrays. */
const IJFO = ['i', 'c', 'f', 'o'] as const;
const stacked: readonly RowBlock[] = [kernelRows, recurrentRows];
const biasBand: readonly RowBlock[] = [{weight: 'bias', rows: 0}];

export function stackedArrays(
  gates: readonly Gate[],
  prefix = '',
  biasInit: ArraySpec['init'] = 'zeros',
): ArraySpec[] {
  return [
    {name: `${prefix}kernel`, gates, rowBlocks: stacked, init: 'kernelInitializer'},
    {name: `${prefix}bias`, gates, rowBlocks: biasBand, init: biasInit},
  ];
}

/** Diagonal peepholes, in the order of their creation. */
export function peepholeArrays(gates: readonly PeepholeGate[]): ArraySpec[] {
  return gates.map(gate => ({
    name: `w_${gate}_diag`,
    gates: [],
    rowBlocks: [{weight: `peephole.${gate}`, rows: 0}],
    init: 'kernelInitializer',
  }));
}

export const projectionArray: ArraySpec = {
  name: 'projection/kernel',
  gates: [],
  columns: 'output',
  rowBlocks: [{weight: 'projection', rows: 'units'}],
  init: 'kernelInitializer',
};

/** `LSTMStateTuple(c, h)`, or `[c, h]` in one tensor. */
export const lstmStates = (args: Arguments): StateLayout => ({
  order: ['c', 'h'],
  joined: args.stateIsTuple === false,
});

const optional = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A clip that counts: the block ops take −1 for none. */
const clip = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;

export function lstmRecurrence(args: Arguments): ReturnType<CellDialect['recurrence']> {
  const value = args.activation === undefined ? tanh : parseActivation(args.activation, 'tf1: activation');
  return {
    ...runs,
    cell: 'lstm',
    units: args.numUnits as number,
    bias: true,
    activations: {i: sigmoid, f: sigmoid, o: sigmoid, c: value, h: value},
    forgetBias: (args.forgetBias as number | undefined) ?? 0,
    peepholes: args.usePeepholes || args.usePeephole ? addedPeepholes : undefined,
    cellClip: clip(args.cellClip),
    projection: optional(args.numProj),
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

export const sayOneActivation = (r: LayerRecurrence): Record<string, unknown> => ({
  numUnits: r.units,
  activation: activationArgument(r.activations.h),
});

export const basicLSTMCell = {
  ...LIBRARY,
  className: 'BasicLSTMCell',
  arguments: {
    numUnits: integer(),
    forgetBias: number(1),
    inputSize: integer(),
    stateIsTuple: boolean(true),
    activation: activation('tanh'),
    kernelInitializer: initializer('glorotUniform'),
    ...scope,
  },
  arrays: () => stackedArrays(IJFO),
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;

export const lstmCell = {
  ...LIBRARY,
  className: 'LSTMCell',
  arguments: {
    numUnits: integer(),
    usePeepholes: boolean(false),
    cellClip: number(null),
    kernelInitializer: {...initializer('glorotUniform'), python: 'initializer'},
    numProj: integer(),
    projClip: number(null),
    numUnitShards: integer(),
    numProjShards: integer(),
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
} satisfies CellDialect;

/** The fused op has no words for other activations. */
const blockArguments = {
  numUnits: integer(),
  forgetBias: number(1),
  cellClip: number(null),
  usePeephole: boolean(false),
  kernelInitializer: initializer('glorotUniform'),
  ...scope,
};

export const lstmBlockCell = {
  ...LIBRARY,
  className: 'LSTMBlockCell',
  arguments: blockArguments,
  arrays: args => [...stackedArrays(IJFO), ...(args.usePeephole ? peepholeArrays(['i', 'f', 'o']) : [])],
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;

/** The same over a whole sequence; always time-major in the library. */
export const lstmBlockFusedCell = {...lstmBlockCell, className: 'LSTMBlockFusedCell'} satisfies CellDialect;

export const cudnnCompatibleLSTMCell = {
  ...LIBRARY,
  className: 'CudnnCompatibleLSTMCell',
  arguments: {numUnits: integer(), kernelInitializer: initializer('glorotUniform'), ...scope},
  arrays: () => stackedArrays(IJFO),
  recurrence: lstmRecurrence,
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;

const gruArguments = {
  numUnits: integer(),
  inputSize: integer(),
  activation: activation('tanh'),
  kernelInitializer: initializer('glorotUniform'),
  biasInitializer: initializer('ones'),
  ...scope,
};

export function gruRecurrence(args: Arguments): ReturnType<CellDialect['recurrence']> {
  return {
    ...runs,
    cell: 'gru',
    units: args.numUnits as number,
    bias: true,
    activations: {z: sigmoid, r: sigmoid, h: parseActivation(args.activation ?? 'tanh', 'tf1: activation')},
    reset: 'before',
    updateGate: 'keeps',
  };
}

export const gruCell = {
  ...LIBRARY,
  className: 'GRUCell',
  arguments: gruArguments,
  arrays: () => [
    ...stackedArrays(['r', 'z'], 'gates/', 'biasInitializer'),
    ...stackedArrays(['h'], 'candidate/'),
  ],
  recurrence: gruRecurrence,
  fromRecurrence: sayOneActivation,
} satisfies CellDialect;

/** As GRUCell, under the fused op's names; from 1.4 on, GRUBlockCellV2 goes back to GRUCell's. */
export const gruBlockCell = {
  ...gruCell,
  className: 'GRUBlockCell',
  arguments: {...gruArguments, numUnits: {...integer(), python: 'num_units'}, cellSize: integer()},
  arrays: () => {
    const [gates, gatesBias, candidate, candidateBias] = gruCell.arrays();
    return [
      {...gates!, name: 'w_ru'},
      {...gatesBias!, name: 'b_ru'},
      {...candidate!, name: 'w_c'},
      {...candidateBias!, name: 'b_c'},
    ];
  },
  recurrence: args => gruRecurrence({...args, numUnits: args.numUnits ?? args.cellSize}),
} satisfies CellDialect;

export const gruBlockCellV2 = {...gruCell, className: 'GRUBlockCellV2'} satisfies CellDialect;

export const cudnnCompatibleGRUCell = {
  ...LIBRARY,
  className: 'CudnnCompatibleGRUCell',
  arguments: gruArguments,
  arrays: () => {
    const part = (name: string, rowBlocks: readonly RowBlock[], init = 'kernelInitializer'): ArraySpec => ({
      name,
      gates: ['h'],
      rowBlocks,
      init,
    });
    return [
      ...stackedArrays(['r', 'z'], 'gates/', 'biasInitializer'),
      part('candidate/input_projection/kernel', [kernelRows]),
      part('candidate/hidden_projection/kernel', [recurrentRows]),
      part('candidate/input_projection/bias', biasBand, 'zeros'),
      part('candidate/hidden_projection/bias', [{weight: 'recurrentBias', rows: 0}], 'zeros'),
    ];
  },
  recurrence: args => ({...gruRecurrence(args), reset: 'after'}),
  fromRecurrence: sayOneActivation,
} satisfies CellDialect;

export const basicRNNCell = {
  ...LIBRARY,
  className: 'BasicRNNCell',
  arguments: {
    numUnits: integer(),
    inputSize: integer(),
    activation: activation('tanh'),
    kernelInitializer: initializer('glorotUniform'),
    ...scope,
  },
  arrays: () => stackedArrays(['h']),
  recurrence: args => ({
    ...runs,
    cell: 'simple',
    units: args.numUnits as number,
    bias: true,
    activations: {h: parseActivation(args.activation, 'tf1: activation')},
  }),
  fromRecurrence: sayOneActivation,
} satisfies CellDialect;
