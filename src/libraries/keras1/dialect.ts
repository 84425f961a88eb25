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
  type Arguments,
  activation,
  boolean,
  choice,
  initializer,
  integer,
  number,
  parseActivation,
  regularizer,
} from '../../dialects/arguments';
import {type ArraySpec, kernelRows, recurrentRows} from '../../dialects/arrays';
import type {Behaviour, Dialect} from '../../dialects/dialect';
import {before} from '../../dialects/version';
import type {Gate} from '../../recurrence/types';
import {gateActivations, gruSteps, keras1Arguments, lstmSteps} from '../keras/cells';

const LIBRARY = {library: 'keras1', defaultVersion: '1.2.2'};

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
  inputDim: integer(),
  inputLength: integer(),
};

function layerArguments<T extends Record<string, Argument>>(own: T) {
  return {
    outputDim: integer(),
    init: initializer('glorotUniform'),
    innerInit: initializer('orthogonal'),
    ...own,
    ...sequence,
  };
}

function common(args: Arguments) {
  return {
    units: args.outputDim as number,
    bias: true,
    mask: 'holdRepeat',
    direction: args.goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
  } as const;
}

function behaviour(args: Arguments): Behaviour {
  return {
    units: args.outputDim as number,
    returnSequences: args.returnSequences as boolean,
    returnState: false,
    stateful: args.stateful as boolean,
    dropout: {
      input: args.dropoutW as number,
      recurrent: args.dropoutU as number,
      masks: args.consumeLess === 'gpu' ? 'shared' : 'perGate',
    },
  };
}

/** W, U and b of one gate, or (no suffix) of all. */
function trio(gates: readonly Gate[], suffix: string, bias: ArraySpec['init'], likeW: boolean): ArraySpec[] {
  return [
    {name: `W${suffix}`, gates, rowBlocks: [kernelRows], init: 'init', regularizer: 'WRegularizer'},
    {
      name: `U${suffix}`,
      gates,
      rowBlocks: [recurrentRows],
      init: likeW ? 'init' : 'innerInit',
      regularizer: likeW ? 'WRegularizer' : 'URegularizer',
    },
    {
      name: `b${suffix}`,
      gates,
      rowBlocks: [{weight: 'bias', rows: 0}],
      init: bias,
      regularizer: 'bRegularizer',
    },
  ];
}

const gates = gateActivations('keras1', 'innerActivation');

export const lstm = {
  ...LIBRARY,
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
  recurrence: args => ({...common(args), ...lstmSteps(gates(args))}),
  behaviour,
  fromRecurrence: keras1Arguments,
} satisfies Dialect;

export const gru = {
  ...LIBRARY,
  className: 'GRU',
  arguments: layerArguments({activation: activation('tanh'), innerActivation: activation('hardSigmoid')}),
  arrays: (args, version) =>
    args.consumeLess === 'gpu'
      ? trio(['z', 'r', 'h'], '', 'zeros', false)
      : (['z', 'r', 'h'] as const).flatMap(gate =>
          trio([gate], `_${gate}`, 'zeros', !before(version, '1.2')),
        ),
  recurrence: args => ({...common(args), ...gruSteps(gates(args))}),
  behaviour,
  fromRecurrence: keras1Arguments,
} satisfies Dialect;

export const simpleRNN = {
  ...LIBRARY,
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
} satisfies Dialect;
