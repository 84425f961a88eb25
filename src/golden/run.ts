import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../converters/arrays';
import type {FileSet} from '../../converters/files';
import {formatNamed} from '../../converters/formats';
import {engineLabel, getEngine, takeUsedEngines} from '../engines/registry';
import {CarryoverError} from '../errors';
import type {OpenedModel} from '../model/open';
import {type Comparison, compare, type Tolerance} from '../verify/compare';
import {outputPorts, reaching} from '../verify/ports';
import {runModel} from '../verify/verify';
import {loadArray, loadArrays, plain} from './arrays';
import {type GoldenCase, type GoldenSource, readGolden} from './case';
import {classesIn} from './classes';
import {compareGradients} from './compare-gradients';
import {goldenPorts} from './outputs';
import {openSource, refusalOf} from './source';

/** How one source of one case did. */
export interface GoldenResult {
  /** The case's name, as its `golden.json` says it. */
  readonly name: string;
  /** The folder that the case is in: `keras-0.3.3`, ... */
  readonly family: string;
  /** The file or folder that was loaded, within the case's folder. */
  readonly source: string;
  /** Its format, as the case says it. */
  readonly format: string;
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
  /** Why it was refused, where it must be. */
  readonly refused?: string;
  /**
   * The tolerance that counted, where it is not the case's own: `float32` where a library computed in float64,
   * `float32 outputs` where it computed in half precision, and the case has what it puts out in float32.
   */
  readonly resolution?: 'float32' | 'float32 outputs';
  /** How many arrays were compared: outputs, states, further calls, gradients. */
  readonly compared: number;
  /** How many of them were gradients. */
  readonly gradients?: number;
  /** The library's and the release's name, as `golden.json` says who made the case. */
  readonly madeBy: {
    /** `keras`, `tf.keras`, `tensorflow`, ... */
    readonly library: string;
    /** Its version, or the commit. */
    readonly release: string;
  };
  /** What was opened: the library, by this project's name, and the classes of its layers; absent where nothing was. */
  readonly opened?: {
    /** `keras0`, `tf1`, ... */
    readonly library: string;
    /** Those of wrapped layers and of cells among them. */
    readonly classes: readonly string[];
  };
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
  const madeBy = {library: golden.library, release: golden.version};
  const result = {name, family, source: source.path, format: source.format, chosen, madeBy};
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
    if (golden.refused !== undefined) {
      const refused = await refusalOf(files, golden, source);
      return {...result, passed: true, refused, compared: 0, ...ran()};
    }
    const {comparisons, resolution, ...facts} = await compareSource(files, golden, source, options);
    const worst = comparisons.reduce((a, b) => (excess(b) > excess(a) ? b : a));
    return {
      ...result,
      passed: comparisons.every(({passed}) => passed),
      worst: {output: worst.name, abs: worst.maxAbs, rel: worst.maxRel, step: worst.firstBadStep},
      ...(resolution && {resolution}),
      compared: comparisons.length,
      ...facts,
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
): Promise<Pick<GoldenResult, 'resolution' | 'gradients' | 'opened'> & {comparisons: Comparison[]}> {
  const {folder} = golden;
  const opened = await openSource(files, golden, source);
  try {
    await options.mutate?.(opened);
    const {tolerance, resolution} = toleranceOf(golden, opened);
    const comparisons: Comparison[] = [];
    for (const [k, call] of golden.calls.entries()) {
      if (call.reset) opened.model.resetStates();
      const single = k === 0 ? golden.float32Outputs : undefined;
      const outputs = single ?? call.outputs;
      const got = runFor(opened.model, await loadArrays(files, folder, call.inputs), Object.keys(outputs));
      for (const [output, file] of Object.entries(outputs)) {
        const label = k === 0 ? output : `call ${k + 1}: ${output}`;
        const want = await loadArray(files, folder, file);
        comparisons.push(compareWith(label, got.get(output)!, want, single ? SINGLE : tolerance));
      }
    }
    const gradients = golden.gradients ? await compareGradients(files, {...golden, tolerance}, opened) : [];
    const {library, layers} = opened.architecture;
    return {
      comparisons: [...comparisons, ...gradients],
      gradients: gradients.length,
      opened: {library, classes: classesIn(layers)},
      ...(resolution && {resolution}),
    };
  } finally {
    opened.model.dispose();
  }
}

/** What a model gives under the names that a case has for it. */
function runFor(
  model: OpenedModel['model'],
  inputs: Parameters<typeof runModel>[1],
  names: readonly string[],
): Map<string, NdArray> {
  const own = goldenPorts(outputPorts(model), names);
  const asked = names.every(name => own.has(name)) ? model : reaching(model, names);
  const ports = asked === model ? own : outputPorts(asked);
  const arrays = [...runModel(asked, inputs).values()];
  return new Map(names.map(name => [name, arrays[ports.indexOf(name)]!]));
}

/** The tolerance of float32 outputs of models in half precision. */
const SINGLE: Tolerance = {atol: 2e-5, rtol: 2e-5};

function toleranceOf(
  {tolerance, float32Outputs}: GoldenCase,
  {architecture}: OpenedModel,
): Pick<GoldenResult, 'resolution'> & {readonly tolerance: Tolerance} {
  if (float32Outputs) return {tolerance, resolution: 'float32 outputs'};
  const doubles = architecture.inputs.some(({dtype}) => dtype === 'float64');
  if (!doubles || Math.max(tolerance.atol, tolerance.rtol) >= FLOAT32_RESOLUTION) return {tolerance};
  return {tolerance: {atol: FLOAT32_RESOLUTION, rtol: FLOAT32_RESOLUTION}, resolution: 'float32'};
}

function compareWith(
  name: string,
  got: NdArray,
  want: NdArray,
  tolerance: GoldenCase['tolerance'],
): Comparison {
  return compare(name, plain(got), plain(want), tolerance);
}
