import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {parsePythonJson} from '../converters/json/python';
import {containerJson} from '../src/libraries/keras/architecture/container-json';
import type {ContainerRecord} from '../src/model/architecture';
import {parseArchitecture} from '../src/model/parse';
import {readWeights} from '../src/node';

/** Beside the containers, JSON has what goes with the whole file, and (since tf.keras) where classes come from. */
const ELSEWHERE = new Set([
  ...[
    'keras_version',
    'backend',
    'loss',
    'optimizer',
    'class_mode',
    'sample_weight_mode',
    'metrics',
    'loss_weights',
  ],
  ...['module', 'registered_name', 'build_config', 'shared_object_id', 'compile_config'],
]);

function structure(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structure);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !ELSEWHERE.has(key))
      .map(([key, inner]) => [key, structure(inner)]),
  );
}

/** Parses, writes again, and compares. */
function roundTrip(t: ExecutionContext, json: unknown, version?: string): ContainerRecord {
  const architecture = parseArchitecture(json, 'model.json', version === undefined ? {} : {version});
  const container = architecture.container!;
  t.deepEqual(structure(containerJson(container, architecture.version!)), structure(json));
  return container;
}

/** 0.1.1 stored no architectures: its cases have recipes. Of Keras 3 there are few files here. */
const FAMILIES = readdirSync('fixtures/golden').filter(family => /^keras-(?!0\.1\.1)[0-2]/.test(family));

for (const family of FAMILIES) {
  test(`${family}: every stored architecture is written again as it was`, async t => {
    let count = 0;
    for (const name of readdirSync(join('fixtures/golden', family))) {
      const folder = join('fixtures/golden', family, name);
      for (const file of readdirSync(folder)) {
        const path = join(folder, file);
        const stored = /architecture\.json$|model\.json$/.test(file)
          ? parsePythonJson(readFileSync(path, 'utf8'), file)
          : file.endsWith('.h5')
            ? (await readWeights(path)).architecture
            : undefined;
        if (stored === undefined || 'carryover' in (stored as object)) continue;
        roundTrip(t, stored);
        count++;
      }
    }
    t.true(count > 0, `${count} architectures`);
  });
}

const layer = (class_name: string, config: object) => ({class_name, config});
const dense = (name: string, more: object = {}) => layer('Dense', {name, units: 2, ...more});
const input = (name: string) => ({
  ...layer('InputLayer', {name, batch_input_shape: [null, 3]}),
  name,
  inbound_nodes: [],
});

/** An encoder that is called twice, a Sequential in it, and a head after it. */
const shared = layer('Model', {
  name: 'outer',
  trainable: true,
  layers: [
    input('a'),
    input('b'),
    {
      ...layer('Model', {
        name: 'encoder',
        layers: [
          input('in'),
          {
            ...layer('Sequential', {
              name: 'stack',
              layers: [dense('first', {batch_input_shape: [null, 3]}), dense('second')],
            }),
            name: 'stack',
            inbound_nodes: [[['in', 0, 0, {}]]],
          },
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['stack', 1, 0]],
      }),
      name: 'encoder',
      inbound_nodes: [[['a', 0, 0, {}]], [['b', 0, 0, {}]]],
    },
    {
      ...layer('Add', {name: 'sum'}),
      name: 'sum',
      inbound_nodes: [
        [
          ['encoder', 1, 0, {}],
          ['encoder', 2, 0, {}],
        ],
      ],
    },
  ],
  input_layers: [
    ['a', 0, 0],
    ['b', 0, 0],
  ],
  output_layers: [['sum', 0, 0]],
});

test('nested and shared models are kept as the file nests them, beside the flat list', t => {
  const container = roundTrip(t, shared, '2.2.4');
  const encoder = container.members[2]!;
  t.is(encoder.calls!.length, 2);
  t.deepEqual(
    encoder.container!.members[1]!.container!.members.map(({name}) => name),
    ['first', 'second'],
  );
  const flat = parseArchitecture(shared, 'model.json', {version: '2.2.4'});
  t.deepEqual(
    flat.layers.map(({name, calls}) => [name, calls.length]),
    [
      ['encoder/stack/first', 2],
      ['encoder/stack/second', 2],
      ['sum', 1],
    ],
  );
});

test('the branches of a Merge of Keras 1 are kept, models and single layers', t => {
  const branches = [
    layer('Sequential', [dense('left', {batch_input_shape: [null, 3]})]),
    dense('right', {batch_input_shape: [null, 3]}),
  ];
  const json = layer('Sequential', [
    layer('Merge', {name: 'merge_1', mode: 'sum', layers: branches}),
    dense('head'),
  ]);
  const container = roundTrip(t, json, '1.2.2');
  t.deepEqual(
    container.members.map(({branches}) => branches?.length),
    [2, undefined],
  );
});

test('a Graph of Keras 0 is kept with its nodes, a Sequential among them', t => {
  const flat = (name: string) => ({name: 'Dense', output_dim: 2, custom_name: name});
  const container = roundTrip(
    t,
    {
      name: 'Graph',
      input_config: [{name: 'in', input_shape: [3], dtype: 'float'}],
      node_config: [
        {name: 'stack', input: 'in', inputs: []},
        {name: 'both', input: '', inputs: ['in', 'stack'], merge_mode: 'concat'},
      ],
      output_config: [{name: 'out', input: 'both', inputs: []}],
      nodes: {stack: {name: 'Sequential', layers: [flat('one'), flat('two')]}, both: flat('both')},
    },
    '0.3.3',
  );
  t.is(container.members[0]!.container!.members.length, 2);
});

test('TimeDistributed keeps the model that it holds in its config', t => {
  const inner = layer('Sequential', {name: 'inner', layers: [dense('deep')]});
  const json = layer('Sequential', {
    name: 'outer',
    layers: [layer('TimeDistributed', {name: 'each', batch_input_shape: [null, 4, 3], layer: inner})],
  });
  const container = roundTrip(t, json, '2.3.1');
  t.deepEqual(container.members[0]!.config.layer, inner);
});

test('a call with an argument that is not supported is refused, training=False is noted', t => {
  const model = (args: object) =>
    layer('Model', {
      name: 'm',
      layers: [input('in'), {...dense('d'), name: 'd', inbound_nodes: [[['in', 0, 0, args]]]}],
      input_layers: [['in', 0, 0]],
      output_layers: [['d', 0, 0]],
    });
  t.throws(() => parseArchitecture(model({noise: 1}), 'model.json', {version: '2.15.0'}), {
    message: /^model\.json: layer 1 'd': the layer is called with noise=1, which is not supported/,
  });
  const {notes} = parseArchitecture(model({training: false}), 'model.json', {version: '2.15.0'});
  t.deepEqual(notes, ['d: called with training=False, which is left out: it acts in training only']);
});
