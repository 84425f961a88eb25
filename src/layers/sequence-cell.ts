import type * as tf from '@tensorflow/tfjs-core';
import type {layers, Shape} from '@tensorflow/tfjs-layers';
import type {MaskRule} from '../recurrence/types';
import type {ArrayData} from './other-arrays';

/** One state tensor of a cell, as the library counts them. */
export interface StateSlot {
  /** `c`, `h`, `0.c`, ...; empty for a state that needs no name. */
  readonly name: string;
  readonly size: number;
}

export interface SequenceOptions {
  /** In the order of `stateSlots`; zeros when absent. */
  readonly initial?: readonly tf.Tensor[];
  /** `[batch, time]`: states are held where it is 0. */
  readonly mask?: tf.Tensor;
  /** What is put out at masked steps. Default: what the cell's library says. */
  readonly rule?: MaskRule;
  /** From the last step to the first; outputs stay in time order. */
  readonly backwards?: boolean;
  readonly training?: boolean;
  /** Whether the last step's output is enough; the sequence may be returned all the same. Default `sequence`. */
  readonly returns?: 'sequence' | 'last';
}

export interface SequenceResult {
  /** `[batch, time, outputSize]`, or `[batch, outputSize]` of the step that was processed last. */
  readonly y: tf.Tensor;
  /** The final states, in the order of `stateSlots`. */
  readonly states: readonly tf.Tensor[];
}

/** What runs over whole sequences: a cell, a stack of cells, a wrapped cell. */
export interface SequenceCell {
  readonly name: string;
  readonly outputSize: number;
  readonly stateSlots: readonly StateSlot[];
  /** The library's names of the arrays, in the order of the weights. */
  readonly arrayNames: readonly string[];
  readonly trainableWeights: layers.Layer['trainableWeights'];
  readonly nonTrainableWeights: layers.Layer['nonTrainableWeights'];
  readonly losses: layers.Layer['losses'];
  built: boolean;
  variablePrefix: string;
  setFastWeightInitDuringBuild(value: boolean): void;
  build(inputShape: Shape | Shape[]): void;
  /** See `RecurrentLayer.fromOtherArrays`. */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined;
  /** How many features the input has, told from the shapes of the arrays, in their order. */
  inputSizeOf(shapes: readonly (readonly number[])[]): number;
  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult;
  /** The states of tfjs' protocol for cells, which has an output's state first, in the order of `stateSlots`. */
  fromTfjs(states: readonly tf.Tensor[]): tf.Tensor[];
  /** The inverse of `fromTfjs`. */
  toTfjs(states: readonly tf.Tensor[]): tf.Tensor[];
  /** Frees everything but the variables. */
  forget(): void;
  getClassName(): string;
  getConfig(): tf.serialization.ConfigDict;
  dispose(): unknown;
}
