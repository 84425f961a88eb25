import {before} from '../../dialects/version';
import {UNROLLED_BACKWARDS} from '../../layers/stateful-layer';

/* What recurrent layers do otherwise in TensorFlow's Keras than in Keras 2 itself. */

/** Whether a release is TensorFlow's own Keras, or a later one: `2.2.4-tf`, `2.4.0`, `3.0.0`. */
export const isTensorFlows = (version: string): boolean => /-tf$/.test(version) || !before(version, '2.4');

/**
 * A stateful layer's own states come before those that a call gives, while they are not zero. Source:
 * keras/layers/rnn/base_rnn.py, _process_inputs, of tf.keras 2.15; Keras 2.3.1 and Keras 3 take what they are given.
 */
export const keptStatesFirst = (version: string): boolean => isTensorFlows(version) && before(version, '3');

/**
 * Masked steps inside of Bidirectional put out 0 where sequences are returned. Source: force_zero_output_for_mask in
 * bidirectional.py of TensorFlow 1.15, tf.keras 2.15 and Keras 3.
 */
export const zeroInBidirectional = isTensorFlows;

/**
 * A stateful Bidirectional keeps no states from one prediction to the next: its base class says anew that it has none.
 * Source: Bidirectional.__init__ and Layer.__init__ of 2.1.4 to 2.3.1, where the former sets `stateful` first.
 */
export const forgetsInBidirectional = (version: string): boolean =>
  !isTensorFlows(version) && !before(version, '2.1.4');

/** Whether a layer takes masks. */
export const unrolledMask = (
  {
    unroll,
    goBackwards,
    zeroOutputForMask,
  }: Readonly<Record<'unroll' | 'goBackwards' | 'zeroOutputForMask', boolean>>,
  version: string,
): {readonly takesNoMask?: string} =>
  unroll && goBackwards && zeroOutputForMask && isTensorFlows(version)
    ? {takesNoMask: UNROLLED_BACKWARDS}
    : {};

/** The states of a stack of cells begin with the last cell's. Source: StackedRNNCells of 2.2.2 and 2.2.3. */
export const reverseStateOrder = (version: string): boolean => before(version, '2.2.3');
