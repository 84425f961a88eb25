import type {GraphNode} from '../../../converters/graph-def/node';

/**
 * What a tensor of the graph is in the recipe: which layer's (or input's) data, and how they lie. A graph folds, turns and
 * cuts what a recipe hands on whole.
 */
export interface Place {
  /** What the recipe calls the data. */
  readonly name: string;
  /** Of the recipe's data: `[batch, features]`, or with time. Indices are counted as if they had features. */
  readonly rank: 2 | 3;
  readonly indices?: boolean;
  /** Features; undefined where the graph does not tell. */
  readonly size?: number;
  /** Which axis of the recipe's data is time; undefined of an input that nothing has read in time yet. */
  readonly timeAxis?: 0 | 1;
  /** The first two axes are exchanged. */
  readonly swapped: boolean;
  /** From the last step to the first: each row by its own length, or all steps. */
  readonly reversed?: 'rows' | 'all';
  /**
   * `full`: as many axes as the recipe's data. `merged`: the first two are one. `wide`: the features of all steps side by
   * side, `[batch, time · features]`. `step`: one step alone.
   */
  readonly form: 'full' | 'merged' | 'wide' | 'step';
  /** Of a step: its index, −1 for the last; of how many, where that is known. */
  readonly step?: number;
  readonly steps?: number;
  /** Sizes of an input's first axes, where the graph fixes them. */
  readonly axes?: readonly (number | null)[];
  /** Of a step: the nodes that use each of all steps. */
  readonly users?: readonly (readonly GraphNode[])[];
  /** The layer's state that these data are as well. */
  readonly state?: string;
}

/** A layer's own data, as the recipe hands them on. */
export const wholePlace = (name: string, shape: Pick<Place, 'rank' | 'size' | 'timeAxis'>): Place => ({
  name,
  ...shape,
  swapped: false,
  form: 'full',
});

/** The place, time being on that axis of the graph's tensor; undefined where it is on the other. */
export function timedOn(place: Place, axis: number): Place | undefined {
  if (place.rank !== 3 || (axis !== 0 && axis !== 1)) return undefined;
  const timeAxis = (place.swapped ? 1 - axis : axis) as 0 | 1;
  if (place.timeAxis !== undefined && place.timeAxis !== timeAxis) return undefined;
  return {...place, timeAxis, steps: place.steps ?? place.axes?.[timeAxis] ?? undefined};
}

/** `Transpose`; undefined where it moves the features. */
export function transposed(place: Place, axes: readonly number[]): Place | undefined {
  if (axes.every((axis, k) => axis === k)) return place;
  const swaps = axes[0] === 1 && axes[1] === 0 && axes.every((axis, k) => k < 2 || axis === k);
  if (!swaps || place.form !== 'full' || place.rank !== 3) return undefined;
  return {...place, swapped: !place.swapped};
}

/** `Reverse` along an axis of the graph's tensor. */
export function turned(place: Place, axis: number, kind: 'rows' | 'all'): Place | undefined {
  const timed = place.form === 'full' ? timedOn(place, axis) : undefined;
  if (!timed || (timed.reversed && timed.reversed !== kind)) return undefined;
  return {...timed, reversed: timed.reversed ? undefined : kind};
}

/** One step of time of all data, cut along an axis of the graph's tensor. */
export function cut(place: Place, axis: number, index: number, parts?: number): Place | undefined {
  // `split` of `[time · batch, features]` into as many parts as there are steps.
  const folded = place.form === 'merged' && axis === 0 && parts !== undefined;
  const timed = place.form === 'full' || folded ? timedOn(place, axis) : undefined;
  if (!timed) return undefined;
  const {reversed, steps = parts} = timed;
  const at = index < 0 && steps !== undefined ? index + steps : index;
  const step = {...timed, swapped: false, form: 'step', step: at, steps} as const;
  if (reversed !== 'all') return step;
  // Steps are counted in time: the first of what was turned round is the last.
  const turnedIndex = steps === undefined ? (at === 0 ? -1 : at === -1 ? 0 : undefined) : steps - 1 - at;
  return turnedIndex === undefined ? undefined : {...step, step: turnedIndex, reversed: undefined};
}

