import type {BuiltLayer, LayerArray, StoredArray, StoredLayout} from './built';

export type {LayerArray} from './built';

type Layer = Pick<BuiltLayer, 'layer' | 'layouts'>;

/**
 * The weights of a layer from its library's arrays, whichever of the library's layouts they have. What fits none is
 * given on as it is, for the caller to compare shapes.
 */
export function toWeights(
  {layer, layouts, fromOther}: Layer & Pick<BuiltLayer, 'fromOther'>,
  arrays: readonly LayerArray[],
): readonly LayerArray[] {
  const converted = fromOther?.(arrays);
  if (converted) return converted;
  const shapes = layer.weights.map(weight => weight.shape as number[]);
  const entries = layouts
    ?.map(arraysOf)
    .find(layout => layout.every((entry, k) => fits(entry, shapes, arrays[k])));
  if (!entries) return arrays;
  const weights: LayerArray[] = [];
  for (const [k, {weight, axes}] of entries.entries()) {
    const {shape, values} = arrays[k]!;
    weights[weight] = axes ? transposed(arrays[k]!, inverse(axes)) : {shape: shapes[weight] ?? shape, values};
  }
  return weights;
}

/** The arrays that the library would save of these weights: the way back of `toWeights`. */
export function fromWeights({layouts}: Layer, weights: readonly LayerArray[]): readonly LayerArray[] {
  const [own] = layouts ?? [];
  if (!own) return weights;
  return arraysOf(own).map(({weight, axes, row}) => {
    const {shape, values} = weights[weight]!;
    if (row) return {shape: [1, ...shape], values};
    return axes ? transposed(weights[weight]!, axes) : {shape, values};
  });
}

type Entry = StoredArray & {readonly weight: number};

const arraysOf = (layout: StoredLayout): readonly Entry[] =>
  layout.map((array, weight) => (typeof array === 'string' ? {name: array, weight} : {weight, ...array}));

function fits(
  {weight, axes, row}: Entry,
  shapes: readonly number[][],
  array: LayerArray | undefined,
): boolean {
  const shape = shapes[weight];
  if (!shape || !array) return false;
  const expected = row ? [1, ...shape] : axes ? axes.map(axis => shape[axis]) : shape;
  return expected.length === array.shape.length && expected.every((n, k) => n === array.shape[k]);
}

/** `inverse(axes)[axes[k]]` is k. */
function inverse(axes: readonly number[]): number[] {
  return axes.map((_, k) => axes.indexOf(k));
}

/** Axes in another order: axis k of the result is axis `order[k]` of the array. */
function transposed({shape, values}: LayerArray, order: readonly number[]): LayerArray {
  const target = order.map(axis => shape[axis]!);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  for (let k = 0; k < result.length; k++) {
    let rest = k;
    let source = 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      source += (rest % target[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / target[axis]!);
    }
    result[k] = values[source]!;
  }
  return {shape: target, values: result};
}
