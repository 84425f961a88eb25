import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import test from 'ava';
import {parsePythonJson} from '../converters/json/python';
import {readNpy} from '../converters/npy/read';
import {setEngine} from '../src/engines/registry';
import {CarryoverError} from '../src/errors';
import {parseArchitecture} from '../src/model/parse';
import {useBackend} from '../src/node/backend';
import {openModel, readWeights} from '../src/node/load';
import type {DraftLayer, RecipeDraft} from '../src/recipes/draft';
import {firstRecipe} from '../src/recipes/first';
import {inputPorts, outputPorts} from '../src/verify/ports';
import {verify} from '../src/verify/verify';

// First recipes from arrays alone, held against what the libraries put out: a recipe gives those numbers, or it has said
// what it assumed wrongly, and gives them once that is put right.

const GOLDEN = 'fixtures/golden';
/** Files of Keras 3's layout do not tell the order of layers. */
const FAMILIES = /^(lasagne|nntools|epynn|neupy|keras-[012])/;
const FORMATS = /^(keras-h5-weights|npz|pickle|neupy-\w+)$/;

test.before(async () => {
  await useBackend('cpu');
  setEngine('wasm', {threads: 1});
});

interface Golden {
  readonly made_by: {readonly version: string};
  readonly sources: readonly {
    readonly format: string;
    readonly path: string;
    readonly architecture?: string;
  }[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tolerance: {readonly atol: number; readonly rtol: number};
}

interface Case {
  readonly family: string;
  readonly title: string;
  readonly folder: string;
  readonly file: string;
  readonly architecture?: string;
  readonly golden: Golden;
}

const cases = readdirSync(GOLDEN)
  .filter(family => FAMILIES.test(family))
  .flatMap(family =>
    readdirSync(join(GOLDEN, family)).map(name => ({family, folder: join(GOLDEN, family, name)})),
  )
  .filter(({folder}) => existsSync(join(folder, 'golden.json')))
  .flatMap(({family, folder}): Case[] => {
    const golden: Golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
    return golden.sources
      .filter(({format}) => FORMATS.test(format))
      .map(({path, architecture}) => {
        const title = `${family}/${basename(folder)}/${path}`;
        return {family, title, folder, file: join(folder, path), architecture, golden};
      });
  });

/** The release that made a case, as a file of Keras may leave it open. */
const release = ({made_by}: Golden, family: string): string | undefined =>
  family.startsWith('keras') ? made_by.version : undefined;

async function draw({file, golden}: Case): Promise<RecipeDraft> {
  const opened = await readWeights(file);
  try {
    const version = opened.facts.layout === '0.x' ? golden.made_by.version : undefined;
    const {recipe} = await firstRecipe(opened, version);
    return JSON.parse(JSON.stringify(recipe));
  } finally {
    opened.close();
  }
}

/** Whether a model gives the golden outputs; of the inputs it takes those that it has. */
async function reproduces({file, folder, golden}: Case, recipe: object): Promise<boolean> {
  const {model} = await openModel(file, {architecture: recipe});
  const load = (name: string) => readNpy(readFileSync(join(folder, name)), name);
  const read = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, path]) => [name, load(path)]));
  try {
    const [taken, given] = [inputPorts(model), outputPorts(model)];
    const inputs = Object.entries(golden.inputs).filter(([name]) => taken.has(name));
    // A recipe has no names for the states that a Keras layer returns beside its output.
    const outputs = Object.entries(golden.outputs).filter(([name]) => given.has(name));
    if (outputs.length === 0) throw new Error(`no output of ${Object.keys(golden.outputs).join(', ')}`);
    return verify(model, read(Object.fromEntries(inputs)), read(Object.fromEntries(outputs)), {
      tolerance: golden.tolerance,
    }).passed;
  } catch (error) {
    // Outputs of another shape are other outputs.
    if (error instanceof CarryoverError && error.code === 'E_SHAPE') return false;
    throw error;
  } finally {
    model.dispose();
  }
}

