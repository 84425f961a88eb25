import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../../converters/arrays';
import {readNpz} from '../../../converters/npz/read';
import {getEngine} from '../../engines/registry';
import {CarryoverError} from '../../errors';
import {type Comparison, compare} from '../../verify/compare';
import {runModel} from '../../verify/verify';
import {readArray} from '../files/open';
import {type OpenedModel, openModel} from '../load';
import {type Files, findGoldens, type GoldenCase, type GoldenSource, readGolden} from './case';
import {gradientsOf} from './gradients';

/** How one source of one case did. */
export interface GoldenResult {
  readonly name: string;
  readonly family: string;
  readonly source: string;
  /** Engine and backend. */
  readonly engine: string;
  readonly passed: boolean;
  /** Why it was not run. */
  readonly skipped?: string;
  /** Why it broke, where it did not come to a comparison. */
  readonly error?: string;
  /** The comparison that is furthest out. */
  readonly worst?: {
    readonly output: string;
    readonly abs: number;
    readonly rel: number;
    readonly step?: number;
  };
  /** How many arrays were compared: outputs, states, further calls, gradients. */
  readonly compared: number;
}

export interface GoldenReport {
  readonly cases: readonly GoldenResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface GoldenOptions {
  /** Called after each source. */
  readonly log?: (result: GoldenResult) => void;
  /** Changes a loaded model before it is run; tests use it to show that a wrong model fails. */
  readonly mutate?: (model: OpenedModel) => void;
}

/** The formats that this version opens. */
const FORMATS = ['keras-h5', 'keras-h5-weights', 'npz'];

/**
 * Runs golden cases: every source of every case, all its calls, its gradients, on the engine and backend in
 * force.
 * @param paths golden folders, or folders with such folders in them
 */
export async function runGoldenTree(
  paths: readonly string[],
  options: GoldenOptions = {},
): Promise<GoldenReport> {
  const cases: GoldenResult[] = [];
  for (const folder of findGoldens(paths)) {
    const golden = await readGolden(folder);
    for (const source of golden.sources) {
      const result = await runSource(golden, source, options);
      cases.push(result);
      options.log?.(result);
    }
  }
  const count = (test: (result: GoldenResult) => boolean): number => cases.filter(test).length;
  return {
    cases,
    passed: count(({passed}) => passed),
    failed: count(({passed, skipped}) => !passed && skipped === undefined),
    skipped: count(({skipped}) => skipped !== undefined),
  };
}

async function runSource(
  golden: GoldenCase,
  source: GoldenSource,
  options: GoldenOptions,
): Promise<GoldenResult> {
  const {name, family} = golden;
  const result = {name, family, source: source.path, engine: `${getEngine()} on ${tf.getBackend()}`};
  if (!FORMATS.includes(source.format)) {
    return {
      ...result,
      passed: false,
      skipped: `format ${source.format} is not read by this version`,
      compared: 0,
    };
  }
  try {
    const comparisons = await compareSource(golden, source, options);
    const worst = comparisons.reduce((a, b) => (excess(b) > excess(a) ? b : a));
    return {
      ...result,
      passed: comparisons.every(({passed}) => passed),
      worst: {output: worst.name, abs: worst.maxAbs, rel: worst.maxRel, step: worst.firstBadStep},
      compared: comparisons.length,
    };
  } catch (error) {
    const message =
      error instanceof CarryoverError ? `${error.message} (${error.code})` : String((error as Error).stack);
    return {...result, passed: false, error: message, compared: 0};
  }
}

/** Misses first, then the larger difference. */
function excess({passed, maxAbs}: Comparison): number {
  return passed ? maxAbs : 1e30 + maxAbs;
}

async function compareSource(
  golden: GoldenCase,
  source: GoldenSource,
  options: GoldenOptions,
): Promise<Comparison[]> {
  const {folder} = golden;
  const opened = await openModel(join(folder, source.path), {
    architecture: source.architecture && join(folder, source.architecture),
  });
  try {
    options.mutate?.(opened);
    const comparisons: Comparison[] = [];
    for (const [k, call] of golden.calls.entries()) {
      if (call.reset) opened.model.resetStates();
      const got = runModel(opened.model, await load(folder, call.inputs));
      for (const [output, file] of Object.entries(call.outputs)) {
        const label = k === 0 ? output : `call ${k + 1}: ${output}`;
        comparisons.push(
          compareWith(label, got.get(output), await readArray(join(folder, file)), golden.tolerance),
        );
      }
    }
    if (golden.gradients) comparisons.push(...(await compareGradients(golden, opened)));
    return comparisons;
  } finally {
    opened.model.dispose();
  }
}

function compareWith(
  name: string,
  got: NdArray | undefined,
  want: NdArray,
  tolerance: GoldenCase['tolerance'],
): Comparison {
  if (!got) throw new CarryoverError('E_USAGE', `the model has no output '${name}'`);
  return compare(name, plain(got), plain(want), tolerance);
}

/** Gradients may be ten times further off than outputs, relative to the largest of each. */
async function compareGradients(golden: GoldenCase, opened: OpenedModel): Promise<Comparison[]> {
  const {folder, gradients, calls, tolerance} = golden;
  const {file, loss, inputs, weights} = gradients!;
  const arrays = readNpz(readFileSync(join(folder, file)), file);
  const array = (name: string): NdArray => {
    const found = arrays.get(name);
    if (found) return found;
    throw new CarryoverError('E_FORMAT', `${folder}/${file}: has no array '${name}'`);
  };
  const factors = Object.fromEntries(Object.entries(loss).map(([output, name]) => [output, array(name)]));
  const got = gradientsOf(opened.model, await load(folder, calls[0]!.inputs), factors, Object.keys(inputs));
  const check = (label: string, own: NdArray, want: NdArray): Comparison => {
    const largest = Array.from(plain(want).values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const atol = 10 * (tolerance.atol + tolerance.rtol * largest);
    return compare(label, plain(own), plain(want), {atol, rtol: 0});
  };
  const position = weightPositions(
    opened,
    weights.map(([weight]) => weight),
  );
  if (got.weights.length !== weights.length && position.includes(undefined)) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${golden.name}: gradients of ${weights.length} arrays; the model has ${got.weights.length} trainable ones`,
    );
  }
  return [
    ...Object.entries(inputs).map(([input, name]) =>
      check(`gradient of ${input}`, got.inputs.get(input)!, array(name)),
    ),
    ...weights.map(([weight, name], k) =>
      check(`gradient of ${weight}`, got.weights[position[k] ?? k]!, array(name)),
    ),
  ];
}

/**
 * Where each array is among the model's trainable weights: a recipe says which array plays which role;
 * elsewhere both have the library's order.
 */
function weightPositions({model, layers}: OpenedModel, names: readonly string[]): (number | undefined)[] {
  const byName = new Map<string, number>();
  for (const {record, built} of layers) {
    for (const [k, role] of built.roles.entries()) {
      const source = record.variables?.[role];
      const place = model.trainableWeights.indexOf(built.layer.weights[k]!);
      for (const name of [source].flat()) if (typeof name === 'string' && place >= 0) byName.set(name, place);
    }
  }
  return names.map(name => byName.get(name));
}

async function load(folder: string, files: Files): Promise<Record<string, NdArray>> {
  const entries = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, await readArray(join(folder, file))] as const),
  );
  return Object.fromEntries(entries);
}

function plain({shape, values}: NdArray): {shape: readonly number[]; values: ArrayLike<number>} {
  return {shape, values: Float64Array.from(values as ArrayLike<number | bigint>, Number)};
}
