import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {io} from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import {FORMATS, formatNamed} from '../../converters/formats';
import {readTfjs} from '../../converters/tfjs/read';
import {CarryoverError} from '../errors';
import {isCarryoverClass} from '../libraries';
import {artifactsOf} from '../model/artifacts';
import type {OpenedModel} from '../model/open';
import {checkFolder, writeFolder} from '../node/files/write';
import {openModel} from '../node/load';
import {compare} from '../verify/compare';
import {runModel} from '../verify/verify';
import {ENGINE_OPTIONS, JSON_OPTION, MODEL_OPTIONS, parse, usage} from './args';
import {chooseEngine} from './engine';
import {modelSource} from './model';
import type {Outcome} from './outcome';
import {modelNotes, note, print, printJson, progress, small} from './output';
import {randomInputs} from './random';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  ...JSON_OPTION,
  to: {type: 'string'},
  force: {type: 'boolean'},
} as const;

/** What reading back may differ by: the same weights run the same way, so next to nothing. */
const TOLERANCE = {atol: 1e-6, rtol: 1e-6};

const written = (): string =>
  FORMATS.filter(({write}) => write)
    .map(({name}) => name)
    .join(', ');

/** `carryover convert SOURCE OUT [--to tfjs]` */
export async function convert(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('convert', args, OPTIONS);
  const both = values.architecture !== undefined && values.weights !== undefined;
  const [source, out] = both && positionals.length === 1 ? [undefined, positionals[0]] : positionals;
  if (positionals.length > 2) throw usage('convert', `'${positionals[2]}' is one argument too many`);
  if (out === undefined) throw usage('convert', 'no OUT given');
  const {to = 'tfjs', force = false} = values;
  const target = formatNamed(to);
  if (!target?.write) throw usage('convert', `--to '${to}': this version writes ${written()} only`);
  const model = await modelSource('convert', source, values);
  await checkFolder(out, {force, ours: isTfjs});
  const {chosen, ran} = await chooseEngine('convert', values);
  const opened = await openModel(model.source, model.options);
  for (const line of modelNotes(opened.notes)) note(line);
  const artifacts = await artifactsOf(opened.model);
  const files = await target.write(artifacts);
  let difference = 0;
  const fill = async (stage: string): Promise<void> => {
    for (const {name, bytes} of files) await writeFile(join(stage, name), bytes);
    progress(`reading it back, running both ${chosen}`);
    difference = await readBack(stage, opened);
  };
  await writeFolder(out, fill, {force, ours: isTfjs});
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
    printJson({...result, difference});
  } else {
    print(`${out}: ${target.title}, ${files.length} files, ${bytes.toLocaleString('en')} bytes`);
    print(`read back and run beside the original (${engine}): differs by at most ${small(difference)}`);
  }
  if (classNames(artifacts.modelTopology).some(isCarryoverClass)) {
    note("note: it has classes of Carryover: import 'carryover' in the program that loads it");
  }
  return 0;
}

/** Every class that a saved topology names: layers, cells inside them, initializers. */
function classNames(saved: unknown): string[] {
  if (typeof saved !== 'object' || saved === null) return [];
  const {class_name: own} = saved as {class_name?: unknown};
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(saved).flatMap(classNames)];
}

const isTfjs = (names: readonly string[]): boolean =>
  names.includes('model.json') && names.every(name => name === 'model.json' || name.endsWith('.bin'));

/**
 * Loads what was written and runs it beside the original on the same random input, twice, so that a state that is
 * kept between calls is compared as well.
 * @returns the largest difference
 * @throws CarryoverError `E_PARITY` where they differ
 */
async function readBack(folder: string, opened: OpenedModel): Promise<number> {
  const artifacts = await readTfjs(name => readFile(join(folder, name)));
  const copy = await reload(artifacts);
  const inputs = randomInputs(opened);
  let largest = 0;
  for (const call of [1, 2]) {
    const [want, got] = [runModel(opened.model, inputs), runModel(copy, inputs)];
    const copied = [...got.values()];
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
  copy.dispose();
  return largest;
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
