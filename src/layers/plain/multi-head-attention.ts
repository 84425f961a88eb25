import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import {ATTENTION_DEFAULTS} from './attention';
import {
  type AttentionInputs,
  AttentionLayer,
  type AttentionSettings,
  bothOf,
  causalMask,
  lowered,
} from './attention-base';
import {knownDim, type PlainArgs, type Shapes} from './base';
import {axisFromFront} from './normalization';
import type {WeightRuleArgs} from './serial';

interface HeadSettings extends AttentionSettings {
  /** Heads of the query. */
  heads: number;
  /** Heads of keys and values, each for as many of the query's as fit; null: as many as the query's. */
  sharedHeads: number | null;
  keyDim: number;
  /** Null: `keyDim`. */
  valueDim: number | null;
  /** The shape of what comes out for a step; null: the query's features. */
  target: readonly number[] | null;
  /** Axes over which there is attention, the batch being 0; null: all between batch and features. */
  axes: readonly number[] | null;
  useBias: boolean;
  /** The sum of each head is multiplied by sigmoid(query · W + b). */
  useGate: boolean;
  /** Steps see those nearer than this alone; null: all. */
  window: number | null;
  /** Queries that may see nothing get nothing, in place of a mean of all. */
  zeroesMasked: boolean;
}

const PROJECTIONS = ['query', 'key', 'gate', 'value', 'output'] as const;
type Projection = (typeof PROJECTIONS)[number];

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

/**
 * Attention of several heads, each on projections of its own; grouped query attention shares those of keys and values.
 * Query `[batch, ..., features]`, value and key likewise in, `[batch, ..., features of the query]` out. Arrays: kernel and
 * bias of query, key, gate, value and output.
 * Source: keras/src/layers/attention, multi_head_attention.py of 2.15.0 and 3.15.1, grouped_query_attention.py of 3.15.1.
 */
export class MultiHeadAttention extends AttentionLayer<HeadSettings> {
  static readonly className = 'CarryoverMultiHeadAttention';
  private readonly kernels: Partial<Record<Projection, LayerVariable>> = {};
  private readonly biases: Partial<Record<Projection, LayerVariable>> = {};

  constructor(
    args: PlainArgs<HeadSettings, 'heads' | 'keyDim'> & {kernel?: WeightRuleArgs; bias?: WeightRuleArgs},
  ) {
    const own = {
      heads: undefined,
      sharedHeads: null,
      keyDim: undefined,
      valueDim: null,
      target: null,
      axes: null,
      useBias: true,
      useGate: false,
      window: null,
      zeroesMasked: false,
    };
    const starts = {kernel: initializers.glorotUniform({}), bias: initializers.zeros()};
    super(args, {...ATTENTION_DEFAULTS, ...own}, starts);
  }

  private get valueDim(): number {
    return this.settings.valueDim ?? this.settings.keyDim;
  }

  private get sharedHeads(): number {
    return this.settings.sharedHeads ?? this.settings.heads;
  }

  private targetOf(query: Shape): number[] {
    return [...(this.settings.target ?? [knownDim(query, -1, this.name)])];
  }

  override build(inputShape: Shapes): void {
    const {query, value, key} = this.byRole(inputShape as Shape[]);
    const {heads, keyDim, useBias, useGate} = this.settings;
    this.requireOneAxis(query.length);
    const features = (shape: Shape): number => knownDim(shape, -1, this.name);
    const shapes: Readonly<Record<Projection, readonly [number[], number[]]>> = {
      query: [[features(query)], [heads, keyDim]],
      key: [[features(key)], [this.sharedHeads, keyDim]],
      gate: [[features(query)], [heads, this.valueDim]],
      value: [[features(value)], [this.sharedHeads, this.valueDim]],
      output: [[heads, this.valueDim], this.targetOf(query)],
    };
    for (const name of PROJECTIONS) {
      if (name === 'gate' && !useGate) continue;
      const [from, to] = shapes[name];
      this.kernels[name] = this.weight(`${name}_kernel`, [...from, ...to], 'kernel');
      if (useBias) this.biases[name] = this.weight(`${name}_bias`, to, 'bias');
    }
    this.built = true;
  }

  /** Keras makes masks of the first axis after the batch, whatever attention runs over. */
  private requireOneAxis(rank: number): void {
    const {causal, window} = this.settings;
    const axes = this.attentionAxes(rank);
    if (axes.length === 1 || (!causal && window === null)) return;
    const what = causal ? 'use_causal_mask' : `sliding_window ${window}`;
    throw new CarryoverError(
      'E_LAYER',
      `${what} goes with attention over one axis alone; attention_axes are ${axes.join(', ')}`,
    );
  }

  protected override shapesOf(query: Shape, _value: Shape, key: Shape): [Shape, Shape] {
    const axes = this.attentionAxes(query.length);
    const others = query.filter((_, k) => k < query.length - 1 && !axes.includes(k));
    const [queries, keys] = [axes.map(axis => query[axis]!), axes.map(axis => key[axis]!)];
    return [
      [...query.slice(0, -1), ...this.targetOf(query)],
      [...others, this.settings.heads, ...queries, ...keys],
    ];
  }

