/**
 * The rarer cells of tf.contrib.rnn. Source: tensorflow/contrib/rnn/python/ops/rnn_cell.py of 1.15.5.
 */

import {activation, boolean, initializer, integer, number, parseActivation} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {cellDialect} from '../../dialects/dialect';
import {sigmoid} from '../../recurrence/activations';
import {GATES, type Gate} from '../../recurrence/types';
import type {Normalized} from '../../recurrence/weights';
import {gruRecurrence, sayOneActivation} from './gru';
import {lstmRecurrence, lstmStates, sayLstm} from './lstm';
import {peepholeArrays, projectionArray, runs, scope, stackedArrays, TF1} from './shared';

const plain = {
  numUnits: integer(),
  activation: activation('tanh'),
  kernelInitializer: initializer('glorotUniform'),
  ...scope,
};

/** The input gate is 1 − f. Columns j, f, o. */
export const coupledInputForgetGateLSTMCell = cellDialect({
  ...TF1,
  className: 'CoupledInputForgetGateLSTMCell',
  arguments: {
    ...plain,
    usePeepholes: boolean(false),
    numProj: integer(null),
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
});

/** Every gate and the new cell are normalized (epsilon 1e-12), scaled and shifted; there is no bias then. */
export const layerNormBasicLSTMCell = cellDialect({
  ...TF1,
  className: 'LayerNormBasicLSTMCell',
  arguments: {...plain, forgetBias: number(1), inputSize: integer(null), layerNorm: boolean(true)},
  arrays: args => {
    const [kernel, bias] = stackedArrays(['i', 'c', 'f', 'o']);
    if (args.layerNorm === false) return [kernel!, bias!];
    const norm = (name: string, gate: Normalized): ArraySpec[] => [
      {name: `${name}/gamma`, gates: [], holds: [`gain.${gate}`], init: 'ones'},
      {name: `${name}/beta`, gates: [], holds: [`shift.${gate}`], init: 'zeros'},
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
});

/** Columns g, c. */
export const ugrnnCell = cellDialect({
  ...TF1,
  className: 'UGRNNCell',
  arguments: {...plain, forgetBias: number(1)},
  arrays: () => stackedArrays(['z', 'h']),
  recurrence: args => ({
    ...runs,
    cell: 'ugrnn',
    units: args.numUnits,
    bias: true,
    activations: {z: sigmoid, h: parseActivation(args.activation, 'tf1: activation')},
    forgetBias: args.forgetBias,
    updateGate: 'keeps',
  }),
  fromRecurrence: sayOneActivation,
});

export const nasCell = cellDialect({
  ...TF1,
  className: 'NASCell',
  arguments: {
    numUnits: integer(),
    numProj: integer(null),
    useBias: boolean(false),
    kernelInitializer: initializer('glorotUniform'),
    ...scope,
  },
  arrays: args => [
    {
      name: 'recurrent_kernel',
      gates: GATES.nas,
      holds: ['recurrentKernel'],
      init: 'kernelInitializer',
    },
    {name: 'kernel', gates: GATES.nas, holds: ['kernel'], init: 'kernelInitializer'},
    ...(args.useBias
      ? [
          {
            name: 'bias',
            gates: GATES.nas,
            holds: ['recurrentBias'],
            init: 'zeros',
          } as const,
        ]
      : []),
    ...(args.numProj ? [{...projectionArray, name: 'projection_weights'}] : []),
  ],
  recurrence: args => ({
    ...runs,
    cell: 'nas',
    units: args.numUnits,
    bias: args.useBias,
    activations: {},
    projection: args.numProj ?? undefined,
  }),
  states: lstmStates,
  fromRecurrence: sayLstm,
});

/** Independently recurrent cells (Li et al. 2018): each unit sees its own h alone, times a weight of its own. */
const indyArrays = (
  gates: readonly Gate[],
  {kernel = 'kernel_w', prefix = '', bias = 'zeros'} = {},
): ArraySpec[] => [
  {name: `${prefix}${kernel}`, gates, holds: ['kernel'], init: 'kernelInitializer'},
  {name: `${prefix}kernel_u`, gates, holds: ['recurrentKernel'], form: 'row', init: 'uniform'},
  {name: `${prefix}bias`, gates, holds: ['bias'], init: bias},
];

export const indRNNCell = cellDialect({
  ...TF1,
  className: 'IndRNNCell',
  arguments: plain,
  arrays: () => indyArrays(['h']),
  recurrence: args => ({
    ...runs,
    cell: 'simple',
    units: args.numUnits,
    bias: true,
    activations: {h: parseActivation(args.activation, 'tf1: activation')},
    recurrent: 'diagonal',
  }),
  fromRecurrence: sayOneActivation,
});

export const indyGRUCell = cellDialect({
  ...TF1,
  className: 'IndyGRUCell',
  arguments: {...plain, biasInitializer: initializer('ones')},
  arrays: () => [
    ...indyArrays(['r', 'z'], {prefix: 'gates/', bias: 'biasInitializer'}),
    // Without the ending that the other three have.
    ...indyArrays(['h'], {prefix: 'candidate/', kernel: 'kernel'}),
  ],
  recurrence: args => ({...gruRecurrence(args), recurrent: 'diagonal'}),
  fromRecurrence: sayOneActivation,
});

export const indyLSTMCell = cellDialect({
  ...TF1,
  className: 'IndyLSTMCell',
  arguments: {...plain, forgetBias: number(1)},
  arrays: () => indyArrays(['i', 'c', 'f', 'o']),
  recurrence: args => ({...lstmRecurrence(args), recurrent: 'diagonal'}),
  states: lstmStates,
  fromRecurrence: sayLstm,
});
