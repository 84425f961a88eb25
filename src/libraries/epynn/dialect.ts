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
  type Argument,
  type Arguments,
  activation,
  activationArgument,
  boolean,
  initializer,
  integer,
  other,
  parseActivation,
} from '../../dialects/arguments';
import {type ArraySpec, kernelRows, recurrentRows} from '../../dialects/arrays';
import type {Behaviour, Dialect, LayerRecurrence} from '../../dialects/dialect';
import type {Activation} from '../../recurrence/activations';
import {linear} from '../../recurrence/activations';
import type {Gate} from '../../recurrence/types';

const LIBRARY = {library: 'epynn', defaultVersion: '1.2.13'};
const MAX_NORM = 0.25;

function layerArguments<T extends Record<string, Argument>>(gates: T, clip: boolean) {
  return {
    unitCells: integer(1),
    activate: activation('tanh'),
    ...gates,
    initialization: initializer('orthogonal'),
    clipGradients: boolean(clip),
    sequences: boolean(false),
    seHPars: other('se_hPars'),
  };
}

function of(args: Arguments, name: string): Activation {
  const constants = (args.seHPars ?? {}) as Record<string, number>;
  if (args[name] === 'lrelu') return {kind: 'leakyRelu', alpha: constants.LRELU_alpha ?? 0.3};
  if (args[name] === 'elu') return {kind: 'elu', alpha: constants.ELU_alpha ?? 1, scale: 1};
  if (args[name] === 'identity') return linear;
  return parseActivation(args[name], `epynn: ${name}`);
}

function common(args: Arguments) {
  return {
    units: args.unitCells as number,
    bias: true,
    mask: 'holdState',
    direction: 'forward',
    outputOrder: 'processed',
    bptt: {norm: args.clipGradients ? MAX_NORM : undefined},
  } as const;
}

function behaviour(args: Arguments): Behaviour {
  return {
    units: args.unitCells as number,
    returnSequences: args.sequences as boolean,
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
    {name: `U${name}`, gates: [gate], rowBlocks: [kernelRows], init: 'initialization'},
    {name: `V${name}`, gates: [gate], rowBlocks: [recurrentRows], init: 'initialization'},
    {name: `b${name}`, gates: [gate], rowBlocks: [{weight: 'bias', rows: 1}], init: 'zeros'},
  ]);
}

export const lstm = {
  ...LIBRARY,
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
} satisfies Dialect;

export const gru = {
  ...LIBRARY,
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
} satisfies Dialect;

export const rnn = {
  ...LIBRARY,
  className: 'RNN',
  arguments: layerArguments({}, true),
  arrays: () => trios({'': 'h'}),
  recurrence: args => ({...common(args), cell: 'simple', activations: {h: of(args, 'activate')}}),
  behaviour,
  fromRecurrence: fromRecurrence({activate: 'h'}),
} satisfies Dialect;
