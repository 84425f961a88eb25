/**
 * neupy 0.8 on TensorFlow 1. Source: neupy/layers/recurrent.py of 0.8.2.
 *
 * - LSTM columns are in, forget, cell, out; no forget bias. `cell` is the candidate's activation alone: the
 *   output always uses tanh of the cell. The output peephole reads the new cell.
 * - GRU columns are reset, update, hidden; the reset gate acts after the recurrent product, which has no bias
 *   of its own; `h = h₋₁ − u·(h₋₁ − ĥ)`.
 * - Initial states are arrays, trained where `learn_init`.
 * - `backwards`: sequences are put back into time order; the final output is that of the last processed step.
 * - `gradient_clipping` limits the gradients of the pre-activations.
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
  type ValuesOf,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {type Behaviour, type LayerRecurrence, layerDialect} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {addedPeepholes, limits} from '../../dialects/shared';
import {KERAS_2_INITIALIZERS} from '../../keras';
import {tanh} from '../../recurrence/activations';
import type {Gate, StateName} from '../../recurrence/types';

export const NEUPY = {
  library: 'neupy',
  title: 'neupy',
  releases: releases(
    ...['0.0.7', '0.1.0-4', '0.2.0-3', '0.3.0-1', '0.4.0-2', '0.5.0-2', '0.6.0-5', '0.7.0-3', '0.8.0-2'],
  ),
  defaultVersion: '0.8.2',
  initializers: KERAS_2_INITIALIZERS,
};

const shared = {
  nUnits: integer(),
  onlyReturnFinal: boolean(true),
  inputWeights: initializer('heNormal'),
  hiddenWeights: initializer('heNormal'),
  // The manual calls it `bias`.
  biases: initializer('zeros'),
  bias: initializer(null),
  hiddenInit: initializer('zeros'),
  learnInit: boolean(false),
  unrollScan: boolean(false),
  backwards: boolean(false),
  gradientClipping: number(0),
  nGradientSteps: integer(-1),
};

/** Arguments of all layers. */
type Shared = ValuesOf<typeof shared>;

function common(args: Shared) {
  return {
    units: args.nUnits,
    bias: true,
    mask: 'holdState',
    direction: args.backwards ? 'backward' : 'forward',
    outputOrder: 'time',
    bptt: limits(args.nGradientSteps, args.gradientClipping),
  } as const;
}

function behaviour(args: Shared): Behaviour {
  return {
    units: args.nUnits,
    returnSequences: !args.onlyReturnFinal,
    returnState: false,
    stateful: false,
    dropout: {input: 0, recurrent: 0, masks: 'shared'},
    ignoresMask: true,
  };
}

function weights(gates: readonly Gate[], args: Shared): ArraySpec[] {
  return [
    {name: 'input_weights', gates, holds: ['kernel'], init: 'inputWeights'},
    {name: 'hidden_weights', gates, holds: ['recurrentKernel'], init: 'hiddenWeights'},
    {
      name: 'biases',
      gates,
      holds: ['bias'],
      init: args.bias == null ? 'biases' : 'bias',
    },
  ];
}

const initial = (name: string, argument: string, state: StateName, args: Shared): ArraySpec => ({
  name,
  gates: [],
  holds: [`initial.${state}`],
  form: 'row',
  init: argument,
  trainable: args.learnInit,
});

const commonArguments = (r: LayerRecurrence): Record<string, unknown> => ({
  nUnits: r.units,
  backwards: r.direction === 'backward',
  onlyReturnFinal: !r.returnSequences,
});

const of = <N extends string>(args: Readonly<Record<N, Named>>, name: N) =>
  parseActivation(args[name], `neupy: ${name}`);

export const lstm = layerDialect({
  ...NEUPY,
  className: 'LSTM',
  arguments: {
    ...shared,
    cellWeights: initializer('heNormal'),
    cellInit: initializer('zeros'),
    ingate: activation('sigmoid'),
    forgetgate: activation('sigmoid'),
    outgate: activation('sigmoid'),
    cell: activation('tanh'),
    peepholes: boolean(false),
  },
  arrays: args => [
    ...weights(['i', 'f', 'c', 'o'], args),
    initial('cell_init', 'cellInit', 'c', args),
    initial('hidden_init', 'hiddenInit', 'h', args),
    ...(args.peepholes
      ? (['i', 'f', 'o'] as const).map(
          (gate): ArraySpec => ({
            name: `weight_cell_to_${{i: 'ingate', f: 'forgetgate', o: 'outgate'}[gate]}`,
            gates: [],
            holds: [`peephole.${gate}`],
            init: 'uniform',
          }),
        )
      : []),
  ],
  recurrence: args => ({
    ...common(args),
    cell: 'lstm',
    activations: {
      i: of(args, 'ingate'),
      f: of(args, 'forgetgate'),
      c: of(args, 'cell'),
      o: of(args, 'outgate'),
      h: tanh,
    },
    peepholes: args.peepholes ? addedPeepholes : undefined,
  }),
  behaviour,
  fromRecurrence: r => ({
    ...commonArguments(r),
    ingate: activationArgument(r.activations.i),
    forgetgate: activationArgument(r.activations.f),
    outgate: activationArgument(r.activations.o),
    cell: activationArgument(r.activations.c),
    peepholes: r.peepholes !== undefined,
  }),
});

export const gru = layerDialect({
  ...NEUPY,
  className: 'GRU',
  arguments: {
    ...shared,
    resetgate: activation('sigmoid'),
    updategate: activation('sigmoid'),
    hiddenUpdate: activation('tanh'),
  },
  arrays: args => [...weights(['r', 'z', 'h'], args), initial('hidden_init', 'hiddenInit', 'h', args)],
  recurrence: args => ({
    ...common(args),
    cell: 'gru',
    activations: {z: of(args, 'updategate'), r: of(args, 'resetgate'), h: of(args, 'hiddenUpdate')},
    reset: 'after',
    recurrentBias: false,
    updateGate: 'takes',
  }),
  behaviour,
  fromRecurrence: r => ({
    ...commonArguments(r),
    resetgate: activationArgument(r.activations.r),
    updategate: activationArgument(r.activations.z),
    hiddenUpdate: activationArgument(r.activations.h),
  }),
});
