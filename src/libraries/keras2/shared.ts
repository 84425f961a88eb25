import {
  type ArgumentTable,
  activation,
  activationArgument,
  boolean,
  constraint,
  initializer,
  integer,
  number,
  regularizer,
  type Spelling,
  type ValuesOf,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import type {Behaviour, LayerRecurrence} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {before} from '../../dialects/version';
import {KERAS_2_INITIALIZERS} from '../../keras';
import type {Gate} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import type {Steps} from '../keras/cells';
import {SEED} from '../keras/plain/parts';
import {isTensorFlows, keptStatesFirst, unrolledMask, zeroInBidirectional} from '../keras/releases';

/* What the recurrent layers and cells of Keras 2 have in common; Keras 3 has most of it from here. */

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

/** TensorFlow's Keras had it, Keras 3 has not. */
const TENSORFLOWS: Spelling = {'0': 'time_major', '3': null};

export const recurrentActivation = activation(version =>
  before(version, '2.3') ? 'hardSigmoid' : 'sigmoid',
);

/** How the arrays of a layer start, what they cost and what holds them. */
export const WEIGHTS = {
  kernelInitializer: initializer('glorotUniform'),
  recurrentInitializer: initializer('orthogonal'),
  biasInitializer: initializer('zeros'),
  kernelRegularizer: regularizer(),
  recurrentRegularizer: regularizer(),
  biasRegularizer: regularizer(),
  kernelConstraint: constraint(),
  recurrentConstraint: constraint(),
  biasConstraint: constraint(),
};

/** How a layer runs over sequences, whatever its cell. */
export const SEQUENCES = {
  timeMajor: boolean(false, TENSORFLOWS),
  returnSequences: boolean(false),
  returnState: boolean(false),
  goBackwards: boolean(false),
  stateful: boolean(false),
};

/** Arguments of a cell beside those of its kind. */
export function cellArguments<T extends ArgumentTable>(own: T) {
  return {
    units: integer(),
    activation: activation('tanh'),
    ...own,
    useBias: boolean(true),
    ...WEIGHTS,
    dropout: number(0),
    recurrentDropout: number(0),
    // 2.3 and TensorFlow's layers from 2.0 on have 2; 0 is TensorFlow 1's word for 1.
    implementation: integer(version => (before(version, '2.3') ? 1 : 2)),
    seed: SEED,
  };
}

/** Arguments of a layer beside those of its kind. */
export function layerArguments<T extends ArgumentTable>(own: T) {
  return {
    ...cellArguments(own),
    ...SEQUENCES,
    // TensorFlow has it, no release of Keras 2. A masked step puts out 0.
    zeroOutputForMask: boolean(false),
    unroll: boolean(false),
  };
}

/** Arguments of all cells. */
export type CellArgs = ValuesOf<ReturnType<typeof cellArguments<Record<never, never>>>>;
/** How all layers run. */
export type SequenceArgs = ValuesOf<typeof SEQUENCES>;
/** Arguments of all layers with cells. */
export type LayerArgs = CellArgs &
  SequenceArgs & {readonly zeroOutputForMask: boolean; readonly unroll: boolean};

/** A cell is stepped forwards, or runs the other way round where its layer does; the layer has the mask rule. */
export function ofCell(args: Pick<CellArgs, 'units' | 'useBias'>) {
  return {
    units: args.units,
    bias: args.useBias,
    mask: 'holdRepeat',
    direction: 'forward',
    outputOrder: 'time',
  } as const;
}

export function ofLayer(args: LayerArgs) {
  return {
    units: args.units,
    bias: args.useBias,
    mask: args.zeroOutputForMask ? 'holdZero' : 'holdRepeat',
    direction: args.goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
  } as const;
}

/** What there is to say of a kind of cell, alone or in a layer. */
export interface Kind<A> {
  arrays(args: A, version: string): readonly ArraySpec[];
  /** Its equations. */
  steps(args: A, version: string): Steps;
  /** How its masks of dropout are drawn. */
  masks(args: A, version: string): Behaviour['dropout']['masks'];
}

/** How a cell drops inputs and states while it trains. */
export const dropoutOf =
  <A extends CellArgs>({masks}: Kind<A>) =>
  (args: A, version: string): Behaviour['dropout'] => ({
    input: args.dropout,
    recurrent: args.recurrentDropout,
    masks: masks(args, version),
  });

export const behaviourOf =
  <A extends CellArgs>(kind: Kind<A>) =>
  (args: A & LayerArgs, version: string): Behaviour => ({
    units: args.units,
    ...sequences(args),
    keptStatesFirst: keptStatesFirst(version),
    ...unrolledMask(args, version),
    dropout: dropoutOf(kind)(args, version),
  });

/** TensorFlow takes implementation 1 where states are dropped. Source: LSTMCell of 2.15. */
export const usesOneProduct = (
  {implementation, recurrentDropout}: Pick<CellArgs, 'implementation' | 'recurrentDropout'>,
  version: string,
): boolean => implementation === 2 && !(recurrentDropout > 0 && isTensorFlows(version));

/** How a layer runs, in the words of its behaviour. */
export const sequences = ({timeMajor, returnSequences, returnState, stateful}: SequenceArgs) => ({
  timeMajor,
  returnSequences,
  returnState,
  stateful,
});

/** What Bidirectional changes in the arguments of the layers that it makes. */
export const insideBidirectional = (
  {returnSequences}: Pick<SequenceArgs, 'returnSequences'>,
  version: string,
): Readonly<Record<string, unknown>> =>
  zeroInBidirectional(version) ? {zeroOutputForMask: returnSequences} : {};

/** The three arrays of a layer or cell. */
export function arrays(
  gates: readonly Gate[],
  {useBias}: Pick<CellArgs, 'useBias'>,
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

/** A layer in the words of Keras 2. */
export function fromRecurrence(r: LayerRecurrence): Record<string, unknown> {
  return {
    units: r.units,
    activation: activationArgument(r.activations.c ?? r.activations.h),
    recurrentActivation: activationArgument(r.activations.f ?? r.activations.z),
    resetAfter: r.reset === 'after',
    goBackwards: r.direction === 'backward',
    returnSequences: r.returnSequences,
  };
}
