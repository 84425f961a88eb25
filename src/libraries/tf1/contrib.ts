/**
 * The rarer cells of tf.contrib.rnn. Source: tensorflow/contrib/rnn/python/ops/rnn_cell.py of 1.15.5.
 */

import {
  type Arguments,
  activation,
  boolean,
  initializer,
  integer,
  number,
  parseActivation,
} from '../../dialects/arguments';
import {type ArraySpec, kernelRows} from '../../dialects/arrays';
import type {CellDialect} from '../../dialects/dialect';
import {sigmoid} from '../../recurrence/activations';
import {GATES, type Gate} from '../../recurrence/types';
import type {Normalized} from '../../recurrence/weights';
import {
  gruRecurrence,
  lstmRecurrence,
  lstmStates,
  peepholeArrays,
  projectionArray,
  runs,
  sayLstm,
  sayOneActivation,
  scope,
  stackedArrays,
} from './dialect';

const LIBRARY = {library: 'tf1', defaultVersion: '1.15.5'};

const plain = {
  numUnits: integer(),
  activation: activation('tanh'),
  kernelInitializer: initializer('glorotUniform'),
  ...scope,
};

/** The input gate is 1 − f. Columns j, f, o. */
export const coupledInputForgetGateLSTMCell = {
  ...LIBRARY,
  className: 'CoupledInputForgetGateLSTMCell',
  arguments: {
    ...plain,
    usePeepholes: boolean(false),
    numProj: integer(),
    projClip: number(null),
    forgetBias: number(1),
    stateIsTuple: boolean(true),
  },
  arrays: args => [
    ...stackedArrays(['c', 'f', 'o']),
    ...(args.usePeepholes ? peepholeArrays(['f', 'o']) : []),
    ...(args.numProj ? [projectionArray] : []),
  ],
  recurrence: args => {
    const {peepholes, ...lstm} = lstmRecurrence(args);
    return {...lstm, coupled: true, peepholes: peepholes && {f: peepholes.f, o: peepholes.o}};
  },
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;

/** Every gate and the new cell are normalized (epsilon 1e-12), scaled and shifted; there is no bias then. */
export const layerNormBasicLSTMCell = {
  ...LIBRARY,
  className: 'LayerNormBasicLSTMCell',
  arguments: {...plain, forgetBias: number(1), inputSize: integer(), layerNorm: boolean(true)},
  arrays: args => {
    const [kernel, bias] = stackedArrays(['i', 'c', 'f', 'o']);
    if (args.layerNorm === false) return [kernel!, bias!];
    const norm = (name: string, gate: Normalized): ArraySpec[] => [
      {name: `${name}/gamma`, gates: [], rowBlocks: [{weight: `gain.${gate}`, rows: 0}], init: 'ones'},
      {name: `${name}/beta`, gates: [], rowBlocks: [{weight: `shift.${gate}`, rows: 0}], init: 'zeros'},
    ];
    const names = {input: 'i', transform: 'c', forget: 'f', output: 'o', state: 'state'} as const;
    return [kernel!, ...Object.entries(names).flatMap(([name, gate]) => norm(name, gate))];
  },
  recurrence: args => ({
    ...lstmRecurrence(args),
    bias: args.layerNorm === false,
    layerNorm: args.layerNorm === false ? undefined : {epsilon: 1e-12},
  }),
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;

/** Columns g, c. */
export const ugrnnCell = {
  ...LIBRARY,
  className: 'UGRNNCell',
  arguments: {...plain, forgetBias: number(1)},
  arrays: () => stackedArrays(['z', 'h']),
  recurrence: args => ({
    ...runs,
    cell: 'ugrnn',
    units: args.numUnits as number,
    bias: true,
    activations: {z: sigmoid, h: parseActivation(args.activation, 'tf1: activation')},
    forgetBias: args.forgetBias as number,
    updateGate: 'keeps',
  }),
  fromRecurrence: sayOneActivation,
} satisfies CellDialect;

export const nasCell = {
  ...LIBRARY,
  className: 'NASCell',
  arguments: {
    numUnits: integer(),
    numProj: integer(),
    useBias: boolean(false),
    kernelInitializer: initializer('glorotUniform'),
    ...scope,
  },
  arrays: args => [
    {
      name: 'recurrent_kernel',
      gates: GATES.nas,
      rowBlocks: [{weight: 'recurrentKernel', rows: 'output'}],
      init: 'kernelInitializer',
    },
    {name: 'kernel', gates: GATES.nas, rowBlocks: [kernelRows], init: 'kernelInitializer'},
    ...(args.useBias
      ? [
          {
            name: 'bias',
            gates: GATES.nas,
            rowBlocks: [{weight: 'recurrentBias', rows: 0}],
            init: 'zeros',
          } as const,
        ]
      : []),
    ...(args.numProj ? [{...projectionArray, name: 'projection_weights'}] : []),
  ],
  recurrence: args => ({
    ...runs,
    cell: 'nas',
    units: args.numUnits as number,
    bias: args.useBias as boolean,
    activations: {},
    projection: (args.numProj as number | undefined) ?? undefined,
  }),
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;

/** Independently recurrent cells (Li et al. 2018): each unit sees its own h alone, times a weight of its own. */
const indyArrays = (gates: readonly Gate[], prefix = '', bias = 'zeros'): ArraySpec[] => [
  {name: `${prefix}kernel_w`, gates, rowBlocks: [kernelRows], init: 'kernelInitializer'},
  {name: `${prefix}kernel_u`, gates, rowBlocks: [{weight: 'recurrentKernel', rows: 1}], init: 'uniform'},
  {name: `${prefix}bias`, gates, rowBlocks: [{weight: 'bias', rows: 0}], init: bias},
];

export const indRNNCell = {
  ...LIBRARY,
  className: 'IndRNNCell',
  arguments: plain,
  arrays: () => indyArrays(['h']),
  recurrence: args => ({
    ...runs,
    cell: 'simple',
    units: args.numUnits as number,
    bias: true,
    activations: {h: parseActivation(args.activation, 'tf1: activation')},
    recurrent: 'diagonal',
  }),
  fromRecurrence: sayOneActivation,
} satisfies CellDialect;

export const indyGRUCell = {
  ...LIBRARY,
  className: 'IndyGRUCell',
  arguments: {...plain, biasInitializer: initializer('ones')},
  arrays: () => [...indyArrays(['r', 'z'], 'gates/', 'biasInitializer'), ...indyArrays(['h'], 'candidate/')],
  recurrence: args => ({...gruRecurrence(args), recurrent: 'diagonal'}),
  fromRecurrence: sayOneActivation,
} satisfies CellDialect;

export const indyLSTMCell = {
  ...LIBRARY,
  className: 'IndyLSTMCell',
  arguments: {...plain, forgetBias: number(1)},
  arrays: () => indyArrays(['i', 'c', 'f', 'o']),
  recurrence: (args: Arguments) => ({...lstmRecurrence(args), recurrent: 'diagonal'}),
  states: lstmStates,
  fromRecurrence: sayLstm,
} satisfies CellDialect;
