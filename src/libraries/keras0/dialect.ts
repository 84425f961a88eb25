/**
 * Keras 0.1 to 0.3 on Theano. Source: keras/layers/recurrent.py of 0.1.1, 0.1.3, 0.2.0, 0.3.0 and 0.3.3.
 *
 * - One array per gate. LSTM: W, U, b of i, c, f, o in this order; GRU: of z, r, h.
 * - 0.1.1 knows no masks. From 0.1.2 to 0.2, masks do not hold a state: each step starts from the state that
 *   the step before left, *multiplied by that step's mask* (0 at the first step), and every step is computed
 *   and put out. From 0.3.2 a masked step keeps the state and repeats the previous output.
 * - `truncate_gradient` (to 0.2): only the last steps of the whole sequence carry gradient.
 * - GRU's activation is a sigmoid by default through 0.2, SimpleRNN's through 0.3.2.
 */
import {
  activation,
  boolean,
  initializer,
  integer,
  number,
  parseActivation,
  regularizer,
  type ValuesOf,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {type Behaviour, layerDialect} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {before} from '../../dialects/version';
import {KERAS_1_INITIALIZERS} from '../../keras';
import type {Gate} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {gateActivations, gruSteps, keras1Arguments, lstmSteps} from '../keras/cells';

/** Keras 0.x, as all its layers have it. */
export const KERAS0 = {
  library: 'keras0',
  title: 'Keras 0',
  releases: releases('0.1.0-3', '0.2.0', '0.3.0-3'),
  complete: true,
  defaultVersion: '0.3.3',
  initializers: KERAS_1_INITIALIZERS,
};

const shared = {
  inputDim: integer(null),
  outputDim: integer(128),
  init: initializer('glorotUniform'),
  innerInit: initializer('orthogonal'),
};

const sequence = {
  truncateGradient: integer(-1),
  returnSequences: boolean(false),
  inputLength: integer(null),
  goBackwards: boolean(false),
  stateful: boolean(false),
  WRegularizer: regularizer('W_regularizer'),
  URegularizer: regularizer('U_regularizer'),
  bRegularizer: regularizer('b_regularizer'),
  dropoutW: number(0, 'dropout_W'),
  dropoutU: number(0, 'dropout_U'),
};

const W = (gate: Gate | '', weight: WeightName = 'kernel'): ArraySpec => ({
  name: gate ? `W_${gate}` : 'W',
  gates: [gate || 'h'],
  holds: [weight],
  init: 'init',
  regularizer: 'WRegularizer',
});
const U = (gate: Gate | ''): ArraySpec => ({
  name: gate ? `U_${gate}` : 'U',
  gates: [gate || 'h'],
  holds: ['recurrentKernel'],
  init: 'innerInit',
  regularizer: 'URegularizer',
});
const b = (gate: Gate | '', init = 'zeros', weight: WeightName = 'bias'): ArraySpec => ({
  name: gate ? `b_${gate}` : 'b',
  gates: [gate || 'h'],
  holds: [weight],
  init,
  regularizer: 'bRegularizer',
});

/** What all layers of these releases have in common. */
/** Arguments of all layers. */
type Shared = ValuesOf<typeof shared & typeof sequence>;

function common(args: Shared, version: string) {
  const steps = args.truncateGradient;
  return {
    units: args.outputDim,
    bias: true,
    mask: before(version, '0.3') ? 'forget' : 'holdRepeat',
    direction: args.goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
    bptt: steps > 0 ? {steps} : {},
  } as const;
}

function behaviour(args: Shared, version: string): Behaviour {
  return {
    units: args.outputDim,
    returnSequences: args.returnSequences,
    returnState: false,
    stateful: args.stateful,
    dropout: {input: args.dropoutW, recurrent: args.dropoutU, masks: 'perGate'},
    ignoresMask: before(version, '0.1.2'),
  };
}

const gates = gateActivations('innerActivation');

export const lstm = layerDialect({
  ...KERAS0,
  className: 'LSTM',
  arguments: {
    ...shared,
    forgetBiasInit: initializer(version => (before(version, '0.1.2') ? 'zero' : 'one')),
    activation: activation('tanh'),
    innerActivation: activation('hardSigmoid'),
    ...sequence,
  },
  arrays: () =>
    (['i', 'c', 'f', 'o'] as const).flatMap(gate => [
      W(gate),
      U(gate),
      b(gate, gate === 'f' ? 'forgetBiasInit' : 'zeros'),
    ]),
  recurrence: (args, version) => ({...common(args, version), ...lstmSteps(gates(args, version))}),
  behaviour,
  fromRecurrence: keras1Arguments,
});

export const gru = layerDialect({
  ...KERAS0,
  className: 'GRU',
  arguments: {
    ...shared,
    activation: activation(version => (before(version, '0.3') ? 'sigmoid' : 'tanh')),
    innerActivation: activation('hardSigmoid'),
    ...sequence,
  },
  arrays: () => (['z', 'r', 'h'] as const).flatMap(gate => [W(gate), U(gate), b(gate)]),
  recurrence: (args, version) => ({...common(args, version), ...gruSteps(gates(args, version))}),
  behaviour,
  fromRecurrence: keras1Arguments,
});

export const simpleRNN = layerDialect({
  ...KERAS0,
  className: 'SimpleRNN',
  arguments: {
    ...shared,
    activation: activation(version => (before(version, '0.3.3') ? 'sigmoid' : 'tanh')),
    ...sequence,
  },
  arrays: () => [W(''), U(''), b('')],
  recurrence: (args, version) => ({
    ...common(args, version),
    cell: 'simple',
    activations: {h: parseActivation(args.activation, 'keras0: activation')},
  }),
  behaviour,
  fromRecurrence: keras1Arguments,
});

/**
 * JZS1 to JZS3 (0.1 and 0.2): the MUT cells of Jozefowicz et al. 2015. `Pmat`, a fixed random projection of
 * the input (the identity where input and output have one size), takes the place of a kernel; 0.1 does not
 * save it, from 0.2 it is the last array.
 */
function jzs(index: 1 | 2 | 3, arrays: (version: string) => ArraySpec[]) {
  return layerDialect({
    ...KERAS0,
    defaultVersion: '0.2.0',
    className: `JZS${index}`,
    arguments: {
      ...shared,
      activation: activation('tanh'),
      innerActivation: activation('sigmoid'),
      ...sequence,
    },
    arrays: (_, version) => arrays(version),
    recurrence: (args, version) => {
      const {gate, value} = gates(args, version);
      return {
        ...common(args, version),
        cell: `mut${index}`,
        activations: {z: gate, r: gate, h: value},
        updateGate: 'takes',
      };
    },
    behaviour,
    fromRecurrence: keras1Arguments,
  });
}

const Pmat = (gate: Gate, version: string): ArraySpec => ({
  name: 'Pmat',
  gates: [gate],
  holds: ['kernel'],
  init: 'randomProjection',
  meaning: 'fixed projection of the input',
  trainable: !before(version, '0.2'),
});

export const jzs1 = jzs(1, version => [
  W('z'),
  b('z'),
  W('r'),
  U('r'),
  b('r'),
  U('h'),
  b('h', 'zeros', 'stepBias'),
  Pmat('h', version),
]);
export const jzs2 = jzs(2, version => [
  W('z'),
  U('z'),
  b('z'),
  U('r'),
  b('r'),
  W('h'),
  U('h'),
  b('h'),
  Pmat('r', version),
]);
export const jzs3 = jzs(3, () => (['z', 'r', 'h'] as const).flatMap(gate => [W(gate), U(gate), b(gate)]));
