import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {io} from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../../converters/arrays';
import type {Format, WrittenFile} from '../../converters/format';
import {FORMATS, formatNamed} from '../../converters/formats';
import {readTfjs} from '../../converters/tfjs/read';
import {CarryoverError} from '../errors';
import {GraphLayersModel} from '../graph/model';
import {graphFiles} from '../graph/write/files';
import {isCarryoverClass} from '../libraries';
import {artifactsOf} from '../model/artifacts';
import type {OpenedModel} from '../model/open';
import {checkFolder, writeFolder} from '../node/files/write';
import {openModel} from '../node/load';
import {compare} from '../verify/compare';
import {runModel} from '../verify/verify';
import {ENGINE_OPTIONS, JSON_OPTION, MODEL_OPTIONS, parse, usage} from './args';
import {chooseEngine} from './engine';
import {graphCopy} from './graph-copy';
import {modelSource} from './model';
import type {Outcome} from './outcome';
import {modelNotes, note, print, printJson, progress, small} from './output';
import {randomInputs} from './random';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  ...JSON_OPTION,
  to: {type: 'string'},
  portable: {type: 'boolean'},
  force: {type: 'boolean'},
} as const;

/** What reading back may differ by: the same weights run the same way, so next to nothing. */
const TOLERANCE = {atol: 1e-6, rtol: 1e-6};

const written = (): string =>
  FORMATS.filter(({write, writeGraph}) => write ?? writeGraph)
    .map(({name}) => name)
    .join(', ');

/** `carryover convert SOURCE OUT [--to FORMAT]` */
export async function convert(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('convert', args, OPTIONS);
  const both = values.architecture !== undefined && values.weights !== undefined;
  const [source, out] = both && positionals.length === 1 ? [undefined, positionals[0]] : positionals;
  if (positionals.length > 2) throw usage('convert', `'${positionals[2]}' is one argument too many`);
  if (out === undefined) throw usage('convert', 'no OUT given');
  const {to = 'tfjs', force = false, portable = false} = values;
  const target = formatNamed(to);
  if (!target?.write && !target?.writeGraph)
    throw usage('convert', `--to '${to}': this version writes ${written()} only`);
  const model = await modelSource('convert', source, values);
  await checkFolder(out, {force, ours: isOurs});
  const {chosen, ran} = await chooseEngine('convert', values);
  const opened = await openModel(model.source, model.options);
  for (const line of modelNotes(opened.notes)) note(line);
  const {files, told} = await filesOf(opened, target, portable);
  let difference: number | undefined;
  const fill = async (stage: string): Promise<void> => {
    for (const {name, bytes} of files) await writeFile(join(stage, name), bytes);
    progress(`reading it back, running both ${chosen}`);
    difference = await readBack(stage, opened, target);
  };
  await writeFolder(out, fill, {force, ours: isOurs});
  const engine = ran();
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (values.json) {
    const result = {
      source: model.source,
      out,
      format: to,
      engine,
      bytes,
      files: files.map(({name}) => name),
    };
    printJson({...result, difference: difference ?? null});
  } else {
    print(`${out}: ${target.title}, ${files.length} files, ${bytes.toLocaleString('en')} bytes`);
    if (difference !== undefined)
      print(`read back and run beside the original (${engine}): differs by at most ${small(difference)}`);
  }
  for (const line of told) note(`note: ${line}`);
  return 0;
}

/** What is written, and what its reader needs to know. */
async function filesOf(
  {model}: OpenedModel,
  target: Format,
  portable: boolean,
): Promise<{readonly files: readonly WrittenFile[]; readonly told: readonly string[]}> {
  if (model instanceof GraphLayersModel) {
    const files = await graphFiles(model, target, {portable});
    const kept = !target.writeGraph && !portable && model.graph.recurrences.size > 0;
    const told =
      "it has recurrences of Carryover: call registerGraphOps(tf) of 'carryover' before tf.loadGraphModel, or write it with --portable";
    return {files, told: kept ? [told] : []};
  }
  if (portable || !target.write) {
    const option = portable ? '--portable' : `--to ${target.name}`;
    throw usage('convert', `${option} is for TensorFlow graphs, and this model has layers; leave it out`);
  }
  const artifacts = await artifactsOf(model);
  const isOwn = classNames(artifacts.modelTopology).some(isCarryoverClass);
  const told = "it has classes of Carryover: import 'carryover' in the program that loads it";
  return {files: await target.write(artifacts), told: isOwn ? [told] : []};
}

