import {readFileSync} from 'node:fs';
import test from 'ava';
import {readNpy} from '../converters';
import {hasLoops} from '../src/graph/choose';
import type {GraphLayersModel} from '../src/graph/model';
import {useBackend} from '../src/node/backend';
import {openModel, runModel} from '../src/node/index';

test.before(() => useBackend('cpu'));

const GRAPHS = 'fixtures/golden/tf1-graphs';

interface Opened {
  readonly recurrences: number;
  readonly loops: boolean;
  readonly notes: readonly string[];
  readonly worst: number;
}

/** Opens a graph and says how far what it gives is from what TensorFlow gave. */
async function openedGraph(name: string): Promise<Opened> {
  const folder = `${GRAPHS}/${name}`;
  const golden = JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')) as Record<
    'inputs' | 'outputs',
    Record<string, string>
  >;
  const read = (file: string): ReturnType<typeof readNpy> => readNpy(readFileSync(`${folder}/${file}`), file);
  const {model, notes} = await openModel(`${folder}/frozen.pb`, {outputs: Object.keys(golden.outputs)});
  const given = Object.fromEntries(Object.entries(golden.inputs).map(([key, file]) => [key, read(file)]));
  const results = [...runModel(model, given).values()];
  const differences = Object.values(golden.outputs).flatMap((file, k) => {
    const expected = read(file);
    const {shape, values} = results[k]!;
    if (shape.join() !== expected.shape.join()) return [Number.POSITIVE_INFINITY];
    return Array.from(expected.values as Float32Array, (value, at) => Math.abs(value - Number(values[at])));
  });
  const {graph} = model as GraphLayersModel;
  model.dispose();
  return {
    recurrences: graph.recurrences.size,
    loops: hasLoops(graph),
    notes,
    worst: Math.max(...differences),
  };
}

for (const [name, recurrences] of [
  ['while_v2_lengths', 1],
  ['concat_lengths', 1],
  ['unrolled_concat', 1],
  ['unrolled_multi', 2],
  ['block_lstm', 1],
] as const) {
  test(`${name}: nothing of it runs step by step`, async t => {
    const found = await openedGraph(name);
    t.is(found.recurrences, recurrences);
    t.false(found.loops);
    t.false(found.notes.some(note => note.includes('step by step')));
    t.true(found.worst < 1e-6, `${found.worst}`);
  });
}

for (const [name, recurrences, why] of [
  ['tapped_memory', 0, 'more of it is used'],
  ['scaled_state', 0, 'no cell that is known'],
  ['greedy', 0, 'read what is made of earlier steps'],
  ['crossed', 1, 'read what is made of earlier steps'],
] as const) {
  test(`${name}: what is no recurrence stays as it is`, async t => {
    const found = await openedGraph(name);
    t.is(found.recurrences, recurrences);
    t.true(found.notes.some(note => note.includes('step by step') && note.includes(why)));
    t.true(found.worst < 1e-6, `${found.worst}`);
  });
}
