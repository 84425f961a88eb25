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
    /** `tf.nn.rnn_cell.MultiRNNCell`: cells one on top of the other. */
    multiRNNCell: (args: MultiRNNCellArgs): MultiRNNCell => new MultiRNNCell(args),
    /** `tf.nn.rnn_cell.ResidualWrapper`: adds the input of a cell to its output. */
    residualWrapper: (args: ConstructorParameters<typeof ResidualWrapper>[0]): ResidualWrapper =>
      new ResidualWrapper(args),
    /** `tf.nn.rnn_cell.DropoutWrapper`: dropout on input, state and output while training. */
    dropoutWrapper: (args: DropoutWrapperArgs): DropoutWrapper => new DropoutWrapper(args),
    /** `tf.contrib.rnn.EmbeddingWrapper`: looks whole numbers up before the cell. */
    embeddingWrapper: (args: EmbeddingWrapperArgs): EmbeddingWrapper => new EmbeddingWrapper(args),
    /** `tf.nn.dynamic_rnn`: a layer, `[x, (lengths), (initial states)]` in, `[y, final states]` out. */
    dynamicRnn,
    /** `tf.nn.static_rnn`: the same; data are one tensor here too. */
    staticRnn: dynamicRnn,
    /** `tf.nn.bidirectional_dynamic_rnn`: `[y fw, y bw, states fw, states bw]` out. */
    bidirectionalDynamicRnn,
    /** `tf.nn.static_bidirectional_rnn`: the same. */
    staticBidirectionalRnn: bidirectionalDynamicRnn,
    /** `LSTMStateTuple(c, h)` */
    LSTMStateTuple: (c: tf.Tensor, h: tf.Tensor): LSTMStateTuple => ({c, h}),
  },
);