/** Every class that a saved topology names: layers, cells inside them, initializers. */
function classNames(saved: unknown): string[] {
  if (typeof saved !== 'object' || saved === null) return [];
  const {class_name: own} = saved as {class_name?: unknown};
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(saved).flatMap(classNames)];
}

/** Whether a folder holds what `convert` writes, and may be replaced. */
const isOurs = (names: readonly string[]): boolean =>
  (names.includes('model.json') && names.every(name => name === 'model.json' || name.endsWith('.bin'))) ||
  (names.length === 1 && names[0] === 'saved_model.pb');

type Runner = (inputs: Record<string, NdArray>) => NdArray[] | Promise<NdArray[]>;

/**
 * Loads what was written and runs it beside the original on the same random input, twice, so that a state that is
 * kept between calls is compared as well.
 * @returns the largest difference; undefined where a graph takes no such input
 * @throws CarryoverError `E_PARITY` where they differ
 */
async function readBack(folder: string, opened: OpenedModel, target: Format): Promise<number | undefined> {
  const inputs = randomInputs(opened);
  const first = ownResults(opened, inputs);
  if (!first) return undefined;
  const {run, dispose} = await copyOf(folder, opened, target);
  let largest = 0;
  for (const call of [1, 2]) {
    const want = call === 1 ? first : runModel(opened.model, inputs);
    const copied = await run(inputs);
    for (const [k, [name, array]] of [...want].entries()) {
      const other = copied[k]!;
      const {passed, maxAbs} = compare(
        name,
        {shape: other.shape, values: other.values as Float32Array},
        {shape: array.shape, values: array.values as Float32Array},
        TOLERANCE,
      );
      if (!passed) {
        const where = `output '${name}', call ${call}`;
        throw new CarryoverError(
          'E_PARITY',
          `what was written does not compute the same as the original: ${where} differs by ${small(maxAbs)}; nothing is kept`,
        );
      }
      largest = Math.max(largest, maxAbs);
    }
  }
  dispose();
  return largest;
}

/** A graph may take numbers that nobody can guess: vocabularies, lengths that belong to data. */
function ownResults(
  opened: OpenedModel,
  inputs: Record<string, NdArray>,
): ReturnType<typeof runModel> | undefined {
  if (!(opened.model instanceof GraphLayersModel)) return runModel(opened.model, inputs);
  try {
    return runModel(opened.model, inputs);
  } catch (error) {
    note(
      `note: it was not run beside the original, which does not take random inputs (${(error as Error).message.split('\n')[0]}); verify it with data of yours`,
    );
    return undefined;
  }
}

/** What was written, ready to run. */
async function copyOf(
  folder: string,
  {model}: OpenedModel,
  target: Format,
): Promise<{readonly run: Runner; dispose(): void}> {
  if (target.writeGraph || !(model instanceof GraphLayersModel)) {
    const copy = target.writeGraph
      ? (await openModel(folder)).model
      : await reload(await readTfjs(name => readFile(join(folder, name))));
    return {run: inputs => [...runModel(copy, inputs).values()], dispose: () => copy.dispose()};
  }
  return graphCopy(await readTfjs(name => readFile(join(folder, name))), model);
}

async function reload(artifacts: io.ModelArtifacts): Promise<LayersModel> {
  try {
    return await loadLayersModel({load: async () => artifacts});
  } catch (error) {
    // A user's own layer that is not registered with tfjs, for one.
    throw new CarryoverError(
      'E_LAYER',
      `what was written cannot be loaded by tfjs, so nothing is kept: ${(error as Error).message}`,
      {cause: error},
    );
  }
}
