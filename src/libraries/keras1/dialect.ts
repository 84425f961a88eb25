/**
 * Keras 1.0 to 1.2. Source: keras/layers/recurrent.py of 1.0.8 and 1.2.2.
 *
 * - `consume_less` cpu and mem keep one array per gate, LSTM in the order i, c, f, o; gpu keeps one W, U and b
 *   with columns i, f, c, o. GRU is z, r, h throughout.
 * - A masked step keeps the state and repeats the previous output; 0 before the first. Outputs of
 *   `go_backwards` stay in the order of processing.
 * - 1.2 initializes and regularizes the per-gate U of LSTM and GRU with the settings of W (`init`,
 *   `W_regularizer`), whatever `inner_init` and `U_regularizer` say.
 */
import {
  type Argument,
  type ArgumentTable,
  activation,
  boolean,
  choice,
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
import {gateActivations, gruSteps, keras1Arguments, lstmSteps} from '../keras/cells';

export const KERAS1 = {
  library: 'keras1',
  title: 'Keras 1',
  releases: releases('1.0.0-8', '1.1.0-2', '1.2.0-2'),
  complete: true,
  defaultVersion: '1.2.2',
  initializers: KERAS_1_INITIALIZERS,
};

const sequence = {
  WRegularizer: regularizer('W_regularizer'),
  URegularizer: regularizer('U_regularizer'),
  bRegularizer: regularizer('b_regularizer'),
  dropoutW: number(0, 'dropout_W'),
  dropoutU: number(0, 'dropout_U'),
  returnSequences: boolean(false),
  goBackwards: boolean(false),
  stateful: boolean(false),
  unroll: boolean(false),
  consumeLess: choice(['cpu', 'mem', 'gpu'], 'cpu'),
  inputDim: integer(null),
  inputLength: integer(null),
};

function layerArguments<T extends ArgumentTable>(own: T) {
  return {
    outputDim: integer(),
    init: initializer('glorotUniform'),
    innerInit: initializer('orthogonal'),
    ...own,
    ...sequence,
  };
}

/** Arguments of all layers. */
type Shared = ValuesOf<{outputDim: Argument<number>} & typeof sequence>;

function common(args: Shared) {
  return {
    units: args.outputDim,
    bias: true,
    mask: 'holdRepeat',
    direction: args.goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
  } as const;
}

function behaviour(args: Shared): Behaviour {
  return {
    units: args.outputDim,
    returnSequences: args.returnSequences,
    returnState: false,
    stateful: args.stateful,
    dropout: {
      input: args.dropoutW,
      recurrent: args.dropoutU,
      masks: args.consumeLess === 'gpu' ? 'shared' : 'perGate',
    },
  };
}

/** W, U and b of one gate, or (no suffix) of all. */
function trio(gates: readonly Gate[], suffix: string, bias: ArraySpec['init'], likeW: boolean): ArraySpec[] {
  return [
    {name: `W${suffix}`, gates, holds: ['kernel'], init: 'init', regularizer: 'WRegularizer'},
    {
      name: `U${suffix}`,
      gates,
      holds: ['recurrentKernel'],
      init: likeW ? 'init' : 'innerInit',
      regularizer: likeW ? 'WRegularizer' : 'URegularizer',
    },
    {
      name: `b${suffix}`,
      gates,
      holds: ['bias'],
      init: bias,
      regularizer: 'bRegularizer',
    },
  ];
}

const gates = gateActivations('innerActivation');

export const lstm = layerDialect({
  ...KERAS1,
  className: 'LSTM',
  arguments: layerArguments({
    forgetBiasInit: initializer('one'),
    activation: activation('tanh'),
    innerActivation: activation('hardSigmoid'),
  }),
  arrays: (args, version) =>
    args.consumeLess === 'gpu'
      ? trio(['i', 'f', 'c', 'o'], '', {f: 'forgetBiasInit'}, false)
      : (['i', 'c', 'f', 'o'] as const).flatMap(gate =>
          trio([gate], `_${gate}`, gate === 'f' ? 'forgetBiasInit' : 'zeros', !before(version, '1.2')),
        ),
  recurrence: (args, version) => ({...common(args), ...lstmSteps(gates(args, version))}),
  behaviour,
  fromRecurrence: keras1Arguments,
});

export const gru = layerDialect({
  ...KERAS1,
  className: 'GRU',
  arguments: layerArguments({activation: activation('tanh'), innerActivation: activation('hardSigmoid')}),
  arrays: (args, version) =>
    args.consumeLess === 'gpu'
      ? trio(['z', 'r', 'h'], '', 'zeros', false)
      : (['z', 'r', 'h'] as const).flatMap(gate =>
          trio([gate], `_${gate}`, 'zeros', !before(version, '1.2')),
        ),
  recurrence: (args, version) => ({...common(args), ...gruSteps(gates(args, version))}),
  behaviour,
  fromRecurrence: keras1Arguments,
});

export const simpleRNN = layerDialect({
  ...KERAS1,
  className: 'SimpleRNN',
  arguments: layerArguments({activation: activation('tanh')}),
  arrays: () => trio(['h'], '', 'zeros', false),
  recurrence: args => ({
    ...common(args),
    cell: 'simple',
    activations: {h: parseActivation(args.activation, 'keras1: activation')},
  }),
  behaviour,
  fromRecurrence: keras1Arguments,
});
