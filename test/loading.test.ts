import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {readNpy} from '../converters/npy/read';
import {modelFrom} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {inspect} from '../src/node/inspect';
import {openModel} from '../src/node/load';
import {runModel, verify} from '../src/verify/verify';
import {commandLine} from './support/command-line';

// How a model is loaded where it is not loaded whole: by name, without what does not fit; and what is refused.

const CASES = 'fixtures/loading';
const BY_NAME = `${CASES}/by_name`;
const {carryover, build, remove} = commandLine();
const folder = mkdtempSync(join(tmpdir(), 'carryover-loading-'));

test.before(async () => {
  await useBackend('cpu');
  await build();
});

test.after.always(async () => {
  rmSync(folder, {recursive: true, force: true});
  await remove();
});

const array = (path: string) => readNpy(readFileSync(path), path);
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** A copy of a case, its golden.json changed. */
function changed(name: string, change: (golden: Record<string, unknown>) => object): string {
  const target = join(folder, `${name}-${Math.random()}`);
  cpSync(`${CASES}/${name}`, target, {recursive: true});
  const golden = json(join(target, 'golden.json'));
  writeFileSync(join(target, 'golden.json'), JSON.stringify({...golden, ...change(golden)}));
  return target;
}

test.serial(
  'golden cases by name, in half precision and refused ones pass, and the report says which is which',
  async t => {
    const {code, stdout, stderr} = await carryover('verify', CASES, '--backend', 'cpu');
    t.is(code, 0, stdout + stderr);
    t.regex(stdout, /2 sources were refused as they should be/);
    t.regex(stdout, /1 sources in half precision were compared with their float32 outputs \(2e-5\)/);
    const report = await runGoldenTree([`${CASES}/refused_lambda`]);
    t.like(report.cases[0], {passed: true, compared: 0});
    t.regex(report.cases[0]!.refused!, /layer 1 'lambda_1': .*; write its function/);
  },
);

test.serial(
  'a golden case that must be refused fails where it is opened, or refused without a layer',
  async t => {
    const opened = changed('by_name', () => ({refused: 'because'}));
    const format = changed('refused_lambda', () => ({sources: [{format: 'keras-h5', path: 'golden.json'}]}));
    const {cases} = await runGoldenTree([opened, format]);
    t.deepEqual(
      cases.map(({passed}) => passed),
      [false, false],
    );
    t.regex(cases[0]!.error!, /was opened; expected a refusal \(because\) \(E_PARITY\)/);
    t.regex(cases[1]!.error!, /was refused without a word of the layer/);
  },
);

test.serial(
  'half precision is held against the float32 outputs, and not against the rounded ones',
  async t => {
    const rounded = changed('half_precision', () => ({extra: {float32_outputs: {y: 'y.npy'}}}));
    const {cases} = await runGoldenTree([rounded]);
    t.like(cases[0], {passed: false, resolution: 'float32 outputs'});
  },
);

const architecture = join(BY_NAME, 'architecture.json');
const weights = join(BY_NAME, 'weights.h5');

test.serial('by name, layers that the file lacks keep their initializers, and that is said', async t => {
  const {model, notes} = await openModel(weights, {architecture, byName: true});
  t.true(verify(model, array(`${BY_NAME}/x.npy`), array(`${BY_NAME}/y.npy`), {tolerance: 2e-5}).passed);
  const [kernel, recurrent] = model.getLayer('brand_new').getWeights();
  t.true(kernel!.dataSync().every(value => value === Math.fround(0.2)));
  t.true(recurrent!.dataSync().every(value => value === Math.fround(-0.1)));
  t.true(notes.includes('by name: brand_new, head_new of the model: not in the file, as initialized'));
  t.true(
    notes.some(note => /^by name: gone, .*head_old of the file: not in the model, left out$/.test(note)),
  );
  await t.throwsAsync(openModel(weights, {architecture}), {code: 'E_WEIGHTS'});
});

/** The architecture with another number of units in a layer that the file has. */
function otherUnits(name: string, config: object): string {
  const model = json(architecture);
  for (const layer of model.config.layers)
    if (layer.config.name === name) Object.assign(layer.config, config);
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(model));
  return path;
}

