import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import {MaskOf} from './attention-base';
import {type Kwargs, type LayerArgs, type Masks, NO_MASK, type Shapes, type Tensors, takeMask} from './base';
import {type AxisPairs, contract, contractedShape} from './contraction';
import {untracked} from './functions';

export type MergeMode = 'sum' | 'subtract' | 'mul' | 'ave' | 'max' | 'min' | 'concat' | 'dot' | 'cos';

/** One axis for both, one each, or several each (0.3). */
export type DotAxes = number | number[] | number[][];

export interface MergeArgs extends LayerArgs {
  mode: MergeMode;
  concatAxis?: number;
  dotAxes?: DotAxes;
  /** `dot` of vectors brought to unit length along their axis (Keras 2, Dot). */
  normalize?: boolean;
  /**
   * `none`: masks are lost (0.x). `all`: a step counts where it counts in every input that has a mask (1.x to 3.3).
   * `any`: where it counts in any input, and an input without a mask takes all of them away (from 3.4 on).
   */
  masks?: 'none' | 'all' | 'any';
  /**
   * Of `mul`, `max` and `min`: a masked step of one input leaves the result to the others. The masks of the data come as
   * further inputs.
   */
  fills?: boolean;
  /**
   * Of `dot` and `cos`: `0` counts one non-negative axis from the end of the first input and the start of
   * the second; `1` has one more axis in the result of `cos`; `2` is the default.
   */
  age?: '0' | '1' | '2';
}

/** What leaves masked steps out of its result. */
const FILLED: readonly MergeMode[] = ['mul', 'max', 'min'];

const EPSILON = 1e-7;

/**
 * Several inputs made one. Inputs of fewer dimensions are widened after the batch (Keras 2).
 * tfjs' own merge layers are not used: their mask has one axis too many and leaves the last input's out.
 * Source: Merge of keras/layers/core.py 0.2.0 and 0.3.3, keras/engine/topology.py 1.2.2;
 * keras/layers/merge.py 2.3.1; keras/src/layers/merging of 2.15.0, 3.3.3 and 3.15.1.
 */
export class Merge extends layers.Layer {
  static readonly className = 'CarryoverMerge';
  private readonly args: Required<Omit<MergeArgs, keyof LayerArgs>>;
  private connected = 0;

  constructor(args: MergeArgs) {
    super(args);
    this.args = {
      mode: args.mode,
      concatAxis: args.concatAxis ?? -1,
      dotAxes: args.dotAxes ?? -1,
      normalize: args.normalize ?? false,
      masks: args.masks ?? 'all',
      fills: args.fills ?? false,
      age: args.age ?? '2',
    };
    this.supportsMasking = true;
  }

  /**
   * What a call of these tensors gives. Products and the like of steps that masks may leave out (from 3.4 on) are another
   * layer's, which has the masks as inputs.
   */
  connect(inputs: readonly SymbolicTensor[]): SymbolicTensor[] {
    const {mode, masks} = this.args;
    const isFilled = masks === 'any' && FILLED.includes(mode) && inputs.every(({shape}) => shape.length > 2);
    if (!isFilled || inputs.length < 2) return [this.apply([...inputs])].flat() as SymbolicTensor[];
    const call = this.connected++;
    const name = call === 0 ? this.name : `${this.name}_${call}`;
    const given = inputs.map((x, k) => new MaskOf({name: `${name}_mask_${k}`}).apply(x) as SymbolicTensor);
    const filling = new Merge({...this.args, name, fills: true});
    return [filling.apply([...inputs, ...given])].flat() as SymbolicTensor[];
  }

  /** Data and, where they fill steps, their masks. */
  private partsOf<T>(inputs: readonly T[]): {readonly data: T[]; readonly masks: T[]} {
    const all = this.several([...inputs]);
    const count = this.args.fills ? all.length / 2 : all.length;
    return {data: all.slice(0, count), masks: all.slice(count)};
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shapes = this.partsOf(inputShape as Shape[]).data;
    const {mode, age} = this.args;
    if (mode === 'concat') return this.concatShape(shapes);
    if (mode !== 'dot' && mode !== 'cos') return shapes.reduce(broadcastShape);
    const [a, b] = shapes as [Shape, Shape];
    const shape = contractedShape(a, b, this.axes(a.length, b.length));
    const dotted = shape.length === 1 ? [...shape, 1] : shape;
    return mode === 'cos' && age === '1' ? [dotted[0]!, 1, ...dotted.slice(1)] : dotted;
  }

