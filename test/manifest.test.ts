import test from 'ava';
import {useBackend} from '../src/node/backend';
import {detect, openModel, readWeights} from '../src/node/load';

// Checkpoints of deeplearn.js and ml5: manifest.json, and a file of float32 numbers for each array.

test.before(() => useBackend('cpu'));

const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const MANIFEST = {
  'fc/weights': {filename: 'fc_weights', shape: [2, 1]},
  'fc/biases': {filename: 'fc_biases', shape: [1]},
};

const files = (change: Record<string, unknown> = {}) =>
  new Map([
    ['manifest.json', json({...MANIFEST, ...change})],
    ['fc_weights', bytes(2, 3)],
    ['fc_biases', bytes(0.5)],
  ]);

const RECIPE = {
  carryover: 1,
  inputs: [{name: 'x', shape: [null, 2]}],
  layers: [
    {
      library: 'keras2',
      class: 'Dense',
      name: 'fc',
      config: {units: 1},
      variables: {kernel: 'fc/weights', bias: 'fc/biases'},
    },
  ],
};

test('arrays go by their names, in a folder and by the manifest', async t => {
  t.is((await detect(files())).format, 'deeplearn-manifest');
  const file = await readWeights(files());
  const [weights, biases] = file.groups[0]!.arrays.map(array => array.read());
  t.deepEqual([...(weights!.values as Float32Array)], [2, 3]);
  t.deepEqual(weights!.shape, [2, 1]);
  t.deepEqual([...(biases!.values as Float32Array)], [0.5]);
  file.close();
});

test('a recipe beside it makes a model', async t => {
  const {model} = await openModel(files(), {architecture: RECIPE});
  t.deepEqual(
    model.getWeights().map(weight => [...weight.dataSync()]),
    [[2, 3], [0.5]],
  );
});

const REFUSED: readonly (readonly [string, Record<string, unknown>, string, RegExp])[] = [
  [
    'a missing file',
    {a: {filename: 'a', shape: [1]}},
    'E_FILE',
    /a: no such file; put it beside manifest\.json/,
  ],
  [
    'a file elsewhere',
    {a: {filename: '../a', shape: [1]}},
    'E_FORMAT',
    /is in '\.\.\/a'; expected a file beside it/,
  ],
  [
    'another size',
    {a: {filename: 'fc_biases', shape: [2]}},
    'E_FORMAT',
    /has 4 bytes; float32 \(2,\) takes 8/,
  ],
  [
    'a shape that is none',
    {a: {filename: 'fc_biases', shape: [-1]}},
    'E_FORMAT',
    /has 4 bytes; float32 .* takes NaN/,
  ],
];

for (const [title, change, code, message] of REFUSED) {
  test(`refused: ${title}`, async t => {
    await t.throwsAsync(readWeights(files(change)), {code, message});
  });
}
