/**
 * Lasagne (master, 2016–2019) on Theano. Source: lasagne/layers/recurrent.py at 5d3c63c.
 *
 * - One W_in, W_hid and b per gate, in the order in, forget, cell, out; then peepholes, cell_init, hid_init.
 * - Peepholes are added: the input and the forget gate read the old cell, the output gate the *new* one.
 * - A masked step copies the state. Outputs of `backwards` are put back into time order.
 * - GRU: the reset gate acts after the recurrent product; `h = (1 − u)·h₋₁ + u·ĥ`.
 * - Initial states are arrays (trained where `learn_init`), or inputs.
 * - `gradient_steps`: only the last steps of the whole sequence carry gradient; `grad_clipping` limits the
 *   gradients of the pre-activations.
 */

import {
  type Argument,
  activation,
  activationArgument,
  boolean,
  integer,
  type Named,
  number,
  other,
  parseActivation,
  type ValuesOf,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {type Behaviour, type ExtraInput, type LayerRecurrence, layerDialect} from '../../dialects/dialect';
import {addedPeepholes, limits} from '../../dialects/shared';
import {KERAS_2_INITIALIZERS} from '../../keras';
import type {Activation} from '../../recurrence/activations';
import {linear, relu, sigmoid, tanh} from '../../recurrence/activations';
import type {PeepholeGate, Gate as RecurrenceGate, StateName} from '../../recurrence/types';

/** 0.2 never came out: it is what master calls itself. */
export const LASAGNE = {
  library: 'lasagne',
  title: 'Lasagne',
  releases: ['0.1', '0.2'],
  defaultVersion: '0.2',
  initializers: KERAS_2_INITIALIZERS,
};

const NAMED: Readonly<Record<string, Activation>> = {
  rectify: relu,
  identity: linear,
  leaky_rectify: {kind: 'leakyRelu', alpha: 0.01},
  very_leaky_rectify: {kind: 'leakyRelu', alpha: 1 / 3},
};

/** A nonlinearity by its name, or one with parameters: `{class: 'ScaledTanH', config: {scale_in, scale_out}}`. */
export function nonlinearity(spec: Named, where: string): Activation {
  if (spec === null) return linear;
  if (typeof spec === 'string') return NAMED[spec] ?? parseActivation(spec, where);
  const {class: name, config = {}} = spec as {class?: string; config?: Record<string, number>};
  if (name === 'ScaledTanH' || name === 'ScaledTanh') {
    return {kind: 'scaledTanh', in: config.scale_in ?? 1, out: config.scale_out ?? 1};
  }
  if (name === 'LeakyRectify') return {kind: 'leakyRelu', alpha: config.leakiness ?? 0.01};
  return parseActivation(spec, where);
}

/** A `Gate`, of which the nonlinearity alone counts here. */
export interface Gate {
  readonly nonlinearity?: Named;
}

/** The nonlinearity of a gate: what overrides it, or the library's own. */
function gate(override: Gate | null | undefined, fallback: Activation): Activation {
  return override?.nonlinearity === undefined
    ? fallback
    : nonlinearity(override.nonlinearity, 'lasagne: nonlinearity of a gate');
}

/** The name of an activation here. */
export function nonlinearityArgument(f: Activation | undefined): unknown {
  if (!f) return undefined;
  if (f.kind === 'relu') return 'rectify';
  if (f.kind === 'scaledTanh') return {class: 'ScaledTanH', config: {scale_in: f.in, scale_out: f.out}};
  if (f.kind === 'leakyRelu') return {class: 'LeakyRectify', config: {leakiness: f.alpha}};
  return activationArgument(f);
}

const gateArgument = (f: Activation | undefined): unknown => ({nonlinearity: nonlinearityArgument(f)});

const commonArguments = (r: LayerRecurrence): Record<string, unknown> => ({
  numUnits: r.units,
  backwards: r.direction === 'backward',
  onlyReturnFinal: !r.returnSequences,
});

const sequence = {
  backwards: boolean(false),
  learnInit: boolean(false),
  gradientSteps: integer(-1),
  gradClipping: number(0),
  unrollScan: boolean(false),
  precomputeInput: boolean(true),
  maskInput: other<string | null>(),
  onlyReturnFinal: boolean(false),
};

const maskInput: ExtraInput = {role: 'mask', argument: 'mask_input'};
const hidInit: ExtraInput = {role: 'h', argument: 'hid_init'};
const cellInit: ExtraInput = {role: 'c', argument: 'cell_init'};

/** Arguments of all layers. */
type Shared = ValuesOf<{numUnits: Argument<number>} & typeof sequence>;

function common(args: Shared) {
  return {
    units: args.numUnits,
    bias: true,
    mask: 'holdState',
    direction: args.backwards ? 'backward' : 'forward',
    outputOrder: 'time',
    bptt: limits(args.gradientSteps, args.gradClipping),
  } as const;
}

function behaviour(args: Shared): Behaviour {
  return {
    units: args.numUnits,
    returnSequences: !args.onlyReturnFinal,
    returnState: false,
    stateful: false,
    dropout: {input: 0, recurrent: 0, masks: 'shared'},
    flattens: true,
  };
}

/** An initial state of one row, unless it is another layer's output. */
function initialState(source: unknown, learned: boolean, name: string, state: StateName): ArraySpec[] {
  if (typeof source === 'string') return [];
  return [
    {
      name,
      gates: [],
      holds: [`initial.${state}`],
      form: 'row',
      init: 'zeros',
      trainable: learned,
    },
  ];
}

/** `W_in_to_ingate`, `W_hid_to_ingate`, `b_ingate`. */
function trio(name: string, canonical: RecurrenceGate): ArraySpec[] {
  return [
    {name: `W_in_to_${name}`, gates: [canonical], holds: ['kernel'], init: 'normal'},
    {name: `W_hid_to_${name}`, gates: [canonical], holds: ['recurrentKernel'], init: 'normal'},
    {name: `b_${name}`, gates: [canonical], holds: ['bias'], init: 'zeros'},
  ];
}

/** `W_cell_to_ingate` and its kin. */
export function cellWeights(gates: Readonly<Record<string, PeepholeGate>>): ArraySpec[] {
  return Object.entries(gates).map(([name, canonical]) => ({
    name: `W_cell_to_${name}`,
    gates: [],
    holds: [`peephole.${canonical}`],
    init: 'normal',
  }));
}

export const lstm = layerDialect({
  ...LASAGNE,
  className: 'LSTMLayer',
  arguments: {
    numUnits: integer(),
    ingate: other<Gate | null>(),
    forgetgate: other<Gate | null>(),
    cell: other<Gate | null>(),
    outgate: other<Gate | null>(),
    nonlinearity: activation('tanh'),
    cellInit: other(),
    hidInit: other(),
    peepholes: boolean(true),
    ...sequence,
  },
  arrays: args => [
    ...trio('ingate', 'i'),
    ...trio('forgetgate', 'f'),
    ...trio('cell', 'c'),
    ...trio('outgate', 'o'),
    ...(args.peepholes ? cellWeights({ingate: 'i', forgetgate: 'f', outgate: 'o'}) : []),
    ...initialState(args.cellInit, args.learnInit, 'cell_init', 'c'),
    ...initialState(args.hidInit, args.learnInit, 'hid_init', 'h'),
  ],
  recurrence: args => ({
    ...common(args),
    cell: 'lstm',
    activations: {
      i: gate(args.ingate, sigmoid),
      f: gate(args.forgetgate, sigmoid),
      c: gate(args.cell, tanh),
      o: gate(args.outgate, sigmoid),
      h: nonlinearity(args.nonlinearity, 'lasagne: nonlinearity'),
    },
    peepholes: args.peepholes ? addedPeepholes : undefined,
  }),
  behaviour,
  inputs: [maskInput, hidInit, cellInit],
  fromRecurrence: r => ({
    ...commonArguments(r),
    ingate: gateArgument(r.activations.i),
    forgetgate: gateArgument(r.activations.f),
    cell: gateArgument(r.activations.c),
    outgate: gateArgument(r.activations.o),
    nonlinearity: nonlinearityArgument(r.activations.h),
    peepholes: r.peepholes !== undefined,
  }),
});

export const gru = layerDialect({
  ...LASAGNE,
  className: 'GRULayer',
  arguments: {
    numUnits: integer(),
    resetgate: other<Gate | null>(),
    updategate: other<Gate | null>(),
    hiddenUpdate: other<Gate | null>(),
    hidInit: other(),
    ...sequence,
  },
  arrays: args => [
    ...trio('updategate', 'z'),
    ...trio('resetgate', 'r'),
    ...trio('hidden_update', 'h'),
    ...initialState(args.hidInit, args.learnInit, 'hid_init', 'h'),
  ],
  recurrence: args => ({
    ...common(args),
    cell: 'gru',
    activations: {
      z: gate(args.updategate, sigmoid),
      r: gate(args.resetgate, sigmoid),
      h: gate(args.hiddenUpdate, tanh),
    },
    reset: 'after',
    recurrentBias: false,
    updateGate: 'takes',
  }),
  behaviour,
  inputs: [maskInput, hidInit],
  fromRecurrence: r => ({
    ...commonArguments(r),
    updategate: gateArgument(r.activations.z),
    resetgate: gateArgument(r.activations.r),
    hiddenUpdate: gateArgument(r.activations.h),
  }),
});

export const recurrent = layerDialect({
  ...LASAGNE,
  className: 'RecurrentLayer',
  arguments: {numUnits: integer(), nonlinearity: activation('rectify'), hidInit: other(), ...sequence},
  arrays: args => [
    ...initialState(args.hidInit, args.learnInit, 'hid_init', 'h'),
    {name: 'W_in_to_hid', gates: ['h'], holds: ['kernel'], init: 'uniform'},
    {name: 'b', gates: ['h'], holds: ['bias'], init: 'zeros'},
    {name: 'W_hid_to_hid', gates: ['h'], holds: ['recurrentKernel'], init: 'uniform'},
  ],
  recurrence: args => ({
    ...common(args),
    cell: 'simple',
    activations: {
      h: nonlinearity(args.nonlinearity, 'lasagne: nonlinearity'),
    },
  }),
  behaviour,
  inputs: [maskInput, hidInit],
  fromRecurrence: r => ({...commonArguments(r), nonlinearity: nonlinearityArgument(r.activations.h)}),
});