test.serial(
  'by name, what does not fit a layer is an error that names it, or is left out and noted',
  async t => {
    const changes = {
      units: 6,
      bias_initializer: {class_name: 'Constant', config: {value: 0.5}},
      unit_forget_bias: false,
    };
    const other = otherUnits('lstm_a', changes);
    const options = {architecture: other, byName: true};
    await t.throwsAsync(openModel(weights, options), {
      code: 'E_WEIGHTS',
      message: /layer 0 'lstm_a': kernel has shape \[4, 16\]; expected \[4, 24\]/,
    });
    const {model, notes} = await openModel(weights, {...options, skipMismatch: true});
    const left = notes.filter(note => note.startsWith('left as initialized:'));
    t.is(left.length, 3, left.join('\n'));
    t.regex(left[0]!, /'lstm_a': kernel has shape \[4, 16\]; expected \[4, 24\]/);
    t.true(
      model
        .getLayer('lstm_a')
        .getWeights()[2]!
        .dataSync()
        .every(value => value === 0.5),
    );
  },
);

test.serial('by name, a layer with another number of arrays is an error, or stays as it is', async t => {
  const other = otherUnits('lstm_a', {use_bias: false, kernel_initializer: {class_name: 'Ones', config: {}}});
  const options = {architecture: other, byName: true};
  await t.throwsAsync(openModel(weights, options), {
    code: 'E_WEIGHTS',
    message: /'lstm_a' has 3 arrays; layer 'lstm_a' needs 2 .*--skip-mismatch/,
  });
  const {model, notes} = await openModel(weights, {...options, skipMismatch: true});
  t.true(notes.some(note => /^left as initialized: .*'lstm_a' has 3 arrays/.test(note)));
  t.true(
    model
      .getLayer('lstm_a')
      .getWeights()[0]!
      .dataSync()
      .every(value => value === 1),
  );
});

test.serial('the command line loads by name and skips what does not fit', async t => {
  const source = [weights, '--architecture', architecture, '--by-name', '--backend', 'cpu'];
  const data = ['--input', `${BY_NAME}/x.npy`, '--expect', `${BY_NAME}/y.npy`];
  const same = await carryover('verify', ...source, ...data, '--tolerance', '2e-5');
  t.is(same.code, 0, same.stderr);
  t.regex(same.stderr, /by name: brand_new, head_new of the model: not in the file/);
  const other = ['--architecture', otherUnits('lstm_a', {units: 6}), '--by-name'];
  const refused = await carryover('inspect', weights, ...other, '--json');
  t.regex(JSON.parse(refused.stdout).problems.join(), /kernel has shape/);
  const taken = await carryover('inspect', weights, ...other, '--skip-mismatch', '--json');
  t.is(taken.code, 0, taken.stderr);
  t.deepEqual(JSON.parse(taken.stdout).problems, []);
});

test.serial('what is refused says which layer it is, where it stands, and what to do', async t => {
  const error = await t.throwsAsync(openModel(`${CASES}/refused_class/model.h5`), {code: 'E_LAYER'});
  t.like(error, {layer: 'my_lstm'});
  const {problems} = await inspect(`${CASES}/refused_class/model.h5`);
  t.regex(problems[0]!, /layer 1 'my_lstm': class 'Custom>MyLSTM' of keras2 is not known; .*customObjects/);
});

const CTC = `${CASES}/ctc_training/model.h5`;

test.serial('a model ends at a layer, whatever is behind it, and has the inputs that are needed', async t => {
  await t.throwsAsync(openModel(CTC), {code: 'E_LAYER', message: /'ctc'.*Lambda/});
  const {model, notes, inputNames} = await openModel(CTC, {outputs: ['softmax']});
  t.deepEqual(inputNames, ['x']);
  const [x, y] = [array(`${CASES}/ctc_training/x.npy`), array(`${CASES}/ctc_training/y.npy`)];
  for (const name of ['y', 'softmax']) t.true(verify(model, x, {[name]: y}, {tolerance: 1e-5}).passed, name);
  t.true(notes.some(note => /^outputs softmax: left out are the layers ctc$/.test(note)));
  t.true(notes.some(note => /^outputs softmax: inputs that they do not need: /.test(note)));
  await t.throwsAsync(openModel(CTC, {outputs: ['sofmax']}), {
    code: 'E_USAGE',
    message: /there is no layer 'sofmax' \(did you mean 'softmax'\?\); the model has .*ctc/,
  });
});

