import * as tf from '@tensorflow/tfjs-core';
import {attribute, type GraphNode} from '../../../../converters/graph-def/node';
import {type Allowed, refuseOther} from '../attributes';
import type {Operation} from '../operation';
import type {OwnOperations} from './types';

const FORMATS: Allowed = {data_format: ['NHWC', 'NCHW']};

/** Operations that know which axis has the channels. */
export const channelOperations: OwnOperations = {
  BiasAdd: node => {
    const first = channelsFirst(node);
    return ([x, bias]) => [tf.add(x!, first ? alongChannels(bias!, x!.rank) : bias!)];
  },
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  DepthToSpace: node => {
    refuseOther(node, {data_format: ['NHWC']});
    const block = attribute(node, 'block_size')!.int!;
    return ([x]) => {
      const [batch, height, width, depth] = x!.shape as [number, number, number, number];
      const channels = depth / block ** 2;
      const cut = tf.reshape(x!, [batch, height, width, block, block, channels]);
      return [
        tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, height * block, width * block, channels]),
      ];
    };
  },
  SpaceToDepth: node => {
    refuseOther(node, {data_format: ['NHWC']});
    const block = attribute(node, 'block_size')!.int!;
    return ([x]) => {
      const [batch, height, width, channels] = x!.shape as [number, number, number, number];
      const [rows, columns] = [height / block, width / block];
      const cut = tf.reshape(x!, [batch, rows, block, columns, block, channels]);
      return [
        tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, rows, columns, channels * block ** 2]),
      ];
    };
  },
};

function channelsFirst(node: GraphNode): boolean {
  refuseOther(node, FORMATS);
  return attribute(node, 'data_format')?.text === 'NCHW';
}

/** One number for each channel, to be used with a tensor whose second axis these are. */
const alongChannels = (x: tf.Tensor, rank: number): tf.Tensor =>
  tf.reshape(x, [x.size, ...Array(Math.max(0, rank - 2)).fill(1)]);

/**
 * y, mean, variance. In training these are the batch's, the variance with Bessel's correction where it is put out and
 * without where it is used. TensorFlow.js has inference only, with another default of `epsilon`.
 * Source: core/kernels/fused_batch_norm_op.cc.
 */
function batchNorm(node: GraphNode): Operation {
  const first = channelsFirst(node);
  const training = attribute(node, 'is_training')?.bool ?? true;
  const epsilon = attribute(node, 'epsilon')?.float ?? 1e-4;
  refuseOther(node, {exponential_avg_factor: [1]});
  return inputs => {
    const [x, scale, offset, mean, variance] = inputs as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const fitted = (one: tf.Tensor): tf.Tensor => (first ? alongChannels(one, x.rank) : one);
    const axes = x.shape.map((_, k) => k).filter(k => k !== (first ? 1 : x.rank - 1));
    const moments = training ? tf.moments(x, axes) : {mean, variance};
    const rows = x.size / scale.size;
    const factor = tf.mul(tf.rsqrt(tf.add(moments.variance, epsilon)), scale);
    const y = tf.add(tf.mul(tf.sub(x, fitted(moments.mean)), fitted(factor)), fitted(offset));
    const corrected = training ? tf.mul(moments.variance, rows / Math.max(1, rows - 1)) : variance;
    return [y, tf.clone(moments.mean), training ? corrected : tf.clone(corrected)];
  };
}
