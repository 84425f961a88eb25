import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {NamedArray} from '../converters/arrays';
import {CarryoverError} from '../src/errors';
import {parseArchitecture} from '../src/model/parse';
import {readWeights} from '../src/node/load';
import {fillVariables} from '../src/recipes/fill-variables';
import {cellsFromNames} from '../src/recipes/names/cells';
import {modelArrays} from '../src/recipes/names/model-arrays';

const ROOT = 'fixtures/golden';

interface RecipeCell {
  readonly class: string;
  readonly config: Record<string, unknown>;
  readonly variables?: Record<string, unknown>;
  readonly [key: string]: unknown;
}

interface Source {
  readonly title: string;
  readonly arrays: readonly NamedArray[];
  readonly recipe: {layers: RecipeCell[]};
}

async function sourcesOf(folder: string): Promise<Source[]> {
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
  const result: Source[] = [];
  for (const {path, format, architecture} of golden.sources) {
    if (format === 'npz' || architecture === undefined) continue;
    const file = await readWeights(join(folder, path));
    const recipe = JSON.parse(readFileSync(join(folder, architecture), 'utf8'));
    result.push({title: `${folder}/${path}`, arrays: file.groups.flatMap(group => group.arrays), recipe});
    file.close();
  }
  return result;
}

const families = readdirSync(ROOT).filter(name => /^tf[\d-]/.test(name));
const folders = families.flatMap(family =>
  readdirSync(join(ROOT, family))
    .map(name => join(ROOT, family, name))
    .filter(folder => existsSync(join(folder, 'golden.json'))),
);
const sources = (await Promise.all(folders.map(sourcesOf))).flat();

/** The cells of a recipe, in order. */
function cellsIn(value: unknown): RecipeCell[] {
  if (Array.isArray(value)) return value.flatMap(cellsIn);
  if (typeof value !== 'object' || value === null) return [];
  const part = value as RecipeCell;
  const own = part.variables && part.library !== 'keras2' ? [part] : [];
  return [...own, ...['layers', 'cell', 'cell_fw', 'cell_bw', 'cells'].flatMap(key => cellsIn(part[key]))];
}

/** Classes whose variables are called and shaped alike, by the name that is told. */
const ALIKE: Readonly<Record<string, string>> = {LSTMBlockCell: 'LSTMCell', GRUBlockCellV2: 'GRUCell'};

test('names and shapes alone tell every cell, role and size of all golden checkpoints', t => {
  for (const {title, arrays, recipe} of sources) {
    const found = cellsFromNames(arrays);
    const wanted = cellsIn(recipe);
    t.deepEqual(
      found.map(({variables}) => Object.entries(variables).toSorted()),
      wanted.map(({variables}) => Object.entries(variables!).toSorted()),
      title,
    );
    t.deepEqual(
      found.map(({className, config}) => [className, config.num_units, config.num_proj]),
      wanted.map(({class: name, config}) => [ALIKE[name] ?? name, config.num_units, config.num_proj]),
      title,
    );
  }
  t.true(sources.length >= 158);
});

for (const folder of folders.filter(name => name.includes('tf-naming'))) {
  test(`${folder}: the same model has the same roles under the names of every age`, async t => {
    const [first, ...others] = (await sourcesOf(folder)).map(({arrays}) =>
      cellsFromNames(arrays).map(({className, config, inputSize, variables, place}) => {
        return {className, config, inputSize, index: place.index, roles: Object.keys(variables).toSorted()};
      }),
    );
    t.is(others.length, 4);
    for (const other of others) t.deepEqual(other, first);
  });
}

/** A recipe without what names decide. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'variables');
  return Object.fromEntries(entries.map(([key, inner]) => [key, bare(inner)]));
}

test('a recipe that leaves its variables out gets those that it had', t => {
  for (const {title, arrays, recipe} of sources) {
    const filled = fillVariables(parseArchitecture(bare(recipe), title), arrays);
    const wanted = parseArchitecture(recipe, title);
    const shown = ({layers}: typeof wanted) =>
      layers.map(({variables}) => Object.entries(variables ?? {}).toSorted());
    t.deepEqual(shown(filled), shown(wanted), title);
  }
});

const CELL = [
  {name: 'a/rnn/basic_lstm_cell/kernel', shape: [9, 16]},
  {name: 'a/rnn/basic_lstm_cell/bias', shape: [16]},
];
const TWIN = CELL.map(({name, shape}) => ({name: name.replace('a/', 'b/'), shape}));
const recipeFor = (units: number, name = 'rnn') =>
  parseArchitecture(
    {
      carryover: 1,
      inputs: [{name: 'x', shape: [null, null, 5], dtype: 'float32'}],
      layers: [
        {library: 'tf1', class: 'dynamic_rnn', name, cell: {class: 'LSTMCell', config: {num_units: units}}},
      ],
    },
    'recipe.json',
  );

test('arrays of two cells that fit are not chosen between, unless the layer has the name of one', t => {
  const error = t.throws(() => fillVariables(recipeFor(4), [...CELL, ...TWIN]), {instanceOf: CarryoverError});
  t.is(error.code, 'E_WEIGHTS');
  t.regex(
    error.message,
    /several cells fit LSTMCell\(4\): 'a\/rnn\/basic_lstm_cell'.*'b\/rnn\/basic_lstm_cell'/,
  );
  const {layers} = fillVariables(recipeFor(4, 'b'), [...CELL, ...TWIN]);
  t.is(layers[0]!.variables!.kernel, 'b/rnn/basic_lstm_cell/kernel');
});

test('arrays of another size do not fit, and the message lists what there is', t => {
  t.throws(() => fillVariables(recipeFor(5), CELL), {
    code: 'E_WEIGHTS',
    message:
      /no arrays fit LSTMCell\(5\); cells in the file: 'a\/rnn\/basic_lstm_cell' \(BasicLSTMCell, 4 units\)/,
  });
});

test('slots, averages and counters are no part of a model; averages are taken when asked for', t => {
  const kernel = 'rnn/basic_lstm_cell/kernel';
  const names = [
    kernel,
    `${kernel}/Adam`,
    `${kernel}/Adam_1`,
    `${kernel}/RMSProp`,
    `${kernel}/RMSProp_1`,
    `${kernel}/Momentum`,
    `${kernel}/ExponentialMovingAverage`,
  ];
  const arrays = [
    ...names.map(name => ({name, shape: [9, 16]})),
    {name: 'rnn/basic_lstm_cell/bias', shape: [16]},
    {name: 'global_step', shape: []},
    {name: 'beta1_power', shape: []},
  ];
  t.deepEqual(
    modelArrays(arrays).map(({name}) => name),
    [kernel, 'rnn/basic_lstm_cell/bias'],
  );
  const [cell] = cellsFromNames(arrays, {averages: true});
  t.deepEqual(cell!.variables, {
    kernel: `${kernel}/ExponentialMovingAverage`,
    bias: 'rnn/basic_lstm_cell/bias',
  });
});

test('a kernel and a bias under a scope that says nothing are no cell', t => {
  t.deepEqual(
    cellsFromNames([
      {name: 'dense/kernel', shape: [9, 16]},
      {name: 'dense/bias', shape: [16]},
    ]),
    [],
  );
});

test('shards that are not all there make no cell', t => {
  const scope = 'RNN/LSTMCell';
  const shards = [0, 2].map(k => ({name: `${scope}/W_${k}`, shape: [4, 16]}));
  t.deepEqual(cellsFromNames([...shards, {name: `${scope}/B`, shape: [16]}]), []);
});
