import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  type LayersModel,
  loadLayersModel,
  model as makeModel,
} from '@tensorflow/tfjs-layers';
import test from 'ava';
import type {Argument, ArgumentTable} from '../src/dialects/arguments';
import {setEngine} from '../src/engines/registry';
import {isCarryoverClass, LIBRARIES} from '../src/libraries';
import {lasagne, nntools, tf1} from '../src/libraries/all';
import {artifactsOf} from '../src/model/artifacts';
import type {OpenedModel} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {hasLayers} from './support/layered';

const GOLDEN = 'fixtures/golden';

test.before(async () => {
  await useBackend('cpu');
  setEngine('wasm');
});

/** A model as tfjs saves and loads it: through JSON, and with names in another spelling. */
async function savedAndLoaded(model: LayersModel): Promise<LayersModel> {
  const artifacts = await artifactsOf(model);
  const modelTopology = JSON.parse(JSON.stringify(artifacts.modelTopology));
  return loadLayersModel({load: async () => ({...artifacts, modelTopology})});
}

/** Puts the saved and loaded model in the place of the original, which goes. */
async function replace(opened: OpenedModel): Promise<void> {
  const copy = await savedAndLoaded(opened.model);
  // tfjs does not save what a recipe calls the outputs.
  copy.outputNames = [...opened.model.outputNames];
  const layers = opened.layers.map(({record, built}) => {
    const {roles} = built;
    return {record, built: {...built, roles, layer: copy.getLayer(built.layer.name)}};
  });
  opened.model.dispose();
  Object.assign(opened, {model: copy, layers});
}

for (const family of readdirSync(GOLDEN).filter(hasLayers).sort()) {
  test.serial(`every case of ${family} is the same after saving and loading`, async t => {
    const {cases} = await runGoldenTree([`${GOLDEN}/${family}`], {mutate: replace});
    const bad = cases.filter(({passed}) => !passed);
    t.deepEqual(
      bad.map(({name, source, error, worst}) => ({name, source, error, worst})),
      [],
    );
    t.true(cases.length > 0);
  });
}

/** Values whose spelling tfjs' saving and loading would change, by kind of argument. */
const ODD: Readonly<Record<Argument['kind'], unknown>> = {
  integer: 3,
  number: 0.25,
  integers: [3],
  boolean: true,
  choice: undefined,
  activation: {class_name: 'LeakyReLU', config: {alpha: 0.2}},
  initializer: {class_name: 'VarianceScaling', config: {mode: 'fan_avg', distribution: 'truncated_normal'}},
  regularizer: {class_name: 'L1L2', config: {l1: 0.1, l2: 0.2}},
  constraint: {class_name: 'MinMaxNorm', config: {min_value: 0.1, max_value: 2}},
  other: {nonlinearity: {class: 'ScaledTanH', config: {scale_in: 0.5, scale_out: 1.5}}},
};

function oddConfig(table: ArgumentTable): Record<string, unknown> {
  const entries = Object.entries(table).map(([name, {kind, choices}]) => [
    name,
    kind === 'choice' ? choices!.at(-1) : ODD[kind],
  ]);
  return Object.fromEntries(entries.filter(([name]) => name !== 'name' && name !== 'dtype'));
}

const x = () => input({batchShape: [2, 5, 3]});

for (const {name, layers, cells} of LIBRARIES) {
  for (const layerClass of layers) {
    const {className, arguments: table} = layerClass.dialect;
    for (const [how, config] of [
      ['no arguments', {}],
      ['arguments of odd spelling', oddConfig(table)],
    ] as const) {
      test.serial(
        `${name} ${className} with ${how} has the same arguments after saving and loading`,
        async t => {
          const units = Object.fromEntries(
            ['units', 'outputDim', 'numUnits', 'nUnits'].filter(key => key in table).map(key => [key, 3]),
          );
          const layer = new layerClass({...config, ...units, name: 'odd', batchSize: 2});
          const outputs = [layer.apply(x())].flat()[0] as ReturnType<typeof x>;
          const inputs = layer.inboundNodes[0]!.inputTensors;
          const loaded = (await savedAndLoaded(makeModel({inputs, outputs}))).getLayer('odd') as typeof layer;
          t.deepEqual(loaded.args, layer.args);
          t.deepEqual(loaded.recurrence, layer.recurrence);
          t.deepEqual(loaded.arrayNames, layer.arrayNames);
        },
      );
    }
  }
  for (const cellClass of cells) {
    test.serial(
      `${name} ${cellClass.dialect.className} has the same arguments after saving and loading`,
      async t => {
        const {numUnits: _, ...odd} = oddConfig(cellClass.dialect.arguments);
        const cell = new cellClass({...odd, numUnits: 3, stateIsTuple: true});
        const layer = tf1.dynamicRnn({cell, name: 'odd'});
        const [outputs] = layer.apply(x()) as ReturnType<typeof x>[];
        const inputs = layer.inboundNodes[0]!.inputTensors;
        const loaded = (await savedAndLoaded(makeModel({inputs, outputs: outputs!}))).getLayer(
          'odd',
        ) as typeof layer;
        const again = loaded.cell as typeof cell;
        t.deepEqual({...again.args, name: undefined}, {...cell.args, name: undefined});
        t.deepEqual(again.recurrence, cell.recurrence);
      },
    );
  }
}

test.serial('what a layer was not given stays so, and null stays null', t => {
  const defaults = lasagne.lstm({numUnits: 4});
  t.is(defaults.recurrence.activations.h!.kind, 'tanh');
  t.false('ingate' in defaults.getConfig());
  const config = JSON.parse(JSON.stringify(defaults.getConfig()));
  t.deepEqual(lasagne.lstm(config).recurrence, defaults.recurrence);
  for (const layer of [
    lasagne.recurrent({numUnits: 4, nonlinearity: null}),
    nntools.lstm({numUnits: 4, nonlinearityOut: null}),
  ]) {
    const own = layer.constructor as new (config: unknown) => typeof layer;
    t.is(layer.recurrence.activations.h!.kind, 'linear');
    t.deepEqual(new own(JSON.parse(JSON.stringify(layer.getConfig()))).recurrence, layer.recurrence);
  }
});

test.serial("an initializer of tfjs' own is saved with a layer", async t => {
  const layer = lasagne.lstm({numUnits: 4});
  t.deepEqual(layer.getConfig().spelled, undefined);
  const [keras2] = LIBRARIES.filter(({name}) => name === 'keras2');
  const dense = new keras2!.layers[0]!({units: 2, kernelInitializer: initializers.ones(), name: 'ones'});
  const inputs = x();
  const loaded = await savedAndLoaded(
    makeModel({inputs, outputs: dense.apply(inputs) as ReturnType<typeof x>}),
  );
  const config = loaded.getLayer('ones').getConfig();
  t.deepEqual(config.kernelInitializer, {className: 'Ones', config: {}});
});

test("Carryover's classes are known by their names, and tfjs' own are not taken for them", t => {
  const script = `import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-layers';
    console.log(JSON.stringify(Object.keys(tf.serialization.SerializationMap.getMap().classNameMap)));`;
  const own = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'}),
  ) as string[];
  const all = Object.keys(tf.serialization.SerializationMap.getMap().classNameMap);
  t.deepEqual(all.filter(name => !isCarryoverClass(name)).sort(), own.sort());
  t.true(all.length > own.length + 60);
});
