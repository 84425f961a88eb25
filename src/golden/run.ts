import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../converters/arrays';
import type {FileSet} from '../../converters/files';
import {formatNamed} from '../../converters/formats';
import {engineLabel, getEngine, takeUsedEngines} from '../engines/registry';
import {CarryoverError} from '../errors';
import type {OpenedModel} from '../model/open';
import {openModelAt} from '../open/model';
import {type Comparison, compare} from '../verify/compare';
import {runModel} from '../verify/verify';
import {loadArray, loadArrays, plain} from './arrays';
import {type GoldenCase, type GoldenSource, readGolden} from './case';
import {compareGradients} from './compare-gradients';

/** How one source of one case did. */
export interface GoldenResult {
  /** The case's name, as its `golden.json` says it. */
  readonly name: string;
  /** The folder that the case is in: `keras-0.3.3`, ... */
  readonly family: string;
  /** The file or folder that was loaded, within the case's folder. */
  readonly source: string;
  /** Engines and backend as they ran: `onnx, wasm on cpu`. */
  readonly engine: string;
  /** Engine and backend as they were chosen: what the chosen engine cannot run goes to another. */
  readonly chosen: string;
  /** The engines that ran. */
  readonly ran: readonly string[];
  /** Whether every array was within its tolerance. */
  readonly passed: boolean;
  /** Why it was not run. */
  readonly skipped?: string;
  /** Why it broke, where it did not come to a comparison. */
  readonly error?: string;
  /** The comparison that is furthest out. */
  readonly worst?: {
    /** What was compared: an output, or `gradient of ...`. */
    readonly output: string;
    /** The largest |got − want|. */
    readonly abs: number;
    /** The largest |got − want| / |want|. */
    readonly rel: number;
    /** The first time step that is out of tolerance. */
    readonly step?: number;
  };
  /** The tolerance that counted, where it is not the case's own. */
  readonly resolution?: 'float32';
  /** How many arrays were compared: outputs, states, further calls, gradients. */
  readonly compared: number;
}

/** How all sources of the cases did. */
export interface GoldenReport {
  /** One result for each source. */
  readonly cases: readonly GoldenResult[];
  /** How many sources passed. */
  readonly passed: number;
  /** How many missed their tolerance or broke. */
  readonly failed: number;
  /** How many were not run. */
  readonly skipped: number;
}

/** How golden cases are run. */
export interface GoldenOptions {
  /** Called after each source. */
  readonly log?: (result: GoldenResult) => void;
  /** Changes a loaded model before it is run; tests use it to show that a wrong model fails. */
  readonly mutate?: (model: OpenedModel) => void | Promise<void>;
}

/**
 * What float32 can tell apart near 1. A library that computed in float64 may ask for more than any arithmetic
 * of tfjs can give: such cases are compared at this resolution, and the report says so.
 */
const FLOAT32_RESOLUTION = 1e-6;

/**
 * Runs golden cases: every source of every case, all its calls, its gradients, on the engine and backend in
 * force.
 */
export async function runGoldens(
  files: FileSet,
  folders: readonly string[],
  options: GoldenOptions = {},
): Promise<GoldenReport> {
  const cases: GoldenResult[] = [];
  for (const folder of folders) {
    const golden = await readGolden(files, folder);
    for (const source of golden.sources) {
      const result = await runSource(files, golden, source, options);
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
  files: FileSet,
  golden: GoldenCase,
  source: GoldenSource,
  options: GoldenOptions,
): Promise<GoldenResult> {
  const {name, family} = golden;
  const backend = tf.getBackend();
  const chosen = engineLabel([getEngine()], backend);
  const result = {name, family, source: source.path, chosen};
  const ran = () => {
    const names = takeUsedEngines();
    return {engine: engineLabel(names, backend), ran: names};
  };
  takeUsedEngines();
  if (!formatNamed(source.format)?.open) {
    return {
      ...result,
      passed: false,
      skipped: `format ${source.format} is not read by this version`,
      compared: 0,
      ...ran(),
    };
  }
  try {
    const {comparisons, resolution} = await compareSource(files, golden, source, options);
    const worst = comparisons.reduce((a, b) => (excess(b) > excess(a) ? b : a));
    return {
      ...result,
      passed: comparisons.every(({passed}) => passed),
      worst: {output: worst.name, abs: worst.maxAbs, rel: worst.maxRel, step: worst.firstBadStep},
      ...(resolution && {resolution}),
      compared: comparisons.length,
      ...ran(),
    };
  } catch (error) {
    const message =
      error instanceof CarryoverError ? `${error.message} (${error.code})` : String((error as Error).stack);
    return {...result, passed: false, error: message, compared: 0, ...ran()};
  }
}

/** Misses first, then the larger difference. */
function excess({passed, maxAbs}: Comparison): number {
  return passed ? maxAbs : 1e30 + maxAbs;
}

async function compareSource(
  files: FileSet,
  golden: GoldenCase,
  source: GoldenSource,
  options: GoldenOptions,
): Promise<Pick<GoldenResult, 'resolution'> & {comparisons: Comparison[]}> {
  const {folder} = golden;
  const {path, architecture, format} = source;
  const opened = await openModelAt(
    {files, name: `${folder}/${path}`},
    {architecture: architecture === undefined ? undefined : {files, name: `${folder}/${architecture}`}},
  );
  try {
    if (opened.format !== format)
      throw new CarryoverError('E_FORMAT', `${path}: was opened as ${opened.format}; expected ${format}`);
    await options.mutate?.(opened);
    const doubles = opened.architecture.inputs.some(({dtype}) => dtype === 'float64');
    const {atol, rtol} = golden.tolerance;
    const tight = doubles && Math.max(atol, rtol) < FLOAT32_RESOLUTION;
    const tolerance = tight ? {atol: FLOAT32_RESOLUTION, rtol: FLOAT32_RESOLUTION} : golden.tolerance;
    const comparisons: Comparison[] = [];
    for (const [k, call] of golden.calls.entries()) {
      if (call.reset) opened.model.resetStates();
      const got = runModel(opened.model, await loadArrays(files, folder, call.inputs));
      for (const [output, file] of Object.entries(call.outputs)) {
        const label = k === 0 ? output : `call ${k + 1}: ${output}`;
        comparisons.push(
          compareWith(label, got.get(output), await loadArray(files, folder, file), tolerance),
        );
      }
    }
    if (golden.gradients)
      comparisons.push(...(await compareGradients(files, {...golden, tolerance}, opened)));
    return {comparisons, ...(tight && {resolution: 'float32' as const})};
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
