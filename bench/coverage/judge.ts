import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {readNpy} from '../../converters/npy/read';
import {plain} from '../../src/golden/arrays';
import type {Files, GoldenCase} from '../../src/golden/case';
import {compare, type Tolerance} from '../../src/verify/compare';

/** `right`: all outputs within the case's tolerance. `wrong`: numbers that are not, without a word. */
export type Verdict = 'right' | 'wrong' | 'refused' | 'crashed';

/** Tolerances below float32's own resolution are widened to it, for everyone. */
const RESOLUTION = 1e-6;
/** The tolerance of float32 outputs of models in half precision. */
const SINGLE: Tolerance = {atol: 2e-5, rtol: 2e-5};

/** Errors that a program does not mean to give: they say nothing of the file. */
const ACCIDENTS = new Set([
  ...['ended', 'time', 'AttributeError', 'KeyError', 'IndexError', 'AssertionError', 'UnboundLocalError'],
  ...['RecursionError', 'RangeError', 'ReferenceError'],
]);

/** Whether an error is one that a program gives by accident. JavaScript's TypeErrors are, Python's are Keras' own words. */
export function verdictOfError(type: string, words: string): Verdict {
  const accident =
    ACCIDENTS.has(type) ||
    (type === 'TypeError' && /^(Cannot read|.* is not (a function|iterable))/.test(words));
  return accident ? 'crashed' : 'refused';
}

/** How the outputs of all calls compare, or which one is off. */
export function judge(
  golden: GoldenCase,
  got: readonly (readonly string[])[],
): {readonly verdict: 'right' | 'wrong'; readonly why?: string} {
  const {atol, rtol} = golden.tolerance;
  const tolerance = {atol: Math.max(atol, RESOLUTION), rtol: Math.max(rtol, RESOLUTION)};
  for (const [k, {outputs}] of golden.calls.entries()) {
    const why = difference(golden.folder, outputs, got[k] ?? [], tolerance);
    const single = k === 0 ? golden.float32Outputs : undefined;
    // Half precision may be kept or not: either is right.
    if (
      why !== undefined &&
      !(single && difference(golden.folder, single, got[k] ?? [], SINGLE) === undefined)
    )
      return {verdict: 'wrong', why: k === 0 ? why : `call ${k + 1}: ${why}`};
  }
  return {verdict: 'right'};
}

/** Each expected output has to be among those that came; their order and names are not held against anybody. */
function difference(
  folder: string,
  expected: Files,
  paths: readonly string[],
  tolerance: Tolerance,
): string | undefined {
  const arrays = paths.map(path => plain(readNpy(readFileSync(path), path)));
  for (const [name, file] of Object.entries(expected)) {
    const want = plain(readNpy(readFileSync(join(folder, file)), file));
    const alike = arrays.filter(({shape}) => shape.join() === want.shape.join());
    if (alike.length === 0)
      return `${name}: no output of shape [${want.shape}]; there are ${arrays.map(({shape}) => `[${shape}]`).join(' ')}`;
    const found = alike.map(array => compare(name, array, want, tolerance));
    if (found.some(({passed}) => passed)) continue;
    const nearest = Math.min(...found.map(({maxAbs}) => maxAbs));
    return `${name}: off by ${nearest.toPrecision(2)}`;
  }
  return undefined;
}