  private several<T>(inputs: T[]): T[] {
    if (!Array.isArray(inputs) || inputs.length < 2) {
      throw new CarryoverError('E_SHAPE', `layer '${this.name}' got one input, expected 2 or more to merge`);
    }
    return inputs;
  }

  private concatShape(shapes: Shape[]): Shape {
    const result = [...shapes[0]!];
    const axis = this.args.concatAxis < 0 ? result.length + this.args.concatAxis : this.args.concatAxis;
    for (const shape of shapes.slice(1)) {
      const [have, more] = [result[axis], shape[axis]];
      result[axis] = have == null || more == null ? null : have + more;
    }
    return result;
  }

  private axes(rankA: number, rankB: number): AxisPairs {
    const {dotAxes, age} = this.args;
    const range = (from: number, to: number): number[] =>
      Array.from({length: Math.max(to - from, 0)}, (_, k) => from + k);
    const within = (axis: number, rank: number): number => (axis < 0 ? rank + axis : axis);
    if (typeof dotAxes === 'number') {
      if (age !== '0') return [[within(dotAxes, rankA)], [within(dotAxes, rankB)]];
      return dotAxes < 0
        ? [range(rankA + dotAxes, rankA), range(rankB + dotAxes, rankB)]
        : [range(rankA - dotAxes, rankB), range(1, dotAxes + 1)];
    }
    const [a, b] = dotAxes.map(axes => [axes].flat());
    return [(a ?? []).map(axis => within(axis, rankA)), (b ?? []).map(axis => within(axis, rankB))];
  }

  override call(inputs: Tensors, kwargs: Kwargs): tf.Tensor {
    takeMask(kwargs);
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const {data: tensors, masks} = this.partsOf(inputs as tf.Tensor[]);
      const {mode, concatAxis, fills} = this.args;
      if (fills) return filled(mode, tensors, masks);
      if (mode === 'concat')
        return tf.concat(tensors, concatAxis < 0 ? tensors[0]!.rank + concatAxis : concatAxis);
      if (mode === 'dot' || mode === 'cos') return this.multiply(tensors[0]!, tensors[1]!);
      const rank = Math.max(...tensors.map(tensor => tensor.rank));
      return this.elementWise(tensors.map(tensor => widened(tensor, rank)));
    });
  }

  private elementWise(tensors: tf.Tensor[]): tf.Tensor {
    const fold = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): tf.Tensor =>
      tensors.reduce((a, b) => f(a, b));
    switch (this.args.mode) {
      case 'subtract':
        return fold((a, b) => tf.sub(a, b));
      case 'mul':
        return fold((a, b) => tf.mul(a, b));
      case 'max':
        return fold((a, b) => tf.maximum(a, b));
      case 'min':
        return fold((a, b) => tf.minimum(a, b));
      case 'ave':
        return tf.div(
          fold((a, b) => tf.add(a, b)),
          tensors.length,
        );
      default:
        return fold((a, b) => tf.add(a, b));
    }
  }

  private multiply(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    const {mode, normalize, age} = this.args;
    const axes = this.axes(a.rank, b.rank);
    const dot = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
      const result = contract(x, y, axes);
      return result.rank === 1 ? tf.expandDims(result, 1) : result;
    };
    if (mode === 'dot') return normalize ? dot(unit(a, axes[0]), unit(b, axes[1])) : dot(a, b);
    const lengths = tf.sqrt(tf.mul(dot(a, a), dot(b, b)));
    if (age === '0') return tf.div(dot(a, b), lengths);
    return tf.expandDims(tf.div(dot(a, b), tf.maximum(lengths, EPSILON)), 1);
  }

  override computeMask(inputs: Tensors, mask?: Masks): tf.Tensor {
    const {mode, masks} = this.args;
    const all = Array.isArray(mask) ? (mask as (tf.Tensor | null)[]) : [];
    const {data} = this.partsOf(inputs as tf.Tensor[]);
    const given = all.slice(0, data.length);
    if (masks === 'none' || mode === 'dot' || mode === 'cos' || given.every(m => m == null)) return NO_MASK;
    return tf.tidy(() => {
      const present = given.filter((m): m is tf.Tensor => m != null);
      if (mode === 'concat') return this.concatenated(inputs as tf.Tensor[], given);
      if (masks === 'any' && present.length < data.length) return NO_MASK;
      return present.reduce((a, b) => (masks === 'any' ? tf.logicalOr(a, b) : tf.logicalAnd(a, b)));
    });
  }

  /** The masks along the axis that the data are put together on. */
  private concatenated(tensors: readonly tf.Tensor[], given: readonly (tf.Tensor | null)[]): tf.Tensor {
    const {concatAxis, masks} = this.args;
    const whole = tf.concat(
      tensors.map((x, k) => fullMask(x, given[k] ?? null)),
      concatAxis < 0 ? tensors[0]!.rank + concatAxis : concatAxis,
    );
    return masks === 'any' ? tf.any(whole, -1) : tf.all(whole, -1);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.args, ...super.getConfig()};
  }
}
tf.serialization.registerClass(Merge);

