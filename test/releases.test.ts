import test from 'ava';
import {releaseOf} from '../src/dialects/releases';
import {before} from '../src/dialects/version';
import {CarryoverError} from '../src/errors';
import {LIBRARIES, libraryNamed} from '../src/libraries';
import {keras0, keras2, lasagne, tf1} from '../src/libraries/all';
import {modelFrom} from '../src/model/open';
import {parseArchitecture} from '../src/model/parse';
import {useBackend} from '../src/node/backend';
import {openModel} from '../src/node/load';
import {commandLine} from './support/command-line';

const OLD = 'fixtures/golden/keras-0.2.0/lstm_seq';
const NEW = 'fixtures/golden/keras-2.2.4-theano/simplernn_seq';
const {build, remove, carryover} = commandLine();

test.before(() => useBackend('cpu'));
test.before(build);
test.after.always(remove);

const checked = (library: string, version: string) => releaseOf(libraryNamed(library), version, 'here');

test('releases are those that there were, with the marks of their builds', t => {
  for (const [library, ...versions] of [
    ['keras0', '0.1.0', '0.1.3', '0.2', '0.2.0', '0.3.3'],
    ['keras1', '1.0.0', '1.0.8', '1.2.2'],
    [
      'keras2',
      '2.0.8-tf',
      '2.1.6-tf',
      '2.2.4-tf',
      '2.3.0-tf',
      '2.4.0',
      '2.5.0rc0',
      '2.15.0',
      '2.16.0',
      '2.21.0',
    ],
    ['tf1', '0.12.1', '1.4', '1.13.0-rc2', '1.15.5', '2.15.0.post1', '2.15.1'],
    ['lasagne', '0.1', '0.2.dev1'],
    ['neupy', '0.8.2', '0.3.0b1'],
    ['epynn', '1.2.13'],
    ['nntools', '5b40eb2'],
  ] as const) {
    for (const version of versions)
      t.deepEqual(checked(library, version), {version}, `${library} ${version}`);
  }
  for (const {defaultVersion, name} of LIBRARIES) t.notThrows(() => checked(name, defaultVersion));
});

test('a release that never was is refused, with the nearest ones', t => {
  const message = (library: string, version: string): string =>
    t.throws(() => checked(library, version), {instanceOf: CarryoverError, code: 'E_USAGE'})!.message;
  t.is(message('keras0', '0.7'), "here: version is '0.7'; expected a release of Keras 0, such as 0.3.3");
  t.regex(message('keras0', '0.2.5'), /such as 0\.2\.0 or 0\.3\.0$/);
  t.regex(message('keras0', 'foo'), /such as 0\.3\.3$/);
  t.regex(message('keras1', '1.9.0'), /such as 1\.2\.2$/);
  t.regex(message('keras2', '2.2.9'), /such as 2\.2\.5 or 2\.3\.0$/);
  t.regex(message('keras2', '3.0.0'), /such as 2\.21\.0$/);
  t.regex(message('nntools', '0.1'), /such as 5b40eb2$/);
  // Nothing that a file says may take long to refuse.
  t.regex(message('keras2', `2.2.4-tf${'+tf'.repeat(10_000)}!`), /expected a release/);
});

test('a release newer than all that are known is taken for the newest, and that is said', t => {
  t.deepEqual(checked('tf1', '2.99.0'), {
    version: '2.21.0',
    note: 'TensorFlow 2.99.0 is newer than what is known here; it is taken for 2.21.0',
  });
  const json = JSON.parse(
    JSON.stringify({
      class_name: 'Sequential',
      keras_version: '2.98.1',
      config: [{class_name: 'LSTM', config: {name: 'l', units: 2, batch_input_shape: [null, null, 3]}}],
    }),
  );
  const {version, layers, notes} = parseArchitecture(json, 'model.json');
  t.is(version, '2.21.0');
  t.is(layers[0]!.version, '2.21.0');
  t.deepEqual(notes, ['Keras 2 2.98.1 is newer than what is known here; it is taken for 2.21.0']);
  t.notThrows(() => modelFrom(json));
});

test('factories take releases of their library alone', t => {
  const refused = (make: () => unknown) => t.throws(make, {instanceOf: CarryoverError, code: 'E_USAGE'});
  refused(() => keras0.lstm({outputDim: 2, version: '0.7'}));
  refused(() => keras0.lstm({outputDim: 2, version: '1.2.2'}));
  refused(() => keras2.gru({units: 2, version: 'foo'}));
  refused(() => lasagne.gru({numUnits: 2, version: '0.3.0-x'}));
  refused(() => tf1.gruCell({numUnits: 2, version: '0.1'}));
  t.notThrows(() => keras2.lstm({units: 2, version: '2.2.4-tf'}));
});

test('a file or a recipe that names a release which never was is refused', t => {
  const keras = {class_name: 'Sequential', keras_version: '2.2.9', config: []};
  const layer = {class_name: 'Dense', config: {name: 'd', units: 2, batch_input_shape: [null, 3]}};
  const json = {...keras, config: [layer]};
  t.throws(() => parseArchitecture(json, 'm.json'), {
    code: 'E_ARCHITECTURE',
    message: /^m\.json: version is '2\.2\.9'/,
  });
  const recipe = {
    carryover: 1,
    inputs: [{name: 'x', shape: [null, null, 3]}],
    layers: [{library: 'keras0', version: '0.7', class: 'LSTM', config: {output_dim: 2}}],
  };
  t.throws(() => parseArchitecture(recipe, 'r.json'), {
    code: 'E_ARCHITECTURE',
    message: /version is '0\.7'.*0\.3\.3/,
  });
  t.is(parseArchitecture(recipe, 'r.json', {version: '0.2.0'}).layers[0]!.version, '0.2.0');
});

test.serial('the version option of a program is checked', async t => {
  const open = (version: string) =>
    openModel(`${OLD}/weights.h5`, {architecture: `${OLD}/model.json`, version});
  await t.throwsAsync(() => open('0.7'), {code: 'E_USAGE', message: /such as 0\.3\.3/});
  (await open('0.2.0')).model.dispose();
});

for (const [what, args, line] of [
  [
    'run',
    [
      'run',
      `${OLD}/weights.h5`,
      '--architecture',
      `${OLD}/model.json`,
      '--input',
      `${OLD}/x.npy`,
      '--output',
      'y.npy',
      '--library-version',
      '0.7',
    ],
    /0\.3\.3/,
  ],
  [
    'inspect of weights alone',
    ['inspect', `${OLD}/weights.h5`, '--library-version', 'foo'],
    /version is 'foo'/,
  ],
  ['inspect --recipe', ['inspect', `${OLD}/weights.h5`, '--recipe', '--library-version', '0.7'], /0\.3\.3/],
  ['inspect of a model', ['inspect', `${NEW}/model.h5`, '--library-version', '2.2.9'], /2\.2\.5 or 2\.3\.0/],
] as const) {
  test.serial(`${what} refuses a release that never was`, async t => {
    const {code, stderr} = await carryover(...args);
    t.is(code, 2);
    t.regex(stderr, line);
    t.regex(stderr, /^carryover: [^\n]+\(E_USAGE\)\n$/);
  });
}

test('releases are listed once, the oldest first', t => {
  for (const {name, releases} of LIBRARIES) {
    for (const [k, release] of releases.slice(1).entries())
      t.true(before(releases[k]!, release), `${name} ${release}`);
  }
});