/** What a recipe has to have said where an argument is another one. */
const SAID: readonly (readonly [argument: RegExp, said: RegExp])[] = [
  [/^(return_sequences|only_return_final|sequences)$/, /return_sequences|only_return_final|\(sequences/],
  [/backwards$/, /run forwards/],
  [/^mask_input$/, /no step is masked/],
  [/^mask_zero$/, /masks nothing \(mask_zero false\)/],
  [/^merge_mode$/, /merge_mode concat/],
  [/activat|nonlinearity/, /activation/],
  [/./, /all other arguments are the defaults/],
];

/**
 * The recipe with the arguments that the golden architecture has, for the same arrays.
 * @returns the arguments that were others as well
 */
function putRight(
  {family, folder, architecture, golden}: Case,
  recipe: RecipeDraft,
): {right: object; wrong: string[]} {
  const json = parsePythonJson(readFileSync(join(folder, architecture!), 'utf8'), architecture!);
  const {layers, inputs} = parseArchitecture(json, architecture!, {
    version: release(golden, family),
  });
  const arraysOf = (variables: unknown) => Object.values((variables ?? {}) as object);
  const inOrder = layers.length === recipe.layers.length;
  const trueOf = (layer: DraftLayer, k: number) =>
    layers.find(({group, variables}) =>
      variables && Object.keys(variables).length > 0
        ? arraysOf(variables).some(array => arraysOf(layer.variables).includes(array))
        : group === layer.name,
    ) ?? (inOrder ? layers[k] : undefined);
  const wrong: string[] = [];
  const right = recipe.layers.map((layer, k) => {
    const record = trueOf(layer, k);
    if (!record) return layer;
    const differing = Object.keys(record.config).filter(
      key => JSON.stringify(record.config[key]) !== JSON.stringify(layer.config[key]),
    );
    wrong.push(...differing);
    if (record.className !== layer.class) wrong.push(layer.name);
    const {className, config, library, version} = record;
    return {...layer, library, class: className, config, version};
  });
  return {
    right: {
      ...recipe,
      inputs: inputs.map(input => ({...input, shape: input.shape ?? recipe.inputs[0]!.shape})),
      layers: right,
    },
    wrong,
  };
}

/** Files that cannot tell what is in them. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'keras-0.1.3/graph_lstm_gru/weights.h5': /the weights of a Graph do not tell which layers there are/,
  'keras-0.3.3/graph_lstm_gru/weights.h5': /the weights of a Graph do not tell which layers there are/,
  // Its fixed projection is not in the file.
  'keras-0.1.3/jzs1_seq/weights.h5': /no layer could be told from the shapes of its arrays/,
};

/** Initial states as inputs, for which a recipe has no names in Keras. */
const BEYOND = [
  'keras-2.2.4-theano/lstm_return_state/weights.h5',
  'keras-2.3.1-theano/lstm_return_state/weights.h5',
];

/** What has to be put right beside arguments: steps as rows of a batch, which is what the library's dense layer reads. */
const RESHAPED = 'lasagne/bilstm_concat_dense/params.npz';

function reshaped(recipe: RecipeDraft): RecipeDraft {
  const layers = recipe.layers.flatMap(layer =>
    layer.class === 'DenseLayer'
      ? [{library: 'lasagne', class: 'ReshapeLayer', name: 'rows', config: {shape: [-1, 8]}}, layer]
      : [layer],
  );
  return {...recipe, layers};
}

/** Family → how its recipes did, for the log. */
const results = new Map<string, Record<'gave the same' | 'had said what is wrong' | 'refused', number>>();

for (const one of cases) {
  const count = results.get(one.family) ?? {'gave the same': 0, 'had said what is wrong': 0, refused: 0};
  results.set(one.family, count);
  const refused = REFUSED[one.title];
  if (BEYOND.includes(one.title)) continue;
  if (refused) {
    test.serial(`no recipe is made for ${one.title}, and it is said why`, async t => {
      await t.throwsAsync(draw(one), {code: 'E_ARCHITECTURE', message: refused});
      count.refused++;
    });
    continue;
  }
  test.serial(
    `the first recipe for ${one.title} gives what the library gave, or has said what is wrong`,
    async t => {
      const recipe = await draw(one);
      if (await reproduces(one, recipe)) {
        count['gave the same']++;
        return t.pass();
      }
      const {right, wrong} = putRight(one, one.title === RESHAPED ? reshaped(recipe) : recipe);
      t.true(wrong.length > 0);
      for (const argument of wrong) {
        const [, said] = SAID.find(([pattern]) => pattern.test(argument))!;
        const lines = recipe.assumed.filter(line => said.test(line) || line.startsWith(`'${argument}'`));
        t.true(lines.length > 0, argument);
      }
      t.true(await reproduces(one, right));
      count['had said what is wrong']++;
    },
  );
}

test.serial('first recipes are right as they are where the files tell enough', t => {
  t.log(Object.fromEntries(results));
  const sum = (key: 'gave the same' | 'had said what is wrong') =>
    [...results.values()].reduce((total, count) => total + count[key], 0);
  t.true(sum('gave the same') >= 95);
  t.is(
    sum('gave the same') + sum('had said what is wrong'),
    cases.length - Object.keys(REFUSED).length - BEYOND.length,
  );
});

test('lists of arrays that no library has in this order get no recipe', async t => {
  const group = (shapes: number[][]) => ({
    name: '',
    arrays: shapes.map((shape, k) => ({
      name: `arr_${k}`,
      dtype: 'float32' as const,
      shape,
      read: () => t.fail() as never,
    })),
  });
  const file = (shapes: number[][]) => ({
    name: 'list.npz',
    format: 'npz',
    groups: [group(shapes)],
    facts: {},
    close: () => {},
  });
  for (const shapes of [
    [],
    [[3]],
    [[4, 5], [5]],
    [
      [2, 3, 4],
      [3, 3, 3],
    ],
  ])
    await t.throwsAsync(firstRecipe(file(shapes)), {
      code: 'E_ARCHITECTURE',
      message: /no layer could be told/,
    });
  // A recurrent layer among more arrays than it has itself.
  const many = [[5, 4], [4, 4], [4], ...Array.from({length: 9}, () => [2, 2, 2])];
  await t.throwsAsync(firstRecipe(file(many)), {code: 'E_ARCHITECTURE'});
});

test('a weight file by classes is refused a recipe, and says what to give', async t => {
  const file = await readWeights('fixtures/golden/keras-3.10/unzipped_and_sharded/sharded.weights.json');
  await t.throwsAsync(() => firstRecipe(file), {
    code: 'E_ARCHITECTURE',
    message: /tells neither the layers' order nor their arguments; give the model's JSON/,
  });
  file.close();
});
