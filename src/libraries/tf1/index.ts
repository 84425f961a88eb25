import type * as tf from '@tensorflow/tfjs-core';
import {defineLibrary} from '../library';
import {classes, factories} from './cells';
import {MultiRNNCell, type MultiRNNCellArgs} from './multi-cell';
import {BidirectionalRnn, type BidirectionalRnnArgs, DynamicRnn, type RnnArgs} from './rnn';
import {portsOf, sequenceLayers} from './sequence-layer';
import {TF1} from './shared';
import {
  DropoutWrapper,
  type DropoutWrapperArgs,
  EmbeddingWrapper,
  type EmbeddingWrapperArgs,
  ResidualWrapper,
} from './wrappers';

/** An LSTM's state as TensorFlow has it. */
export type LSTMStateTuple = {
  /** The cell's state, `[batch, units]`. */
  readonly c: tf.Tensor;
  /** The hidden state, `[batch, units]`. */
  readonly h: tf.Tensor;
};

const dynamicRnn = (args: RnnArgs): DynamicRnn => new DynamicRnn(args);
const bidirectionalDynamicRnn = (args: BidirectionalRnnArgs): BidirectionalRnn => new BidirectionalRnn(args);

/**
 * TensorFlow 0.12 to 1.15. Cells take TensorFlow's arguments in camelCase; `dynamicRnn` and its kin are layers
 * that take `[x, (lengths), (initial states)]` and give `[y, final states]`.
 */
export const tf1 = defineLibrary(
  {
    ...TF1,
    layers: [],
    cells: classes,
    plainLayers: new Map(),
    otherLayers: sequenceLayers,
    ports: portsOf,
    containerArrays: 'trainedFirst',
  },
  {
    ...factories,
    multiRNNCell: (args: MultiRNNCellArgs): MultiRNNCell => new MultiRNNCell(args),
    residualWrapper: (args: ConstructorParameters<typeof ResidualWrapper>[0]): ResidualWrapper =>
      new ResidualWrapper(args),
    dropoutWrapper: (args: DropoutWrapperArgs): DropoutWrapper => new DropoutWrapper(args),
    embeddingWrapper: (args: EmbeddingWrapperArgs): EmbeddingWrapper => new EmbeddingWrapper(args),
    dynamicRnn,
    staticRnn: dynamicRnn,
    bidirectionalDynamicRnn,
    staticBidirectionalRnn: bidirectionalDynamicRnn,
    /** `LSTMStateTuple(c, h)` */
    LSTMStateTuple: (c: tf.Tensor, h: tf.Tensor): LSTMStateTuple => ({c, h}),
  },
);