  private attentionAxes(rank: number): number[] {
    const {axes} = this.settings;
    // Negative ones count from the end of the axes before the features.
    if (axes) return axes.map(axis => axisFromFront(axis, rank - 1));
    return Array.from({length: rank - 2}, (_, k) => k + 1);
  }

  /** The last `from` axes made others: x · W + b. */
  private projected(name: Projection, x: tf.Tensor, from: number): tf.Tensor {
    const kernel = this.kernels[name]!.read();
    const [width, to] = [product(kernel.shape.slice(0, from)), kernel.shape.slice(from)];
    const rows = tf.reshape(x, [-1, width]) as tf.Tensor2D;
    const y = tf.matMul(rows, tf.reshape(kernel, [width, -1]) as tf.Tensor2D);
    const shaped = tf.reshape(y, [...x.shape.slice(0, x.rank - from), ...to]);
    const bias = this.biases[name];
    return bias ? tf.add(shaped, bias.read()) : shaped;
  }

  /** Axes that attention does not run over come first, then heads, then the steps in one, then features. */
  private arranged(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
    const others = x.shape.map((_, k) => k).filter(k => k < x.rank - 2 && !axes.includes(k));
    const shape = [...others, x.rank - 2].map(k => x.shape[k]!);
    const steps = product(axes.map(axis => x.shape[axis]!));
    const moved = tf.transpose(x, [...others, x.rank - 2, ...axes, x.rank - 1]);
    return tf.reshape(moved, [...shape, steps, x.shape.at(-1)!]);
  }

  /** Heads of keys and values as often as the query has them. */
  private repeated(x: tf.Tensor): tf.Tensor {
    const times = this.settings.heads / this.sharedHeads;
    if (times === 1) return x;
    const axis = x.rank - 2;
    const copies = tf.stack(new Array<tf.Tensor>(times).fill(x), axis + 1);
    return tf.reshape(
      copies,
      x.shape.map((n, k) => (k === axis ? n * times : n)),
    );
  }

  /** What each query may see, with an axis for the heads: `[batch, ..., 1, queries, keys]`. */
  private validOf({query, key, given}: AttentionInputs, axes: readonly number[]): tf.Tensor | undefined {
    const [queries, keys] = [query, key].map(x => axes.map(axis => x.shape[axis]!)) as [number[], number[]];
    const {causal, window} = this.settings;
    const between = [given.value_mask, given.key_mask].map(mask => mask && tf.expandDims(mask, 1));
    const all = [
      given.query_mask && tf.expandDims(given.query_mask, 2),
      ...between,
      causal ? causalMask(query.shape[1]!, key.shape[1]!) : undefined,
      window === null ? undefined : bandMask(query.shape[1]!, key.shape[1]!, window),
      given.attention_mask,
    ].reduce(bothOf, undefined);
    if (!all) return undefined;
    const before = all.shape.slice(0, all.rank - 2 * axes.length);
    return tf.reshape(all, [
      ...before,
      1,
      all.shape.at(-2 * axes.length) === 1 ? 1 : product(queries),
      product(keys),
    ]);
  }

  protected override attend(inputs: AttentionInputs, training: boolean) {
    const {query, key, value} = inputs;
    const axes = this.attentionAxes(query.rank);
    const q = this.arranged(this.projected('query', query, 1), axes);
    const k = this.arranged(this.repeated(this.projected('key', key, 1)), axes);
    const v = this.arranged(this.repeated(this.projected('value', value, 1)), axes);
    const products = tf.matMul(tf.mul(q, 1 / Math.sqrt(this.settings.keyDim)), k, false, true);
    const valid = this.validOf(inputs, axes);
    const soft = tf.softmax(valid ? lowered(products, valid) : products);
    const weights = valid && this.settings.zeroesMasked ? tf.mul(soft, valid) : soft;
    const sums = this.returned(tf.matMul(this.thinned(weights, training), v), query, axes);
    const gated = this.kernels.gate ? tf.mul(sums, tf.sigmoid(this.projected('gate', query, 1))) : sums;
    const [, shape] = this.shapesOf(query.shape, value.shape, key.shape);
    return {output: this.projected('output', gated, 2), scores: tf.reshape(weights, shape as number[])};
  }

  /** The way back of `arranged`, for the query's steps. */
  private returned(x: tf.Tensor, query: tf.Tensor, axes: readonly number[]): tf.Tensor {
    const others = query.shape.map((_, k) => k).filter(k => k < query.rank - 1 && !axes.includes(k));
    const {heads} = this.settings;
    const shape = [
      ...others.map(k => query.shape[k]!),
      heads,
      ...axes.map(k => query.shape[k]!),
      this.valueDim,
    ];
    const places = [...others, -1, ...axes, -2];
    const order = [...query.shape.map((_, k) => k).slice(0, -1), -1, -2].map(place => places.indexOf(place));
    return tf.transpose(tf.reshape(x, shape), order);
  }
}
tf.serialization.registerClass(MultiHeadAttention);

/** 1 for each step nearer than so many. `[queries, keys]` */
function bandMask(queries: number, keys: number, width: number): tf.Tensor {
  const row = tf.expandDims(tf.range(0, queries), 1);
  const distance = tf.abs(tf.sub(row, tf.expandDims(tf.range(0, keys), 0)));
  return tf.cast(tf.less(distance, width), 'float32');
}
