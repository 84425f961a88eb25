import {useBackend} from '../node/backend';
import {firstRecipe, inspect as inspectSource} from '../node/inspect';
import {JSON_OPTION, MODEL_OPTIONS, parse, usage} from './args';
import {describeText} from './description';
import {customObjects} from './model';
import type {Outcome} from './outcome';
import {note, print, printJson} from './output';

const OPTIONS = {...MODEL_OPTIONS, ...JSON_OPTION, recipe: {type: 'boolean'}} as const;

/** `carryover inspect SOURCE` */
export async function inspect(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('inspect', args, OPTIONS);
  if (positionals.length > 1) throw usage('inspect', `'${positionals[1]}' is one argument too many`);
  const source = positionals[0] ?? values.weights ?? values.architecture;
  if (source === undefined) throw usage('inspect', 'no SOURCE given');
  const version = values['library-version'];
  if (values.recipe) {
    const recipe = await firstRecipe(source, {version});
    printJson(recipe);
    for (const line of recipe.assumed) note(`assumed: ${line}`);
    return 0;
  }
  // Nothing is run: the backend that is there at once will do.
  await useBackend('cpu');
  const description = await inspectSource(source, {
    architecture: source === values.architecture ? undefined : values.architecture,
    weights: positionals[0] === undefined ? undefined : values.weights,
    outputs: values.until,
    byName: values['by-name'],
    skipMismatch: values['skip-mismatch'],
    version,
    customObjects: await customObjects('inspect', values.custom ?? []),
    graph: values.graph,
    signature: values.signature,
  });
  if (values.json) printJson(description);
  else print(describeText(description));
  const {inputs, problems, notes} = description;
  if (inputs.length + problems.length + notes.length === 0) {
    note(
      `${source} has weights but no architecture: give one with --architecture FILE (Keras JSON or a recipe); ` +
        `carryover inspect ${source} --recipe writes a first recipe`,
    );
  }
  return 0;
}
