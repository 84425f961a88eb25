import * as tf from '@tensorflow/tfjs-core';
import type {Arguments, Operations, Slice, Value} from './arguments';

/* What picks values by their places. */

/** How Keras writes Python's `...`. */
const isEllipsis = (value: Value): boolean =>
  value === '...' || (value as {class_name?: unknown} | null)?.class_name === '__ellipsis__';

const isSlice = (value: Value): value is Slice =>
  typeof value === 'object' && value !== null && 'start' in value && 'stop' in value;

/** `x[key]`: numbers, slices, None and `...`, of the leading axes. Each step of the way has a gradient. */
function item(args: Arguments): tf.Tensor {
  let x = args.tensor('x');
  const given = args.get('key');
  const key: Value[] = Array.isArray(given) ? given : [given];
  const named = key.filter(part => part !== null && !isEllipsis(part)).length;
  const at = key.findIndex(isEllipsis);
  const full = new Array(Math.max(x.rank - named, 0)).fill({start: null, stop: null, step: null});
  const parts = at < 0 ? key : [...key.slice(0, at), ...full, ...key.slice(at + 1)];
  let axis = 0;
  for (const part of parts) {
    if (part === null) x = tf.expandDims(x, axis++);
    else if (isSlice(part)) x = sliced(x, axis++, part, args);
    else if (Number.isInteger(part)) x = taken(x, axis, part as number, args);
    else throw args.odd('key', 'numbers, slices, None and ...');
  }
  return x;
}

function taken(x: tf.Tensor, axis: number, index: number, args: Arguments): tf.Tensor {
  const size = x.shape[axis];
  const place = index < 0 ? index + (size ?? 0) : index;
  if (size === undefined || place < 0 || place >= size)
    throw args.odd('key', `an index of ${size ?? 'an axis that is there'}`);
  return tf.squeeze(window_(x, axis, place, 1), [axis]);
}

function sliced(x: tf.Tensor, axis: number, {start, stop, step: told}: Slice, args: Arguments): tf.Tensor {
  const size = x.shape[axis];
  const step = told ?? 1;
  const bounds = [start, stop, step].every(n => n === null || Number.isInteger(n));
  if (size === undefined || !bounds || step === 0) throw args.odd('key', 'whole numbers as bounds of slices');
  const within = (n: number): number =>
    Math.min(Math.max(n < 0 ? n + size : n, step < 0 ? -1 : 0), step < 0 ? size - 1 : size);
  const first = start === null ? (step < 0 ? size - 1 : 0) : within(start);
  const end = stop === null ? (step < 0 ? -1 : size) : within(stop);
  const count = Math.max(Math.ceil((end - first) / step), 0);
  if (step === 1) return count === size ? x : window_(x, axis, first, count);
  const places = Array.from({length: count}, (_, k) => first + k * step);
  return tf.gather(x, tf.tensor1d(places, 'int32'), axis);
}

const window_ = (x: tf.Tensor, axis: number, begin: number, size: number): tf.Tensor =>
  tf.slice(
    x,
    x.shape.map((_, k) => (k === axis ? begin : 0)),
    x.shape.map((n, k) => (k === axis ? size : n)),
  );

/** Rows of a table by their numbers; negative ones count from the end. */
function gathered(args: Arguments): tf.Tensor {
  const x = args.tensor('x');
  const axis = args.has('axis') ? args.axis('axis', x.rank) : undefined;
  const flat = args.flag('flat');
  const table = axis === undefined && flat ? tf.reshape(x, [-1]) : x;
  const along = axis ?? 0;
  const indices = tf.cast(args.tensor('indices'), 'int32');
  const size = table.shape[along]!;
  const places = tf.where(tf.less(indices, 0), tf.add(indices, size), indices);
  return tf.gather(table, tf.cast(places, 'int32'), along, args.number('batchDims', 0));
}

/** Each value's row of zeros with a one. Source: `tf.one_hot`, `keras.ops.one_hot`: −1 gives zeros alone. */
function oneHot(args: Arguments): tf.Tensor {
  const indices = tf.cast(args.tensor('x'), 'int32');
  const [on, off] = [args.number('on', 1), args.number('off', 0)];
  const hot = tf.oneHot(indices, args.number('depth'), on, off);
  const made = tf.cast(hot, 'float32');
  const axis = args.has('axis') ? args.axis('axis', made.rank) : made.rank - 1;
  if (axis === made.rank - 1) return made;
  const order = indices.shape.map((_, k) => k);
  order.splice(axis, 0, made.rank - 1);
  return tf.transpose(made, order);
}

function largest(args: Arguments): tf.Tensor[] {
  const {values, indices} = tf.topk(args.tensor('x'), args.number('k', 1), args.flag('sorted', true));
  return [values, indices];
}

export const INDEXING: Operations = {
  item,
  gather: gathered,
  oneHot,
  topK: largest,
  slice: args => {
    const x = args.tensor('x');
    const begin = args.integers('begin');
    const size = args.integers('size').map((n, k) => (n < 0 ? x.shape[k]! - begin[k]! : n));
    return tf.slice(x, begin, size);
  },
};