/**
 * The product, maximum or minimum of what counts at each step; products are 0 where nothing does.
 * Source: multiply.py and `_apply_merge_op_and_or_mask` of keras/src/layers/merging, 3.15.1.
 * @param masks one for each tensor, `[batch, time]`
 */
function filled(mode: MergeMode, tensors: readonly tf.Tensor[], masks: readonly tf.Tensor[]): tf.Tensor {
  const spread = tensors.map((x, k) => {
    const mask = tf.cast(untracked(masks[k]!), 'bool');
    const wide = tf.reshape(mask, [...mask.shape, ...new Array<number>(x.rank - 2).fill(1)]);
    return tf.logicalAnd(wide, tf.ones(x.shape, 'bool'));
  });
  if (mode === 'mul') {
    const product = tensors
      .map((x, k) => tf.where(spread[k]!, x, tf.onesLike(x)))
      .reduce((a, b) => tf.mul(a, b));
    return tf.where(
      spread.reduce((a, b) => tf.logicalOr(a, b)),
      product,
      tf.zerosLike(product),
    );
  }
  let [result, counts] = [tensors[0]!, spread[0]!];
  for (const [k, x] of tensors.entries()) {
    if (k === 0) continue;
    const other = tf.where(spread[k]!, x, result);
    const mine = tf.where(counts, result, other);
    result = mode === 'max' ? tf.maximum(mine, other) : tf.minimum(mine, other);
    counts = tf.logicalOr(counts, spread[k]!);
  }
  return result;
}

/** What the library concatenates: the mask of an input, or ones; spread over the features so that shapes agree. */
function fullMask(x: tf.Tensor, mask: tf.Tensor | null): tf.Tensor {
  const ones = tf.cast(tf.onesLike(x), 'bool');
  if (mask === null) return ones;
  return tf.logicalAnd(tf.cast(mask.rank < x.rank ? tf.expandDims(mask, -1) : mask, 'bool'), ones);
}

function unit(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), [...axes], true), EPSILON)));
}

function widened(x: tf.Tensor, rank: number): tf.Tensor {
  return x.rank === rank
    ? x
    : tf.reshape(x, [x.shape[0]!, ...new Array<number>(rank - x.rank).fill(1), ...x.shape.slice(1)]);
}

function broadcastShape(a: Shape, b: Shape): Shape {
  if (a.length < b.length) return broadcastShape(b, a);
  const padded = [b[0]!, ...new Array<number>(a.length - b.length).fill(1), ...b.slice(1)];
  return a.map((n, k) => (n === 1 || (n == null && k > 0 && padded[k] !== 1) ? padded[k]! : n));
}
