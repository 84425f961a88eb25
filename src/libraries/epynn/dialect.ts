/**
 * EpyNN 1.2. Source: epynn/{lstm,gru,rnn}/{models,forward,parameters}.py, commons/maths.py of 1.2.13.
 *
 * - One U (e, u), V (u, u) and b (1, u) per gate: LSTM f, i, g, o; GRU z, r, hh. The library computes in
 *   float64, this one in float32.
 * - GRU: the reset gate acts before the product; `h = z·h₋₁ + (1 − z)·hh`.
 * - `clip_gradients`: the gradients of a layer's arrays are scaled together to a norm of 0.25 where it is
 *   larger. On by default for RNN alone.
 * - `se_hPars` holds the constants of elu (`ELU_alpha`, 1) and lrelu (`LRELU_alpha`, 0.3).
 */

import {
  type ArgumentTable,
  activation,
  activationArgument,
  boolean,
  initializer,
  integer,
  type Named,
  other,
  parseActivation,
  type ValuesOf,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {type Behaviour, type LayerRecurrence, layerDialect} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {KERAS_2_INITIALIZERS} from '../../keras';
import type {Activation} from '../../recurrence/activations';
import {linear} from '../../recurrence/activations';
import type {Gate} from '../../recurrence/types';

export const EPYNN = {
  library: 'epynn',
  title: 'EpyNN',
  releases: releases('1.0.0-4', '1.1.0', '1.2.0-2', '1.2.4-13'),
  defaultVersion: '1.2.13',
  initializers: KERAS_2_INITIALIZERS,
};
const MAX_NORM = 0.25;

/** `se_hPars`: constants of activations. */
type Constants = Readonly<Record<string, number>>;

function layerArguments<T extends ArgumentTable>(gates: T, clip: boolean) {
  return {
    unitCells: integer(1),
    activate: activation('tanh'),
    ...gates,
    initialization: initializer('orthogonal'),
    clipGradients: boolean(clip),
    sequences: boolean(false),
    seHPars: other<Constants>('se_hPars'),
  };
}

function of<N extends string>(
  args: Readonly<Record<N, Named>> & {readonly seHPars: Constants | undefined},
  name: N,
): Activation {
  const constants = args.seHPars ?? {};
  if (args[name] === 'lrelu') return {kind: 'leakyRelu', alpha: constants.LRELU_alpha ?? 0.3};
  if (args[name] === 'elu') return {kind: 'elu', alpha: constants.ELU_alpha ?? 1, scale: 1};
  if (args[name] === 'identity') return linear;
  return parseActivation(args[name], `epynn: ${name}`);
}

/** Arguments of all layers. */
type Shared = ValuesOf<ReturnType<typeof layerArguments<Record<never, never>>>>;

function common(args: Shared) {
  return {
    units: args.unitCells,
    bias: true,
    mask: 'holdState',
    direction: 'forward',
    outputOrder: 'processed',
    bptt: {norm: args.clipGradients ? MAX_NORM : undefined},
  } as const;
}

function behaviour(args: Shared): Behaviour {
  return {
    units: args.unitCells,
    returnSequences: args.sequences,
    returnState: false,
    stateful: false,
    dropout: {input: 0, recurrent: 0, masks: 'shared'},
    ignoresMask: true,
  };
}

const fromRecurrence =
  (gates: Readonly<Record<string, Gate>>) =>
  (r: LayerRecurrence): Record<string, unknown> => ({
    unitCells: r.units,
    ...Object.fromEntries(
      Object.entries(gates).map(([name, gate]) => [name, activationArgument(r.activations[gate])]),
    ),
    sequences: r.returnSequences,
    clipGradients: false,
  });

/** `Uf`, `Vf`, `bf`, in the library's names of the gates. */
function trios(gates: Readonly<Record<string, Gate>>): ArraySpec[] {
  return Object.entries(gates).flatMap(([name, gate]): ArraySpec[] => [
    {name: `U${name}`, gates: [gate], holds: ['kernel'], init: 'initialization'},
    {name: `V${name}`, gates: [gate], holds: ['recurrentKernel'], init: 'initialization'},
    {name: `b${name}`, gates: [gate], holds: ['bias'], form: 'row', init: 'zeros'},
  ]);
}

export const lstm = layerDialect({
  ...EPYNN,
  className: 'LSTM',
  arguments: layerArguments(
    {
      activateOutput: activation('sigmoid'),
      activateCandidate: activation('tanh'),
      activateInput: activation('sigmoid'),
      activateForget: activation('sigmoid'),
    },
    false,
  ),
  arrays: () => trios({f: 'f', i: 'i', g: 'c', o: 'o'}),
  recurrence: args => ({
    ...common(args),
    cell: 'lstm',
    activations: {
      i: of(args, 'activateInput'),
      f: of(args, 'activateForget'),
      c: of(args, 'activateCandidate'),
      o: of(args, 'activateOutput'),
      h: of(args, 'activate'),
    },
  }),
  behaviour,
  fromRecurrence: fromRecurrence({
    activate: 'h',
    activateOutput: 'o',
    activateCandidate: 'c',
    activateInput: 'i',
    activateForget: 'f',
  }),
});

export const gru = layerDialect({
  ...EPYNN,
  className: 'GRU',
  arguments: layerArguments(
    {activateUpdate: activation('sigmoid'), activateReset: activation('sigmoid')},
    false,
  ),
  arrays: () => trios({z: 'z', r: 'r', hh: 'h'}),
  recurrence: args => ({
    ...common(args),
    cell: 'gru',
    activations: {z: of(args, 'activateUpdate'), r: of(args, 'activateReset'), h: of(args, 'activate')},
    reset: 'before',
    updateGate: 'keeps',
  }),
  behaviour,
  fromRecurrence: fromRecurrence({activate: 'h', activateUpdate: 'z', activateReset: 'r'}),
});

export const rnn = layerDialect({
  ...EPYNN,
  className: 'RNN',
  arguments: layerArguments({}, true),
  arrays: () => trios({'': 'h'}),
  recurrence: args => ({...common(args), cell: 'simple', activations: {h: of(args, 'activate')}}),
  behaviour,
  fromRecurrence: fromRecurrence({activate: 'h'}),
});
