import {activationArgument, type Named, parseActivation, snake} from '../../dialects/arguments';
import type {LayerRecurrence} from '../../dialects/dialect';
import type {Recurrence} from '../../recurrence/types';

/* What Keras 0 to 2 have in common. */

type Activation = ReturnType<typeof parseActivation>;
/** The equations of a cell. */
export type Steps = Pick<Recurrence, 'cell' | 'activations' | 'reset' | 'updateGate'>;

interface Gates {
  readonly gate: Activation;
  readonly value: Activation;
}

/** The activation of a layer's values. The release decides what names mean. */
export const valueActivation = ({activation}: {readonly activation: Named}, version: string): Activation =>
  parseActivation(activation, 'activation', version);

/** The two activations of a layer: that of its gates, given by the argument `inner`, and that of its values. */
export const gateActivations =
  <I extends string>(inner: I) =>
  (args: Readonly<Record<I | 'activation', Named>>, version: string): Gates => ({
    gate: parseActivation(args[inner], snake(inner), version),
    value: valueActivation(args, version),
  });

export const lstmSteps = ({gate, value}: Gates): Steps => ({
  cell: 'lstm',
  activations: {i: gate, f: gate, o: gate, c: value, h: value},
});

export const gruSteps = ({gate, value}: Gates, reset: 'before' | 'after' = 'before'): Steps => ({
  cell: 'gru',
  activations: {z: gate, r: gate, h: value},
  reset,
  updateGate: 'keeps',
});

/** A layer in the words of Keras 0 and 1. */
export function keras1Arguments(r: LayerRecurrence): Record<string, unknown> {
  return {
    outputDim: r.units,
    activation: activationArgument(r.activations.c ?? r.activations.h),
    innerActivation: activationArgument(r.activations.f ?? r.activations.z),
    goBackwards: r.direction === 'backward',
    returnSequences: r.returnSequences,
  };
}
