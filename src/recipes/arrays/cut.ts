import type {NamedArray} from '../../../converters/arrays';
import {type FoundSizes, fitShapes} from './layout';
import type {Pattern} from './patterns';

/** Arrays that belong together: those of a file's group, or of one scope of names; or all of a list. */
export interface ArrayGroup {
  readonly name: string;
  readonly arrays: readonly NamedArray[];
  /** What the names say of each array's role; absent where the order has to do. */
  readonly roles?: readonly string[];
  /** The arrays of several layers may follow one another here. */
  readonly list?: boolean;
}

/** A layer that was found, with its arrays in the order of its roles. */
export interface FoundLayer {
  readonly group: ArrayGroup;
  readonly pattern: Pattern;
  readonly sizes: FoundSizes;
  readonly arrays: readonly NamedArray[];
  /** Both directions: `arrays` has those of the forward one first. */
  readonly pair?: boolean;
  /** How many steps of the layer before this one reads side by side. */
  readonly steps?: number;
  /** How wide that is which it reads, where that is not what it wants. */
  readonly mismatch?: number;
}

/** The cheapest way to cut arrays into layers. */
export interface Cutting {
  readonly layers: readonly FoundLayer[];
  readonly left: readonly NamedArray[];
  readonly cost: number;
}

/** What speaks against a cutting: sizes that do not follow one another, arrays of no layer, many small layers. */
const COST = {
  layer: 1,
  state: 0.5,
  pair: 2.5,
  noBias: 0.5,
  odd: 2,
  cut: 3,
  flatten: 1,
  mismatch: 10,
  left: 25,
};

interface State {
  readonly cost: number;
  /** How wide what the last layer puts out is. */
  readonly width?: number;
  readonly recurrent: boolean;
  readonly before?: State;
  readonly layer?: FoundLayer;
  readonly left?: readonly NamedArray[];
}

/** Longer lists are no networks of these libraries, and take too long. */
const MOST_ARRAYS = 2000;

/**
 * Cuts arrays into the layers that they can be, so that sizes follow one another as far as may be.
 * @returns undefined where there are too many arrays for that
 */
export function cutIntoLayers(
  groups: readonly ArrayGroup[],
  patterns: readonly Pattern[],
): Cutting | undefined {
  const places = groups.flatMap(({arrays}, g) => arrays.map((array, k) => ({group: groups[g]!, array, k})));
  if (places.length > MOST_ARRAYS) return undefined;
  /** At each place, the cheapest state for every width. */
  const states = Array.from({length: places.length + 1}, () => new Map<number | undefined, State>());
  const put = (place: number, state: State | undefined): void => {
    const known = state && states[place]!.get(state.width);
    if (state && (!known || state.cost < known.cost)) states[place]!.set(state.width, state);
  };
  put(0, {cost: 0, recurrent: false});
  for (const [place, {group, array, k}] of places.entries()) {
    const layers = layersAt(groups, group, k, patterns);
    // A group of which a part tells no layer tells none at all.
    const left = group.list ? [array] : k === 0 ? group.arrays : [];
    for (const state of states[place]!.values()) {
      for (const layer of layers) put(place + layer.arrays.length, follow(state, layer));
      if (left.length > 0) put(place + left.length, leave(state, left));
    }
  }
  return cheapest([...states.at(-1)!.values()]);
}

function leave(state: State, left: readonly NamedArray[]): State {
  return {...state, cost: state.cost + left.length * COST.left, before: state, layer: undefined, left};
}

function cheapest(ends: readonly State[]): Cutting {
  const best = ends.reduce((a, b) => (b.cost < a.cost ? b : a));
  const path: State[] = [];
  for (let state: State | undefined = best; state; state = state.before) path.unshift(state);
  return {
    layers: path.flatMap(({layer}) => layer ?? []),
    left: path.flatMap(({left}) => left ?? []),
    cost: best.cost,
  };
}

/** The layers whose arrays can begin at the k-th of a group. */
function layersAt(
  groups: readonly ArrayGroup[],
  group: ArrayGroup,
  k: number,
  patterns: readonly Pattern[],
): FoundLayer[] {
  const next = groups[groups.indexOf(group) + 1];
  return patterns.flatMap(pattern => {
    const one = layerAt(group, k, pattern);
    if (!one) return [];
    if (!pattern.recurrent?.pairs) return [one];
    const end = k + one.arrays.length;
    const within = end < group.arrays.length;
    const after = pattern.recurrent?.pairs === 'joined' ? next : undefined;
    const other = within ? layerAt(group, end, pattern) : after && layerAt(after, 0, pattern);
    const {input, units} = one.sizes;
    if (other?.sizes.input !== input || other.sizes.units !== units) return [one];
    return [one, {...one, pair: true, arrays: [...one.arrays, ...other.arrays]}];
  });
}

function layerAt(group: ArrayGroup, k: number, pattern: Pattern): FoundLayer | undefined {
  const {layouts} = pattern;
  const {arrays, roles} = group;
  if (roles) {
    // Names tell the roles of all arrays of a scope.
    const order = layouts.map(({role}) => roles.indexOf(role));
    if (k > 0 || order.includes(-1) || roles.length !== layouts.length) return undefined;
    return found(
      group,
      order.map(place => arrays[place]!),
      pattern,
    );
  }
  return found(group, arrays.slice(k, k + layouts.length), pattern);
}

function found(group: ArrayGroup, arrays: readonly NamedArray[], pattern: Pattern): FoundLayer | undefined {
  if (arrays.length < pattern.layouts.length) return undefined;
  const sizes = fitShapes(
    pattern.layouts,
    arrays.map(({shape}) => shape),
  );
  return sizes && {group, pattern, sizes, arrays};
}

/** A layer after what is there: whether its size is right, and what that costs. */
function follow(state: State, layer: FoundLayer): State | undefined {
  const {pattern, sizes, pair} = layer;
  const {kind} = pattern;
  const first = state.width === undefined;
  const wants = kind === 'embedding' ? undefined : sizes.input;
  const fits = first || wants === state.width;
  const steps = !fits && kind === 'dense' && state.recurrent ? sizes.input / state.width! : 0;
  const flat = steps > 1 && Number.isInteger(steps);
  const within = state.layer?.group === layer.group && !layer.group.list;
  // What a file keeps together does not fall apart.
  if (within && !fits && !flat) return undefined;
  const cost =
    (pair ? COST.pair : COST.layer) +
    (pattern.recurrent?.states.length ?? 0) * COST.state +
    oddity(layer, first) +
    (fits ? 0 : flat ? COST.flatten : COST.mismatch) +
    (within ? COST.cut : 0);
  return {
    cost: state.cost + cost,
    width: kind === 'recurrent' && pair ? 2 * sizes.units : sizes.units,
    recurrent: kind === 'recurrent',
    before: state,
    layer: {...layer, ...(flat ? {steps} : {}), ...(fits || flat ? {} : {mismatch: state.width})},
  };
}

/** A lone matrix is an embedding at the beginning and a product without bias later, unless its name says otherwise. */
function oddity({group, pattern: {kind, layouts}}: FoundLayer, first: boolean): number {
  if (layouts.length > 1) return 0;
  const {name} = group;
  const told = /embed/i.test(name)
    ? 'embedding'
    : /dense|softmax|logits|output/i.test(name)
      ? 'dense'
      : undefined;
  if (told) return kind === told ? 0 : COST.odd * 2;
  return kind === (first ? 'embedding' : 'dense') ? COST.noBias : COST.odd;
}
