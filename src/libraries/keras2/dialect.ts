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
  type ArgumentTable,
  activation,
  activationArgument,
  boolean,
  constraint,
  initializer,
  integer,
  number,
  parseActivation,
  refused,
  regularizer,
  type ValuesOf,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {type Behaviour, type LayerRecurrence, layerDialect} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {before} from '../../dialects/version';
import {KERAS_2_INITIALIZERS} from '../../keras';
import type {Gate} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {gateActivations, gruSteps, lstmSteps} from '../keras/cells';

/** Keras, then (from 2.4) what TensorFlow had of it, then (from 2.16) tf-keras. */
export const KERAS2 = {
  library: 'keras2',
  title: 'Keras 2',
  releases: releases(
    ...['2.0.0-9', '2.1.0-6', '2.2.0-5', '2.3.0-1', '2.4.0-3', '2.5.0', '2.6.0', '2.7.0', '2.8.0', '2.9.0'],
    ...['2.10.0', '2.11.0', '2.12.0', '2.13.0-1', '2.14.0-1', '2.15.0-1', '2.16.0', '2.17.0', '2.18.0'],
    ...['2.19.0', '2.20.1', '2.21.0'],
  ),
  endsBefore: '3.0.0',
  defaultVersion: '2.3.1',
  initializers: KERAS_2_INITIALIZERS,
};

const recurrentActivation = activation(version => (before(version, '2.3') ? 'hardSigmoid' : 'sigmoid'));

function layerArguments<T extends ArgumentTable>(own: T) {
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
    // tf.keras has these, no release of Keras itself. With zero_output_for_mask a masked step puts out 0.
    timeMajor: refused(boolean(false), 'expected false; transpose the input and the output'),
    zeroOutputForMask: boolean(false),
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

/** Arguments of all layers. */
type Shared = ValuesOf<ReturnType<typeof layerArguments<Record<never, never>>>>;

function common(args: Shared) {
  return {
    units: args.units,
    bias: args.useBias,
    mask: args.zeroOutputForMask ? 'holdZero' : 'holdRepeat',
    direction: args.goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
  } as const;
}

function behaviour(masks: (args: Shared) => Behaviour['dropout']['masks']) {
  return (args: Shared): Behaviour => ({
    units: args.units,
    returnSequences: args.returnSequences,
    returnState: args.returnState,
    stateful: args.stateful,
    dropout: {input: args.dropout, recurrent: args.recurrentDropout, masks: masks(args)},
  });
}

function arrays(
  gates: readonly Gate[],
  {useBias}: Shared,
  biases: readonly WeightName[],
  biasInit: ArraySpec['init'],
): ArraySpec[] {
  const list: ArraySpec[] = [
    {
      name: 'kernel',
      gates,
      holds: ['kernel'],
      init: 'kernelInitializer',
      regularizer: 'kernelRegularizer',
      constraint: 'kernelConstraint',
    },
    {
      name: 'recurrent_kernel',
      gates,
      holds: ['recurrentKernel'],
      init: 'recurrentInitializer',
      regularizer: 'recurrentRegularizer',
      constraint: 'recurrentConstraint',
    },
  ];
  if (useBias) {
    list.push({
      name: 'bias',
      gates,
      holds: biases,
      init: biasInit,
      regularizer: 'biasRegularizer',
      constraint: 'biasConstraint',
    });
  }
  return list;
}

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

export const lstm = layerDialect({
  ...KERAS2,
  className: 'LSTM',
  arguments: layerArguments({recurrentActivation, unitForgetBias: boolean(true)}),
  arrays: args =>
    arrays(
      ['i', 'f', 'c', 'o'],
      args,
      ['bias'],
      args.unitForgetBias ? {f: 'ones', other: 'biasInitializer'} : 'biasInitializer',
    ),
  recurrence: (args, version) => ({...common(args), ...lstmSteps(gates(args, version))}),
  behaviour: behaviour(args => (args.implementation === 2 ? 'shared' : 'perGate')),
  fromRecurrence,
});

export const gru = layerDialect({
  ...KERAS2,
  className: 'GRU',
  arguments: layerArguments({recurrentActivation, resetAfter: boolean(false)}),
  arrays: args =>
    arrays(['z', 'r', 'h'], args, args.resetAfter ? ['bias', 'recurrentBias'] : ['bias'], 'biasInitializer'),
  recurrence: (args, version) => ({
    ...common(args),
    ...gruSteps(gates(args, version), args.resetAfter ? 'after' : 'before'),
  }),
  // With implementation 2 the library thins the state itself, which z then keeps as it is.
  behaviour: behaviour(args => (args.implementation === 2 ? 'state' : 'perGate')),
  fromRecurrence,
});

export const simpleRNN = layerDialect({
  ...KERAS2,
  className: 'SimpleRNN',
  arguments: layerArguments({}),
  arrays: args => arrays(['h'], args, ['bias'], 'biasInitializer'),
  recurrence: (args, version) => ({
    ...common(args),
    cell: 'simple',
    activations: {h: parseActivation(args.activation, 'keras2: activation', version)},
  }),
  behaviour: behaviour(() => 'shared'),
  fromRecurrence,
});
