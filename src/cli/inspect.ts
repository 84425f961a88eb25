import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import type {NdArray, WeightFile} from '../../converters/arrays';
import {readNpy} from '../../converters/npy/read';
import {CarryoverError} from '../errors';
import {type Description, describeModel, describeWeights} from '../inspect/describe';
import {describeText} from '../inspect/text';
import {parseArchitecture} from '../model/parse';
import {useBackend} from '../node/backend';
import {detect} from '../node/detect';
import {beside, readJson, readWeights, requireFile} from '../node/files/open';
import {architectureFor} from '../node/load';
import {firstRecipe} from '../recipes/from-arrays';
import {graphRecipe, isTensorflow, tensorflowRecipe} from '../recipes/tensorflow';
import {JSON_OPTION, MODEL_OPTIONS, parse, usage} from './args';
import {customObjects, requireReadable} from './model';
import type {Outcome} from './outcome';
import {note, print, printJson} from './output';

const OPTIONS = {...MODEL_OPTIONS, ...JSON_OPTION, recipe: {type: 'boolean'}} as const;
type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

/** `carryover inspect SOURCE` */
export async function inspect(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('inspect', args, OPTIONS);
  if (positionals.length > 1) throw usage('inspect', `'${positionals[1]}' is one argument too many`);
  const source = positionals[0] ?? values.weights ?? values.architecture;
  if (source === undefined) throw usage('inspect', 'no SOURCE given');
  if (values.recipe) return writeRecipe(source, values);
  // Nothing is run: the backend that is there at once will do.
  await useBackend('cpu');
  const description = await describe(source, values);
  if (values.json) printJson(description);
  else print(describeText(description));
  if (
    description.format === 'keras-h5-weights' &&
    description.inputs.length === 0 &&
    description.problems.length === 0
  ) {
    note(
      `${source} has weights but no architecture: give one with --architecture FILE (Keras JSON or a recipe); ` +
        `carryover inspect ${source} --recipe writes a first recipe`,
    );
  }
  return 0;
}

async function describe(source: string, values: Values): Promise<Description> {
  const custom = await customObjects('inspect', values.custom ?? []);
  const {format} = await requireReadable(source);
  const isArchitecture = format === 'keras-json' || format === 'recipe';
  const architecture = isArchitecture ? source : values.architecture;
  const weights = isArchitecture ? (values.weights ?? undefined) : (values.weights ?? source);
  const options = {
    architecture,
    version: values['library-version'],
    byName: values['by-name'],
    customObjects: custom,
  };
  if (weights === undefined) {
    const parsed = parseArchitecture(await readJson(source), basename(source), {version: options.version});
    return describeModel(source, parsed, undefined, options);
  }
  const file = await readWeights(weights);
  const readFile = (name: string): NdArray => {
    const path = beside(architecture ?? weights, name);
    requireFile(path);
    return readNpy(readFileSync(path), name);
  };
  try {
    if (architecture === undefined && file.architecture === undefined) {
      return isTensorflow(file.format)
        ? await describeTensorflow(weights, file)
        : describeWeights(weights, file);
    }
    return describeModel(weights, await architectureFor(file, weights, options), file, {
      ...options,
      readFile,
    });
  } finally {
    file.close();
  }
}

/** The model that a graph tells, or names; where they tell none, the arrays. */
async function describeTensorflow(path: string, file: WeightFile): Promise<Description> {
  try {
    const {recipe, origin} = await tensorflowRecipe(path, file);
    const notes = [`read from ${origin}`, ...recipe.assumed.map(text => `assumed: ${text}`)];
    return describeModel(path, {...parseArchitecture(recipe, origin), library: 'tf1', notes}, file, {});
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_ARCHITECTURE') throw error;
    return {...describeWeights(path, file), notes: [error.message]};
  }
}

async function writeRecipe(source: string, values: Values): Promise<Outcome> {
  const {format} = await detect(source);
  if (format === 'tf-meta-graph') return printRecipe(await graphRecipe(source));
  if (!format.startsWith('keras-h5') && !isTensorflow(format)) {
    throw new CarryoverError(
      'E_USAGE',
      `${source}: is ${format}; recipes are written for Keras weight files (HDF5) and TensorFlow's checkpoints and graphs`,
    );
  }
  const file = await readWeights(source);
  try {
    return printRecipe(await recipeOf(source, file, values));
  } finally {
    file.close();
  }
}

function printRecipe(recipe: Assumed): Outcome {
  printJson(recipe);
  for (const line of recipe.assumed) note(`assumed: ${line}`);
  return 0;
}

type Assumed = object & {readonly assumed: readonly string[]};

/** With every guess in it under `assumed`, which `parseRecipe` passes over. */
async function recipeOf(source: string, file: WeightFile, values: Values): Promise<Assumed> {
  if (isTensorflow(file.format)) return (await tensorflowRecipe(source, file)).recipe;
  const {recipe, assumed} = firstRecipe(file, basename(source), values['library-version']);
  return {...recipe, assumed};
}
