import {CarryoverError} from '../errors';
import {type Description, describeModel, describeWeights} from '../inspect/describe';
import {describeText} from '../inspect/text';
import {architectureOf} from '../model/open';
import {parseArchitecture} from '../model/parse';
import {useBackend} from '../node/backend';
import {locate} from '../node/load';
import {placesOf} from '../open/model';
import {type ModelParts, openParts} from '../open/parts';
import {firstRecipe} from '../recipes/first';
import {JSON_OPTION, MODEL_OPTIONS, parse, usage} from './args';
import {customObjects} from './model';
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
  const weights = positionals[0] === undefined ? undefined : values.weights;
  const architecture = source === values.architecture ? undefined : values.architecture;
  const {place, given} = placesOf<string>(locate, source, {architecture, weights});
  const parts = await openParts(place, given);
  try {
    if (values.recipe) return await printRecipe(parts, values);
    // Nothing is run: the backend that is there at once will do.
    await useBackend('cpu');
    const description = await describe(parts, values);
    if (values.json) printJson(description);
    else print(describeText(description));
    if (isBare(parts) && description.problems.length === 0) {
      note(
        `${source} has weights but no architecture: give one with --architecture FILE (Keras JSON or a recipe)` +
          `; carryover inspect ${source} --recipe writes a first recipe`,
      );
    }
    return 0;
  } finally {
    parts.close();
  }
}

/** Whether a TensorFlow graph may tell the model. */
const isTensorflow = ({findGraph}: ModelParts['source']): boolean => findGraph !== undefined;

/** Weights, and neither an architecture nor anything that tells one. */
const isBare = ({weights, architecture, source}: ModelParts): boolean =>
  weights !== undefined && architecture === undefined && !isTensorflow(source);

async function describe(parts: ModelParts, values: Values): Promise<Description> {
  const {source, weights, architecture, readBeside} = parts;
  const version = values['library-version'];
  const options = {
    byName: values['by-name'],
    customObjects: await customObjects('inspect', values.custom ?? []),
  };
  if (architecture === undefined) {
    return isTensorflow(source) ? describeTensorflow(parts) : describeWeights(source.name, source);
  }
  if (weights === undefined) {
    const parsed = parseArchitecture(architecture.json, architecture.name, {version});
    return describeModel(source.name, parsed, undefined, options);
  }
  const model = architectureOf(weights, architecture, {where: weights.name, version});
  return describeModel(weights.name, model, weights, {...options, readFile: await readBeside(model)});
}

/** The model that a graph tells, or names; where they tell none, the arrays. */
async function describeTensorflow({source, weights}: ModelParts): Promise<Description> {
  try {
    const {recipe, origin} = await firstRecipe(source);
    const notes = [`read from ${origin}`, ...recipe.assumed.map(text => `assumed: ${text}`)];
    const architecture = {...parseArchitecture(recipe, origin), library: 'tf1', notes};
    return describeModel(source.name, architecture, weights, {});
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_ARCHITECTURE') throw error;
    return {...describeWeights(source.name, source), notes: [error.message]};
  }
}

/** With every guess in it under `assumed`, which `parseRecipe` passes over. */
async function printRecipe({source}: ModelParts, values: Values): Promise<Outcome> {
  const {recipe} = await firstRecipe(source, values['library-version']);
  printJson(recipe);
  for (const line of recipe.assumed) note(`assumed: ${line}`);
  return 0;
}
