import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {
  type Masks,
  NO_MASK,
  only,
  onlyShape,
  type PlainArgs,
  PlainLayer,
  type Shapes,
  type Tensors,
} from './base';
import type {WeightRuleArgs} from './serial';

interface DropoutEmbeddingSettings {
  inputDim: number;
  outputDim: number;
  inputLength: number | null;
  maskZero: boolean;
  /** Share of the table's rows that a training call zeroes. */
  dropout: number;
  /**
   * `kept`: kept rows are scaled up in training (Keras 1.x). `unscaled`: they are not, and outside training
   * every row is multiplied by 1 − dropout (Keras 0.3).
   */
  scaling: 'kept' | 'unscaled';
}

type Needed = 'inputDim' | 'outputDim' | 'dropout' | 'scaling';

/**
 * Embedding that drops whole words. Indices [batch, time] of int32 or float32 in, [batch, time, outputDim] out.
 * Source: keras/layers/embeddings.py of 0.3.3 and 1.2.2.
 */
export class DropoutEmbedding extends PlainLayer<DropoutEmbeddingSettings> {
  static readonly className = 'CarryoverEmbedding';
  private table!: LayerVariable;

  constructor(args: PlainArgs<DropoutEmbeddingSettings, Needed> & {rule?: WeightRuleArgs}) {
    super(
      args,
      {
        inputDim: undefined,
        outputDim: undefined,
        inputLength: null,
        maskZero: false,
        dropout: undefined,
        scaling: undefined,
      },
      {rule: initializers.randomUniform({minval: -0.05, maxval: 0.05})},
    );
    if (this.batchInputShape === undefined) this.batchInputShape = [null, this.settings.inputLength];
  }

  override build(): void {
    const {inputDim, outputDim} = this.settings;
    this.table = this.weight('embeddings', [inputDim, outputDim], 'rule');
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return [...onlyShape(inputShape), this.settings.outputDim];
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    const {inputDim, dropout, scaling} = this.settings;
    let table = this.table.read();
    if (training) table = tf.mul(table, tf.dropout(tf.ones([inputDim, 1]), dropout));
    if (scaling === 'unscaled') table = tf.mul(table, 1 - dropout);
    const rows = tf.gather(table, tf.reshape(tf.cast(x, 'int32'), [-1]));
    return tf.reshape(rows, [...x.shape, this.settings.outputDim]);
  }

  override computeMask(inputs: Tensors, _mask?: Masks): tf.Tensor {
    return this.settings.maskZero ? tf.notEqual(only(inputs), tf.zerosLike(only(inputs))) : NO_MASK;
  }
}
tf.serialization.registerClass(DropoutEmbedding);
