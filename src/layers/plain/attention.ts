import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {
  type AttentionInputs,
  AttentionLayer,
  type AttentionSettings,
  bothOf,
  causalMask,
  lowered,
} from './attention-base';
import {knownDim, type PlainArgs, type Shapes} from './base';

/**
 * How well a key answers a query: their product (Luong), the sum of tanh(query + key) times one weight (`concat`), or with
 * a weight for each feature (Bahdanau, `additive`).
 */
export type Scoring = 'dot' | 'concat' | 'additive';

interface ScoredSettings extends AttentionSettings {
  scoring: Scoring;
  /** There is a scale: of the product, inside of the tanh (`concat`), or of each feature (`additive`). */
  useScale: boolean;
}

/** Defaults of all kinds of attention. */
export const ATTENTION_DEFAULTS: AttentionSettings = {
  roles: null,
  implicitMasks: [],
  causal: false,
  returnScores: false,
  dropout: 0,
  passesMask: true,
};

/**
 * Keras' Attention and AdditiveAttention: query `[batch, Tq, dim]`, value and key `[batch, Tv, dim]` in, `[batch, Tq, dim]`
 * out. Keys of masked values have no weight; masked queries give 0.
 * Source: keras/src/layers/attention, attention.py, additive_attention.py, base_dense_attention.py of 2.15.0 and 3.15.1.
 */
export class Attention extends AttentionLayer<ScoredSettings> {
  static readonly className = 'CarryoverAttention';
  private scale: LayerVariable | undefined;
  private factor: LayerVariable | undefined;

  constructor(args: PlainArgs<ScoredSettings, 'scoring'>) {
    const start = args.scoring === 'additive' ? initializers.glorotUniform({}) : initializers.ones();
    const starts = {scale: start, factor: initializers.ones()};
    super(args, {...ATTENTION_DEFAULTS, scoring: undefined, useScale: false}, starts);
  }

  override build(inputShape: Shapes): void {
    const {query} = this.byRole(inputShape as Shape[]);
    const {scoring, useScale} = this.settings;
    if (useScale)
      this.scale = this.weight('scale', scoring === 'additive' ? [knownDim(query, -1, this.name)] : []);
    if (scoring === 'concat') this.factor = this.weight('factor', []);
    this.built = true;
  }

  protected override shapesOf(query: Shape, value: Shape): [Shape, Shape] {
    return [
      [...query.slice(0, -1), value.at(-1)!],
      [...query.slice(0, -1), value.at(-2)!],
    ];
  }

  private scores(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
    const {scoring} = this.settings;
    const scale = this.scale?.read();
    if (scoring === 'dot') {
      const products = tf.matMul(query, key, false, true);
      return scale ? tf.mul(products, scale) : products;
    }
    const sums = tf.add(tf.expandDims(query, -2), tf.expandDims(key, -3));
    if (scoring === 'additive') return tf.sum(scale ? tf.mul(tf.tanh(sums), scale) : tf.tanh(sums), -1);
    return tf.mul(tf.sum(tf.tanh(scale ? tf.mul(sums, scale) : sums), -1), this.factor!.read());
  }

  protected override attend({query, value, key, given}: AttentionInputs, training: boolean) {
    const scores = this.scores(query, key);
    const values = given.value_mask && tf.expandDims(given.value_mask, -2);
    const order = this.settings.causal ? causalMask(query.shape.at(-2)!, key.shape.at(-2)!) : undefined;
    const valid = bothOf(values, order);
    const weights = this.thinned(tf.softmax(valid ? lowered(scores, valid) : scores), training);
    const output = tf.matMul(weights, value);
    return {
      output: given.query_mask ? tf.mul(output, tf.expandDims(given.query_mask, -1)) : output,
      scores: weights,
    };
  }
}
tf.serialization.registerClass(Attention);
