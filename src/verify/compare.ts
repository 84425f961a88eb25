import {CarryoverError} from '../errors';

/** |got − want| ≤ atol + rtol·|want|, element by element. */
export interface Tolerance {
  /** The absolute part. */
  readonly atol: number;
  /** The part relative to |want|. */
  readonly rtol: number;
}

/** What holds where nothing else is asked for. */
export const DEFAULT_TOLERANCE: Tolerance = {atol: 1e-5, rtol: 1e-5};

/** How far one array is from what it should be. */
export interface Comparison {
  /** The array's name. */
  readonly name: string;
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** Whether every element is within the tolerance. */
  readonly passed: boolean;
  /** The largest |got − want|. */
  readonly maxAbs: number;
  /** The largest |got − want| / |want|, where want is not 0. */
  readonly maxRel: number;
  /** The largest distance in units in the last place of float32. */
  readonly maxUlps: number;
  /** How many elements are out of tolerance. */
  readonly misses: number;
  /** Index of the element that is furthest beyond its tolerance (or nearest to it). */
  readonly worst: readonly number[];
  /** For `[batch, time, ...]` arrays: the first time step with a miss. */
  readonly firstBadStep?: number;
}

interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/**
 * Compares an array with what the original library gave. NaN equals NaN, infinity itself; any other
 * non-finite difference is a miss.
 * @throws CarryoverError `E_SHAPE` where the shapes differ
 */
export function compare(name: string, got: Numbers, want: Numbers, {atol, rtol}: Tolerance): Comparison {
  if (got.shape.length !== want.shape.length || got.shape.some((n, k) => n !== want.shape[k])) {
    throw new CarryoverError(
      'E_SHAPE',
      `output '${name}' has shape [${got.shape.join(', ')}]; the expected one has [${want.shape.join(', ')}]`,
    );
  }
  let [maxAbs, maxRel, maxUlps, misses, worst, worstExcess] = [0, 0, 0, 0, 0, -Infinity];
  let firstBadStep: number | undefined;
  for (let k = 0; k < want.values.length; k++) {
    const [g, w] = [got.values[k]!, want.values[k]!];
    if (isSame(g, w)) continue;
    const distance = distanceOf(g, w);
    maxAbs = Math.max(maxAbs, distance);
    if (w !== 0) maxRel = Math.max(maxRel, distance / Math.abs(w));
    maxUlps = Math.max(maxUlps, ulps(g, w));
    const allowed = atol + rtol * Math.abs(w);
    if (distance - allowed > worstExcess) [worst, worstExcess] = [k, distance - allowed];
    if (distance <= allowed) continue;
    misses++;
    const step = stepOf(k, want.shape);
    if (step !== undefined) firstBadStep = Math.min(firstBadStep ?? step, step);
  }
  return {
    name,
    shape: want.shape,
    passed: misses === 0,
    maxAbs,
    maxRel,
    maxUlps,
    misses,
    worst: unravel(worst, want.shape),
    firstBadStep,
  };
}

const isSame = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** The difference of two numbers that are not both finite is no measure: it counts as infinite. */
function distanceOf(a: number, b: number): number {
  const distance = Math.abs(a - b);
  return Number.isNaN(distance) ? Infinity : distance;
}

/** The time step of an element of `[batch, time, ...]`. */
function stepOf(index: number, shape: readonly number[]): number | undefined {
  if (shape.length < 3) return undefined;
  const perStep = shape.slice(2).reduce((a, b) => a * b, 1);
  return Math.floor(index / perStep) % shape[1]!;
}

function unravel(index: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  let rest = index;
  for (let k = shape.length - 1; k >= 0; k--) {
    result.unshift(rest % shape[k]!);
    rest = Math.floor(rest / shape[k]!);
  }
  return result;
}

const scratch = new DataView(new ArrayBuffer(4));

/** A float32's place in the order of all float32s. */
function ordinal(x: number): number {
  scratch.setFloat32(0, x);
  const bits = scratch.getInt32(0);
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

/** How many float32s lie between two numbers. */
function ulps(a: number, b: number): number {
  return Number.isFinite(a) && Number.isFinite(b) ? Math.abs(ordinal(a) - ordinal(b)) : Infinity;
}