/** All steps put together: `Pack` gives them an axis of their own, `Concat` puts them end to end. */
export function assembled(steps: readonly Place[], axis: number, op: 'pack' | 'concat'): Place | undefined {
  const [first] = steps as [Place];
  const {timeAxis = 1} = first;
  const count = first.steps ?? steps.length;
  if (count !== steps.length || !steps.every(step => step.form === 'step' && step.name === first.name))
    return undefined;
  const inOrder = steps.every(({step}, k) => step === k || (step === -1 && k === count - 1));
  const turnedRound = steps.every(({step}, k) => step === count - 1 - k || (step === -1 && k === 0));
  if (!inOrder && !turnedRound) return undefined;
  if (turnedRound && !inOrder && first.reversed) return undefined;
  const {step: _step, state: _state, users: _users, ...data} = first;
  const common = {...data, steps: count, reversed: inOrder ? first.reversed : ('all' as const)};
  if (op === 'pack' && (axis === 0 || axis === 1))
    return {...common, form: 'full', swapped: axis !== timeAxis};
  if (axis === 0) return {...common, form: 'merged', swapped: timeAxis !== 0};
  return axis === 1 || axis === -1 ? {...common, form: 'wide', swapped: timeAxis === 0} : undefined;
}

/** What a `Reshape` makes of data: other axes of the same, or layers of a recipe. */
export type Reshaped =
  | {readonly kind: 'same'; readonly place: Place}
  | {readonly kind: 'flatten'}
  | {readonly kind: 'split'; readonly features: number};

/** The shape that a tensor is given: −1 for what is left, null for what is computed; undefined where nothing is known of it. */
export interface Target {
  readonly sizes?: readonly (number | null)[];
}

export function reshaped(place: Place, target: Target): Reshaped | undefined {
  const {form, indices, rank} = place;
  // Indices have no axis of features.
  const sizes = indices ? target.sizes && [...target.sizes, null] : target.sizes;
  const keeps = keepsFeatures(place, sizes?.at(-1));
  const same = (change: Partial<Place> = {}): Reshaped => ({kind: 'same', place: {...place, ...change}});
  if (rank === 2 || form === 'step') return reshapedRows(place, sizes, keeps);
  if (sizes?.length === 2) {
    if (keeps) return same({form: 'merged'});
    const inTime = form === 'full' && !place.swapped && !place.reversed && place.timeAxis !== 0;
    return inTime ? {kind: 'flatten'} : undefined;
  }
  const unfolds = keeps && (sizes === undefined || (sizes.length === 3 && keepsSteps(place, sizes)));
  return unfolds ? same({form: 'full'}) : undefined;
}

/** `[batch, features]`, or a step. */
function reshapedRows(place: Place, sizes: Target['sizes'], keeps: boolean): Reshaped | undefined {
  const {size, form} = place;
  const last = sizes?.at(-1) ?? -1;
  if (keeps || last === -1) return {kind: 'same', place};
  const divides = size !== undefined && size % last === 0;
  return sizes?.length === 3 && form === 'full' && divides ? {kind: 'split', features: last} : undefined;
}

function keepsFeatures({size}: Place, last: number | null | undefined): boolean {
  if (last === undefined || last === null || last === size) return true;
  return size === undefined && last > 0;
}

/** Whether time stays where it is: not where the batch is. */
function keepsSteps(place: Place, sizes: readonly (number | null)[]): boolean {
  const {swapped, timeAxis = 1, steps} = place;
  const axis = swapped ? 1 - timeAxis : timeAxis;
  const [time, batch] = [sizes[axis], sizes[1 - axis]];
  if (steps === undefined || time === null) return true;
  return time === -1 ? batch !== steps : time === steps;
}

/** Whether data lie alike, so that they can be added or put side by side. */
export function sameLayout(a: Place, b: Place): boolean {
  return (
    a.rank === b.rank &&
    a.form === b.form &&
    a.swapped === b.swapped &&
    a.reversed === b.reversed &&
    a.step === b.step &&
    (a.timeAxis ?? 1) === (b.timeAxis ?? 1)
  );
}
