/**
 * Keras 2.0 to 2.3, and tf.keras 1.x and 2.x. Source: keras/layers/recurrent.py of 2.0.9, 2.2.4 and 2.3.1.
 *
 * - kernel, recurrent_kernel and bias hold all gates side by side: LSTM i, f, c, o; GRU z, r, h. GRU with
 *   `reset_after` has a bias of `[2, 3·units]`: the input's, then the recurrent one's.
 * - `recurrent_activation` is hard_sigmoid by default to 2.2, sigmoid from 2.3.
 * - A masked step keeps the state and repeats the previous output; 0 before the first. Outputs of
 *   `go_backwards` stay in the order of processing.
 */
import {
  type Argument,
  type Arguments,
  activation,
  activationArgument,
  boolean,
  constraint,
  initializer,
  integer,
  number,
  parseActivation,
  regularizer,
} from '../../dialects/arguments';
import {type ArraySpec, kernelRows, type RowBlock, recurrentRows} from '../../dialects/arrays';
import type {Behaviour, Dialect, LayerRecurrence} from '../../dialects/dialect';
import {before} from '../../dialects/version';
import type {Gate} from '../../recurrence/types';
import {gateActivations, gruSteps, lstmSteps} from '../keras/cells';

const LIBRARY = {library: 'keras2', defaultVersion: '2.3.1'};

const recurrentActivation = activation(version => (before(version, '2.3') ? 'hardSigmoid' : 'sigmoid'));

function layerArguments<T extends Record<string, Argument>>(own: T) {
  return {
    units: integer(),
    activation: activation('tanh'),
    ...own,
    useBias: boolean(true),
    kernelInitializer: initializer('glorotUniform'),
    recurrentInitializer: initializer('orthogonal'),
    biasInitializer: initializer('zeros'),
    kernelRegularizer: regularizer(),
    recurrentRegularizer: regularizer(),
    biasRegularizer: regularizer(),
    kernelConstraint: constraint(),
    recurrentConstraint: constraint(),
    biasConstraint: constraint(),
    dropout: number(0),
    recurrentDropout: number(0),
    implementation: integer(version => (before(version, '2.3') ? 1 : 2)),
    returnSequences: boolean(false),
    returnState: boolean(false),
    goBackwards: boolean(false),
    stateful: boolean(false),
    unroll: boolean(false),
  };
}

function common(args: Arguments) {
  return {
    units: args.units as number,
    bias: args.useBias as boolean,
    mask: 'holdRepeat',
    direction: args.goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
  } as const;
}

function behaviour(masks: (args: Arguments) => Behaviour['dropout']['masks']): Dialect['behaviour'] {
  return args => ({
    units: args.units as number,
    returnSequences: args.returnSequences as boolean,
    returnState: args.returnState as boolean,
    stateful: args.stateful as boolean,
    dropout: {input: args.dropout as number, recurrent: args.recurrentDropout as number, masks: masks(args)},
  });
}

function arrays(
  gates: readonly Gate[],
  args: Arguments,
  biasBands: readonly RowBlock[],
  biasInit: ArraySpec['init'],
): ArraySpec[] {
  const list: ArraySpec[] = [
    {
      name: 'kernel',
      gates,
      rowBlocks: [kernelRows],
      init: 'kernelInitializer',
      regularizer: 'kernelRegularizer',
      constraint: 'kernelConstraint',
    },
    {
      name: 'recurrent_kernel',
      gates,
      rowBlocks: [recurrentRows],
      init: 'recurrentInitializer',
      regularizer: 'recurrentRegularizer',
      constraint: 'recurrentConstraint',
    },
  ];
  if (args.useBias) {
    list.push({
      name: 'bias',
      gates,
      rowBlocks: biasBands,
      init: biasInit,
      regularizer: 'biasRegularizer',
      constraint: 'biasConstraint',
    });
  }
  return list;
}

const plainBias: readonly RowBlock[] = [{weight: 'bias', rows: 0}];
const twoBiases: readonly RowBlock[] = [
  {weight: 'bias', rows: 1},
  {weight: 'recurrentBias', rows: 1},
];

function fromRecurrence(r: LayerRecurrence): Record<string, unknown> {
  return {
    units: r.units,
    activation: activationArgument(r.activations.c ?? r.activations.h),
    recurrentActivation: activationArgument(r.activations.f ?? r.activations.z),
    resetAfter: r.reset === 'after',
    goBackwards: r.direction === 'backward',
    returnSequences: r.returnSequences,
  };
}

const gates = gateActivations('keras2', 'recurrentActivation');

export const lstm = {
  ...LIBRARY,
  className: 'LSTM',
  arguments: layerArguments({recurrentActivation, unitForgetBias: boolean(true)}),
  arrays: args =>
    arrays(
      ['i', 'f', 'c', 'o'],
      args,
      plainBias,
      args.unitForgetBias ? {f: 'ones', other: 'biasInitializer'} : 'biasInitializer',
    ),
  recurrence: args => ({...common(args), ...lstmSteps(gates(args))}),
  behaviour: behaviour(args => (args.implementation === 2 ? 'shared' : 'perGate')),
  fromRecurrence,
} satisfies Dialect;

export const gru = {
  ...LIBRARY,
  className: 'GRU',
  arguments: layerArguments({recurrentActivation, resetAfter: boolean(false)}),
  arrays: args => arrays(['z', 'r', 'h'], args, args.resetAfter ? twoBiases : plainBias, 'biasInitializer'),
  recurrence: args => ({...common(args), ...gruSteps(gates(args), args.resetAfter ? 'after' : 'before')}),
  // With implementation 2 the library thins the state itself, which z then keeps as it is.
  behaviour: behaviour(args => (args.implementation === 2 ? 'state' : 'perGate')),
  fromRecurrence,
} satisfies Dialect;

export const simpleRNN = {
  ...LIBRARY,
  className: 'SimpleRNN',
  arguments: layerArguments({}),
  arrays: args => arrays(['h'], args, plainBias, 'biasInitializer'),
  recurrence: args => ({
    ...common(args),
    cell: 'simple',
    activations: {h: parseActivation(args.activation, 'keras2: activation')},
  }),
  behaviour: behaviour(() => 'shared'),
  fromRecurrence,
} satisfies Dialect;
