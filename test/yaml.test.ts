import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {parsePythonYaml} from '../converters/yaml/read';
import {loadArray} from '../src/golden/arrays';
import {useBackend} from '../src/node/backend';
import {diskFiles} from '../src/node/files/disk';
import {detect, openModel} from '../src/node/load';
import {verify} from '../src/verify/verify';

// YAML as PyYAML writes it (Keras' to_yaml), and architectures that were written as text once more.

const FIXTURES = 'fixtures/keras-yaml';
const CASE = 'fixtures/golden/keras-2.2.4-theano/emb_mask_lstm_dense';

test.before(() => useBackend('cpu'));

for (const name of readdirSync(FIXTURES).filter(name => /\.(yaml|json)$/.test(name))) {
  test(`${name} is the architecture that model.json is`, async t => {
    const path = join(FIXTURES, name);
    t.is((await detect(path)).format, name.startsWith('json-in-json') ? 'keras-json' : 'keras-yaml');
    const load = (file: string) => loadArray(diskFiles, CASE, file);
    const [x, y] = [await load('x.npy'), await load('y.npy')];
    const sources = [path, new Blob([readFileSync(path)])];
    for (const architecture of sources) {
      const {model, notes} = await openModel(join(CASE, 'weights.h5'), {architecture});
      t.true(verify(model, x, y, {tolerance: {atol: 1e-6, rtol: 1e-6}}).passed);
      t.deepEqual(notes, []);
    }
  });
}

test('what is no model is no architecture, though it be YAML', async t => {
  const text = new TextEncoder().encode('config:\n  batch_size: 3\nclass: none\n');
  await t.throwsAsync(detect(text), {code: 'E_FORMAT', message: /no format that Carryover knows/});
});

const parse = (text: string) => parsePythonYaml(text, 'model.yaml');

const WORDS: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['~', null],
  ['yes', true],
  ['Off', false],
  // In YAML's own schema of 1.1 these are booleans, in PyYAML they are words; layers are called so.
  ['y', 'y'],
  ['n', 'n'],
  ['17', 17],
  ['-1_000', -1000],
  ['017', 15],
  ['0x1f', 31],
  ['0b101', 5],
  ['1:30', 90],
  ['1.0e-07', 1e-7],
  ['1e-07', '1e-07'],
  ['.5', 0.5],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['.nan', Number.NaN],
  ['lstm_1', 'lstm_1'],
  ["'17'", '17'],
  ['"a\\u00e9\\n"', 'aé\n'],
  ["!!python/unicode 'LSTM'", 'LSTM'],
  ['!!python/str "true"', 'true'],
  ["!!python/long '5'", 5],
  ['!!float 3', 3],
  ['!!python/none null', null],
  ['!!python/bool true', true],
  ['!!python/tuple [null, 5]', [null, 5]],
  ['!!python/tuple\n- 1\n- !!python/tuple [2]', [1, [2]]],
  ['!!python/dict {a: 1}', {a: 1}],
  ['!!python/object/apply:collections.OrderedDict\n- - [b, 1]\n  - [a, {c: 2}]', {b: 1, a: {c: 2}}],
  ['a: &id001 [1, 2]\nb: *id001', {a: [1, 2], b: [1, 2]}],
  ['|\n  two\n  lines\n', 'two\nlines\n'],
  ["'folded\n\n  text'", 'folded\ntext'],
  ['__proto__: 1', JSON.parse('{"__proto__": 1}')],
];

for (const [text, value] of WORDS) {
  test(`as PyYAML reads it: ${JSON.stringify(text)}`, t => t.deepEqual(parse(text), value));
}

const bomb = [...'abcdefghijkl'].reduce(
  (text, name, k, all) =>
    `${text}${name}: &${name} [${Array(9)
      .fill(k === 0 ? '1' : `*${all[k - 1]}`)
      .join(', ')}]\n`,
  '',
);

const REFUSED: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'an object',
    '!!python/object:os.stat {}',
    'E_UNSUPPORTED',
    /the tag !!python\/object:os\.stat on a mapping/,
  ],
  [
    'a call',
    '!!python/object/apply:os.system [ls]',
    'E_UNSUPPORTED',
    /!!python\/object\/apply:os\.system on a list/,
  ],
  [
    'a name',
    "!!python/name:keras.activations.relu ''",
    'E_UNSUPPORTED',
    /python\/name:keras\.activations\.relu/,
  ],
  ['a kind that the word is not', '!!int five', 'E_UNSUPPORTED', /the tag !!int on 'five'/],
  ['a tag of its own', '!mine x', 'E_UNSUPPORTED', /the tag !mine on 'x'/],
  [
    'ordered pairs that are none',
    '!!python/object/apply:collections.OrderedDict [[1]]',
    'E_UNSUPPORTED',
    /not of pairs/,
  ],
  ['aliases that grow', bomb, 'E_LIMIT', /aliases make it grow; at most 4 .*yamlValuesPerByte/],
  ['an alias of what is around it', 'a: &a [*a]', 'E_FORMAT', /\*a stands inside of what it names/],
  ['an alias of nothing', 'a: *b', 'E_FORMAT', /alias|\*b/i],
  ['depth', '['.repeat(300) + ']'.repeat(300), 'E_LIMIT', /nests 201 deep.*yamlDepth/],
  ['depth beyond the stack', '['.repeat(200_000), 'E_LIMIT', /yamlDepth/],
  ['length', 'x'.repeat(2 ** 20 + 1), 'E_LIMIT', /yamlCharacters/],
  ['a key twice', 'a: 1\na: 2', 'E_FORMAT', /the key 'a' is there twice/],
  ['a key that is no word', '1: 2', 'E_FORMAT', /a key that is no word \(1\)/],
  ['two documents', 'a: 1\n---\nb: 2', 'E_FORMAT', /2 YAML documents; expected one/],
  ['no YAML', 'a: [1, }', 'E_FORMAT', /model\.yaml: not YAML \(/],
];

for (const [title, text, code, message] of REFUSED) {
  test(`refused: ${title}`, t => {
    t.throws(() => parse(text), {code, message});
  });
}