test.serial('the command line ends a model at a layer', async t => {
  const source = [CTC, '--until', 'softmax', '--backend', 'cpu'];
  const data = ['--input', `${CASES}/ctc_training/x.npy`, '--expect', `${CASES}/ctc_training/y.npy`];
  const same = await carryover('verify', ...source, ...data);
  t.is(same.code, 0, same.stdout + same.stderr);
  const whole = await carryover('verify', CTC, '--backend', 'cpu', ...data);
  t.is(whole.code, 2);
  const shown = await carryover('inspect', ...source.slice(0, 3), '--json');
  t.deepEqual(
    JSON.parse(shown.stdout).outputs.map(({name}: {name: string}) => name),
    ['softmax'],
  );
});

/** The architecture with classes under another name, and maybe other arguments. */
function renamedClass(className: string, config: object = {}): string {
  const model = json(architecture);
  for (const layer of model.config.layers)
    if (layer.config.name === 'lstm_a')
      Object.assign(layer, {class_name: className, config: {...layer.config, ...config}});
  const path = join(folder, `${className.replace('>', '_')}-${Object.keys(config)}.json`);
  writeFileSync(path, JSON.stringify(model));
  return path;
}

test.serial(
  "a class that renames one of the library's is taken for it, with that one's arguments",
  async t => {
    const [x, y] = [array(`${BY_NAME}/x.npy`), array(`${BY_NAME}/y.npy`)];
    for (const [className, key] of [
      ['ReversedLSTM', 'ReversedLSTM'],
      ['mine>ReversedLSTM', 'ReversedLSTM'],
      ['mine>ReversedLSTM', 'mine>ReversedLSTM'],
    ] as const) {
      const options = {architecture: renamedClass(className), byName: true};
      await t.throwsAsync(openModel(weights, options), {
        code: 'E_LAYER',
        message: /ReversedLSTM' of keras2 is not known.*customObjects.*--custom .*ReversedLSTM=LSTM/,
      });
      const {model, notes} = await openModel(weights, {...options, customObjects: {[key]: 'LSTM'}});
      t.true(verify(model, x, y, {tolerance: 2e-5}).passed, className);
      t.true(notes.some(note => note.startsWith(`class ${className} is taken for LSTM; what its own code`)));
    }
    const odd = {architecture: renamedClass('ReversedLSTM', {attention: true}), byName: true};
    await t.throwsAsync(openModel(weights, {...odd, customObjects: {ReversedLSTM: 'LSTM'}}), {
      code: 'E_LAYER',
      message: /'lstm_a'.*attention/,
    });
    const options = {architecture: renamedClass('ReversedLSTM'), byName: true};
    await t.throwsAsync(openModel(weights, {...options, customObjects: {ReversedLSTM: 'LSTMM'}}), {
      code: 'E_LAYER',
      message: /class 'LSTMM' of keras2 is not known \(did you mean 'LSTM'\?\)/,
    });
  },
);

test.serial('a renamed class inside of a wrapper is taken for it as well', async t => {
  const layer = {
    class_name: 'ReversedLSTM',
    config: {name: 'r', units: 2, return_sequences: true, go_backwards: true},
  };
  const wrapped = (inner: object) => ({
    class_name: 'Sequential',
    keras_version: '2.2.4',
    config: [
      {class_name: 'TimeDistributed', config: {name: 't', batch_input_shape: [null, 2, 3, 4], layer: inner}},
    ],
  });
  const made = modelFrom(wrapped(layer), undefined, {customObjects: {ReversedLSTM: 'LSTM'}});
  const same = modelFrom(wrapped({...layer, class_name: 'LSTM'}));
  same.setWeights(made.getWeights());
  const x = {
    dtype: 'float32' as const,
    shape: [1, 2, 3, 4],
    values: Float32Array.from({length: 24}, Math.sin),
  };
  t.deepEqual(runModel(made, x).get('y'), runModel(same, x).get('y'));
  t.throws(() => modelFrom(wrapped(layer)), {
    code: 'E_LAYER',
    message: /'t': wrapped layer: class 'ReversedLSTM'/,
  });
});

test.serial('the command line takes a class for one of the library', async t => {
  const source = [weights, '--architecture', renamedClass('ReversedLSTM'), '--by-name', '--backend', 'cpu'];
  const data = ['--input', `${BY_NAME}/x.npy`, '--expect', `${BY_NAME}/y.npy`, '--tolerance', '2e-5'];
  const same = await carryover('verify', ...source, ...data, '--custom', 'ReversedLSTM=LSTM');
  t.is(same.code, 0, same.stderr);
  t.regex(same.stderr, /class ReversedLSTM is taken for LSTM/);
});
