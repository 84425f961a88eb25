import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {
  type LayerArgs,
  type Masks,
  NO_MASK,
  only,
  onlyShape,
  PlainLayer,
  type Shapes,
  type Tensors,
} from './base';
import {reviveRule, type WeightRule, type WeightRuleArgs, writeRule} from './serial';

export interface DropoutEmbeddingArgs extends LayerArgs {
  inputDim: number;
  outputDim: number;
  inputLength?: number | null;
  maskZero?: boolean;
  /** Share of the table's rows that a training call zeroes. */
  dropout: number;
  /**
   * `kept`: kept rows are scaled up in training (Keras 1.x). `unscaled`: they are not, and outside training
   * every row is multiplied by 1 − dropout (Keras 0.3).
   */
  scaling: 'kept' | 'unscaled';
  rule?: WeightRuleArgs;
}

/**
 * Embedding that drops whole words. Indices [batch, time] of int32 or float32 in, [batch, time, outputDim] out.
 * Source: keras/layers/embeddings.py of 0.3.3 and 1.2.2.
 */
export class DropoutEmbedding extends PlainLayer {
  static readonly className = 'CarryoverEmbedding';
  private readonly args: Required<
    Pick<DropoutEmbeddingArgs, 'inputDim' | 'outputDim' | 'maskZero' | 'dropout' | 'scaling'>
  >;
  private readonly inputLength: number | null;
  private readonly rule: WeightRule;
  private table!: LayerVariable;

  constructor(args: DropoutEmbeddingArgs) {
    super(args);
    const {inputDim, outputDim, maskZero = false, dropout, scaling} = args;
    this.args = {inputDim, outputDim, maskZero, dropout, scaling};
    this.inputLength = args.inputLength ?? null;
    if (this.batchInputShape === undefined) this.batchInputShape = [null, this.inputLength];
    this.rule = reviveRule(args.rule, initializers.randomUniform({minval: -0.05, maxval: 0.05}));
  }

  override build(): void {
    const {initializer, regularizer, constraint} = this.rule;
    const shape = [this.args.inputDim, this.args.outputDim];
    this.table = this.addWeight('embeddings', shape, 'float32', initializer, regularizer, true, constraint);
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return [...onlyShape(inputShape), this.args.outputDim];
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    const {inputDim, dropout, scaling} = this.args;
    let table = this.table.read();
    if (training) table = tf.mul(table, tf.dropout(tf.ones([inputDim, 1]), dropout));
    if (scaling === 'unscaled') table = tf.mul(table, 1 - dropout);
    const rows = tf.gather(table, tf.reshape(tf.cast(x, 'int32'), [-1]));
    return tf.reshape(rows, [...x.shape, this.args.outputDim]);
  }

  override computeMask(inputs: Tensors, _mask?: Masks): tf.Tensor {
    return this.args.maskZero ? tf.notEqual(only(inputs), tf.zerosLike(only(inputs))) : NO_MASK;
  }

  override ownConfig(): tf.serialization.ConfigDict {
    return {...this.args, inputLength: this.inputLength, rule: writeRule(this.rule)};
  }
}
tf.serialization.registerClass(DropoutEmbedding);
