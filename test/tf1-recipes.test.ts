import {cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import test from 'ava';
import {type GraphDef, readGraphDef, readMetaGraph} from '../converters/graph-def';
import {readSavedModel} from '../converters/saved-model/read';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {readWeights} from '../src/node/load';
import type {RecipeDraft} from '../src/recipes/draft';
import {recipeFromNames} from '../src/recipes/from-names';
import {recipeFromGraph} from '../src/recipes/graph/recipe';

const ROOT = 'fixtures/golden';
const GRAPHS = 'fixtures/graphs';
const STYLES = `${GRAPHS}/styles`;

test.before(() => useBackend('cpu'));

interface Case {
  readonly family: string;
  readonly name: string;
  readonly folder: string;
  readonly golden: {
    sources: {format: string; path: string; architecture?: string}[];
    extra?: {meta_graph?: string};
  };
}

const cases = readdirSync(ROOT)
  .filter(family => /^tf[\d-]/.test(family) && family !== 'tf2.15-raw-ops')
  .flatMap(family =>
    readdirSync(join(ROOT, family)).flatMap((name): Case[] => {
      const folder = join(ROOT, family, name);
      const file = join(folder, 'golden.json');
      const golden = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
      // Cases that come without a recipe are of graphs that run as they are.
      return golden?.sources[0].architecture ? [{family, name, folder, golden}] : [];
    }),
  );

/** Every graph of a case: those that came with it, and those built by its release of TensorFlow. */
function graphsOf({family, name, folder, golden}: Case): [label: string, graph: GraphDef][] {
  const meta = golden.extra?.meta_graph;
  const made = ['', '-functions']
    .map(kind => join(GRAPHS, `${family}-${name}${kind}.meta.gz`))
    .filter(existsSync);
  const [frozen, saved] = [join(folder, 'frozen.pb'), join(folder, 'saved_model', 'saved_model.pb')];
  const read = (path: string) => readFileSync(path);
  return [
    ...(meta ? [['meta', readMetaGraph(read(join(folder, meta)), meta).graph] as [string, GraphDef]] : []),
    ...(existsSync(frozen) ? [['frozen', readGraphDef(read(frozen), frozen)] as [string, GraphDef]] : []),
    ...(existsSync(saved)
      ? [['saved', readSavedModel(read(saved), saved)[0]!.graph] as [string, GraphDef]]
      : []),
    ...made.map((path, k): [string, GraphDef] => [
      `made-${k}`,
      readMetaGraph(gunzipSync(read(path)), path).graph,
    ]),
  ];
}

/** The golden case with another recipe in place of its own. */
function withRecipe(
  {family, name, folder, golden}: Case,
  into: string,
  label: string,
  recipes: RecipeDraft[],
): void {
  const target = join(into, family, `${name}-${label}`);
  cpSync(folder, target, {recursive: true});
  const sources = golden.sources
    .filter(({format}) => format.startsWith('tf-checkpoint'))
    .slice(0, recipes.length);
  for (const [k, source] of sources.entries()) {
    source.architecture = `generated-${k}.json`;
    writeFileSync(join(target, source.architecture), JSON.stringify(recipes[k]));
  }
  writeFileSync(join(target, 'golden.json'), JSON.stringify({...golden, sources}));
}

async function inFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-recipes-'));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

const bad = (report: Awaited<ReturnType<typeof runGoldenTree>>) =>
  report.cases
    .filter(({passed}) => !passed)
    .map(({family, name, source, error, worst}) => ({family, name, source, error, worst}));

test.serial('a recipe from a graph verifies unchanged, for every golden case that has one', async t => {
  t.timeout(5 * 60_000);
  await inFolder(async folder => {
    let count = 0;
    for (const one of cases) {
      for (const [label, graph] of graphsOf(one)) {
        withRecipe(structuredClone(one), folder, label, [recipeFromGraph(graph, label)]);
        count++;
      }
    }
    const report = await runGoldenTree([folder]);
    t.deepEqual(bad(report), []);
    t.is(report.passed, count);
    t.true(count >= 117);
    t.log(`${count} graphs`);
  });
});

/** The graph of a style as it was trained, and frozen where there is one. */
function stylesGraphs(folder: string): [label: string, graph: GraphDef][] {
  const [meta, frozen] = [join(folder, 'model.ckpt.meta.gz'), join(folder, 'frozen.pb.gz')];
  const graphs: [string, GraphDef][] = [['meta', readMetaGraph(gunzipSync(readFileSync(meta)), meta).graph]];
  if (existsSync(frozen)) graphs.push(['frozen', readGraphDef(gunzipSync(readFileSync(frozen)), frozen)]);
  return graphs;
}

for (const name of readdirSync(STYLES)) {
  test.serial(`the wiring of ${name} is read from its graph`, async t => {
    await inFolder(async into => {
      const folder = join(STYLES, name);
      const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
      const graphs = stylesGraphs(folder);
      for (const [label, graph] of graphs) {
        const recipe = recipeFromGraph(graph, label);
        t.deepEqual(recipe.assumed, [], label);
        withRecipe({family: 'styles', name, folder, golden: structuredClone(golden)}, into, label, [recipe]);
      }
      const report = await runGoldenTree([into]);
      t.deepEqual(bad(report), []);
      t.is(report.passed, graphs.length);
    });
  });
}

/** What is said of graphs that no recipe can say as they are. */
const BEYOND: Readonly<Record<string, readonly RegExp[]>> = {
  scaled: [/what the graph makes of 'logits' next \(Mul 'mul'\) is left out/],
  chosen: [/what the graph makes of 'logits' next \(ArgMax 'ArgMax'\) is left out/],
  attended: [/dense\/kernel is left out/, /of 'rnn' next \(Mul 'mul'\)/, /of 'rnn\.state' next/],
  sliced: [/what 'rnn' reads \(StridedSlice 'strided_slice' in the graph\) is given as an input/],
  turned_steps: [/the graph has the steps of 'logits' in reverse order/],
  time_first: [/the graph has 'logits' with time first/],
  some_step: [/what 'rnn' reads .* is given as an input/],
  inner_output: [/dense\/kernel is left out/, /of 'rnn' next/, /of 'rnn, within' next \(ConcatV2 'concat'\)/],
  scrambled: [/of 'logits' next \(Reshape 'Reshape'\) is left out/],
  tied: [/of 'rnn' next \(MatMul 'MatMul'\) is left out/],
};

test('what a recipe cannot say of a graph is said beside it', t => {
  const files = readdirSync(join(GRAPHS, 'beyond'));
  t.deepEqual(
    files.toSorted(),
    Object.keys(BEYOND)
      .map(name => `${name}.pb.gz`)
      .toSorted(),
  );
  for (const file of files) {
    const graph = readGraphDef(gunzipSync(readFileSync(join(GRAPHS, 'beyond', file))), file);
    const {assumed} = recipeFromGraph(graph, file);
    const expected = BEYOND[file.replace('.pb.gz', '')]!;
    t.is(assumed.length, expected.length, `${file}: ${assumed.join('; ')}`);
    for (const [k, text] of expected.entries()) t.regex(assumed[k]!, text, file);
  }
});

test('a graph leaves nothing to be assumed, but what cells told by name alone compute', t => {
  for (const one of cases) {
    for (const [label, graph] of graphsOf(one)) {
      const {assumed} = recipeFromGraph(graph, label);
      const named = /layer_norm_basic|nas/.test(one.name);
      t.is(assumed.length, named ? 1 : 0, `${one.folder} ${label}: ${assumed.join('; ')}`);
    }
  }
});

/** Whether a case is one that names and shapes can tell: everything else as the libraries have it by default. */
function isPlain({folder, golden}: Case): boolean {
  const recipe = readFileSync(join(folder, golden.sources[0]!.architecture!), 'utf8');
  const inputs = JSON.parse(recipe).inputs as {name: string}[];
  const odd =
    /"forget_bias": (?!1\.0)|"activation": "(?!linear)|_clip"|"wrap"|"time_major": true|"state_is_tuple": false/;
  return inputs.length === 1 && !odd.test(recipe);
}

test.serial('a recipe from names verifies unchanged where all settings are the defaults', async t => {
  t.timeout(5 * 60_000);
  await inFolder(async folder => {
    for (const one of cases.filter(isPlain)) {
      const copy = structuredClone(one);
      const recipes: RecipeDraft[] = [];
      for (const {path} of copy.golden.sources.filter(({format}) => format.startsWith('tf-checkpoint'))) {
        const file = await readWeights(join(one.folder, path));
        recipes.push(recipeFromNames(file.groups[0]!.arrays, path));
        file.close();
      }
      withRecipe(copy, folder, 'names', recipes);
    }
    const report = await runGoldenTree([folder]);
    t.deepEqual(bad(report), []);
    t.true(report.passed >= 86);
    t.log(`${report.passed} sources`);
  });
});

test('what names do not tell is in the recipe as assumed', async t => {
  const file = await readWeights(join(ROOT, 'tf1.15-models/char_rnn_2x_basic_lstm/v2/model.ckpt-400'));
  const {assumed} = recipeFromNames(file.groups[0]!.arrays, 'model.ckpt-400');
  file.close();
  for (const what of [
    /forget_bias is 1/,
    /activations/,
    /time_major/,
    /lengths/,
    /initial states/,
    /softmax/,
  ])
    t.true(
      assumed.some(text => what.test(text)),
      String(what),
    );
});

test('a file without cells is told from one with some', t => {
  t.throws(() => recipeFromNames([{name: 'dense/kernel', shape: [3, 4]}], 'model.ckpt'), {
    code: 'E_ARCHITECTURE',
    message: /model\.ckpt: no cell of TensorFlow 1\.x among its arrays \(dense\/kernel/,
  });
});

test('a graph without cells is told from one with some', t => {
  t.throws(() => recipeFromGraph({nodes: [], functions: []}, 'model.meta'), {code: 'E_ARCHITECTURE'});
});

test('what the forget bias is comes from the graph, not from a default', t => {
  const file = gunzipSync(readFileSync(join(GRAPHS, 'tf1.15-models-ptb_2x_lstm.meta.gz')));
  const text = JSON.stringify(recipeFromGraph(readMetaGraph(file, 'ptb.meta').graph, 'ptb.meta'));
  t.is(text.match(/"forget_bias":0[,}]/g)?.length, 2);
});
