import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {
  LIMITS,
  openPickle,
  type Picklable,
  PickleArray,
  PickleObject,
  type PickleValue,
  readPickle,
  writePickle,
} from '../converters/index';
import {readNpy} from '../converters/npy/read';
import {openNpz} from '../converters/npz/read';
import {writeNpz} from '../converters/npz/write';
import {inFolder, pythonLibrary} from './support/python-library';

const FIXTURES = 'fixtures/pickles';
const GOLDEN = 'fixtures/golden/epynn';
const pickles = readdirSync(FIXTURES).filter(name => name.endsWith('.pickle'));
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

/** Bytes and arrays in a form that can be compared. */
function shown(value: PickleValue): unknown {
  if (value instanceof PickleArray) return {...value.read(), announced: value.dtype};
  if (value instanceof Uint8Array) return {bytes: [...value]};
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [shown(key), shown(item)]));
  if (value instanceof Set) return new Set([...value].map(shown));
  if (Array.isArray(value))
    return (Object.isFrozen(value) ? ['tuple'] : ['list']).concat(value.map(shown) as string[]);
  return value;
}

const array = (dtype: string, shape: number[], values: unknown, announced = dtype) => ({
  dtype,
  shape,
  values,
  announced,
});
const EVERYTHING = new Map<unknown, unknown>([
  ['none', null],
  ['true', true],
  ['false', false],
  ['int', 7],
  ['byte', 255],
  ['negative', -300],
  ['wide', 2 ** 40],
  ['huge', 2n ** 70n],
  ['negative huge', -(2n ** 63n)],
  ['float', 0.1],
  ['infinite', Number.NEGATIVE_INFINITY],
  ['text', 'h\xe9\u20ac\u{1f600}\n\\u0041\'"'],
  ['plain', 'it\'s\n"\\'],
  ['empty', ''],
  ['bytes', {bytes: [0, 128, 255, 10]}],
  ['no bytes', {bytes: []}],
  ['bytearray', {bytes: [97, 98]}],
  ['list', ['list', 1, ['list', 2]]],
  ['tuple', ['tuple', 1, ['tuple'], ['tuple', 2, 3], ['tuple', 4, 5, 6], ['tuple', 7, 8, 9, 10]]],
  ['set', new Set([1, 2])],
  ['frozenset', new Set([3])],
  [
    'ordered',
    new Map([
      ['z', 1],
      ['a', 2],
    ]),
  ],
  ['shared', ['list', ['list', 'shared'], ['list', 'shared']]],
  ['__proto__', new Map([['constructor', 1]])],
  [3, 'three'],
  ['1,2', 'pair'],
  ['float32', array('float32', [2, 2], Float32Array.of(1.5, -2, 3, 4))],
  ['big-endian', array('float64', [2], Float64Array.of(1.5, -2.25))],
  ['fortran', array('int64', [2, 3], BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n))],
  ['half', array('float32', [2], Float32Array.of(0.5, -2), 'float16')],
  ['bool', array('bool', [2], Uint8Array.of(1, 0))],
  ['uint8', array('uint8', [2], Uint8Array.of(0, 255))],
  ['unicode', array('string', [2], ['ab', '\u20ac'])],
  ['strings', array('string', [2], ['ab', 'c'])],
  ['no rows', array('float32', [0, 3], new Float32Array(0))],
  ['zero-dimensional', array('float64', [], Float64Array.of(2.5))],
  ['scalar', array('float32', [], Float32Array.of(0.5))],
  [9, 'nine'],
]);

for (const name of pickles) {
  test(`${name}: every kind of value is what Python pickled`, t => {
    const read = readPickle(readFileSync(join(FIXTURES, name))) as Map<PickleValue, PickleValue>;
    const keyed = [...read].map(([key, item]): [unknown, unknown] => [
      Array.isArray(key) ? String(key) : key,
      shown(item),
    ]);
    const expected = new Map(EVERYTHING);
    // Python 2 has no bytes but text.
    if (name.startsWith('python2')) expected.set('bytes', '\0\x80\xff\n').set('no bytes', '');
    const sorted = (entries: Iterable<[unknown, unknown]>) =>
      new Map([...entries].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    t.deepEqual(sorted(keyed), sorted(expected));
    t.is(keyed.length, expected.size);
  });
}

test('pickles of six protocols and three Pythons are there', t => {
  t.is(pickles.length, 15);
});

test('a pickle that ends too soon is refused wherever it ends', t => {
  const kinds = ['2.7-protocol0', '2.7-cpickle', '3.6-protocol2', '3.11-protocol4', '3.11-protocol5'];
  const whole = kinds.map(kind => join(FIXTURES, `python${kind}.pickle`));
  for (const path of whole) {
    const bytes = readFileSync(path);
    const read: number[] = [];
    for (let end = 0; end < bytes.length; end++) {
      try {
        readPickle(bytes.subarray(0, end));
        read.push(end);
      } catch (error) {
        if ((error as {code?: string}).code !== 'E_FORMAT') throw error;
      }
    }
    t.deepEqual(read, [], path);
  }
});

test('damaged pickles give data or are refused', t => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = new Uint8Array(readFileSync(join(FIXTURES, pickles[random(pickles.length)]!)));
    for (let k = 0; k <= random(3); k++) bytes[random(bytes.length)] = random(256);
    try {
      shown(readPickle(bytes));
    } catch (error) {
      refused++;
      t.regex((error as {code?: string}).code ?? '', /^E_(FORMAT|UNSUPPORTED|LIMIT)$/, String(error));
    }
  }
  t.true(refused > 1000);
});

test('work that is asked for over and over is refused', t => {
  const long = 'a'.repeat(100_000);
  const encode = `c_codecs\nencode\n(V${long}\np0\nVlatin1\np1\ntp2\nR0`;
  t.throws(() => readPickle(latin1(`${encode}${'c_codecs\nencode\ng2\nR0'.repeat(100)}N.`)), {
    code: 'E_LIMIT',
    message: /used so often.*raise the limit pickleExtraPerByte/,
  });
  const list = `(${'I1\n'.repeat(100_000)}lp0\n0`;
  t.throws(() => readPickle(latin1(`${list}${'cbuiltins\nset\n(g0\ntR0'.repeat(100)}N.`)), {
    code: 'E_LIMIT',
    message: /used so often.*raise the limit pickleExtraPerByte/,
  });
  const maps = new Uint8Array(5_000_000).fill(0x7d);
  t.throws(() => readPickle(maps), {code: 'E_LIMIT', message: /too many dictionaries.*at most 2097152 /});
});

test('a caller raises and lowers limits', t => {
  const nested = latin1(`${'('.repeat(50)}${'t'.repeat(50)}.`);
  t.notThrows(() => readPickle(nested));
  t.throws(() => readPickle(nested, {limits: {...LIMITS, pickleDepth: 40}}), {
    code: 'E_LIMIT',
    message: /at most 40 are allowed.*pickleDepth/,
  });
  const digits = latin1(`I${'1'.repeat(5000)}\n.`);
  t.throws(() => readPickle(digits), {code: 'E_LIMIT'});
  t.is(typeof readPickle(digits, {limits: {...LIMITS, pickleDigits: 5000}}), 'bigint');
});

test('a long run of backslashes is read in no time', t => {
  t.is(readPickle(latin1(`V${'\\'.repeat(1_000_000)}\n.`)), '\\'.repeat(1_000_000));
});

test('names on the caller\u2019s list become inert records, and no others', t => {
  const made = latin1('\x80\x02cneupy.init\nHeNormal\n)\x81}(U\x04gainK\x01ub.');
  const record = readPickle(made, {classes: ['neupy.*']}) as PickleObject;
  t.true(record instanceof PickleObject);
  t.is(`${record.module} ${record.name}`, 'neupy.init HeNormal');
  t.is(record.attribute('gain'), 1);
  t.is(record.attribute('constructor'), undefined);
  t.is((readPickle(made, {classes: ['neupy.init.HeNormal']}) as PickleObject).name, 'HeNormal');
  for (const classes of [[], ['neupy.init'], ['neup.*'], ['neupy.initial.*'], ['epynn.*']]) {
    t.throws(() => readPickle(made, {classes}), {
      code: 'E_UNSUPPORTED',
      message: /at byte 2: it names "neupy\.init\.HeNormal"/,
    });
  }
});

test('a golden EpyNN pickle and the .npz beside it hold the same arrays', t => {
  for (const name of readdirSync(GOLDEN)) {
    const folder = join(GOLDEN, name);
    const [file] = readdirSync(folder).filter(entry => entry.endsWith('.pickle'));
    const opened = openPickle(readFileSync(join(folder, file!)), file);
    t.is(opened.format, 'pickle');
    const arrays = opened.groups.flatMap(group => group.arrays.map(one => [one.name, one.read()] as const));
    const npz = openNpz(readFileSync(join(folder, 'params.npz'))).groups[0]!.arrays;
    t.deepEqual(new Map(arrays), new Map(npz.map(one => [one.name, one.read()])), name);
  }
});

test('an EpyNN model tells its layers', t => {
  const file = openPickle(readFileSync(join(GOLDEN, 'model_rnn_sigmoid/model.pickle')));
  const {epynn} = file.architecture as {epynn: {layers: Record<string, unknown>[]}};
  t.deepEqual(
    file.groups.map(group => group.name),
    ['layer0', 'layer1', 'layer2'],
  );
  t.deepEqual(
    epynn.layers.map(layer => layer.class),
    ['Embedding', 'RNN', 'Dense'],
  );
  const [, rnn] = epynn.layers;
  t.like(rnn, {activate: 'tanh', sequences: false, clip_gradients: true, d: {u: 6, e: 4}});
  t.is(file.facts.library, 'epynn');
});

test('dictionaries and lists of arrays open under keys, paths and numbers', t => {
  const one: NdArray = {dtype: 'float32', shape: [1], values: Float32Array.of(1)};
  const names = (value: Picklable) => openPickle(writePickle(value)).groups[0]!.arrays.map(({name}) => name);
  t.deepEqual(names([one, one]), ['arr_0', 'arr_1']);
  t.deepEqual(names(one), ['arr_0']);
  t.deepEqual(
    names(
      new Map<Picklable, Picklable>([
        ['W', one],
        ['epoch', 3],
      ]),
    ),
    ['W'],
  );
  t.deepEqual(names(new Map([['__proto__', new Map([['W', [one]]])]])), ['__proto__/W/0']);
  t.throws(() => names(['a']), {code: 'E_FORMAT', message: /no array in it: it is a list/});
});

test('what is written is read back as it was', t => {
  const values = new Map<Picklable, Picklable>([
    ['whole', [0, 255, 256, -1, 2 ** 31, -(2 ** 31), 2n ** 63n, -(2n ** 63n), 2 ** 53 - 1]],
    ['float', [0.5, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300]],
    ['other', [null, true, false, '\u20ac\u{1f600}', Object.freeze(['a', Object.freeze([])]), new Map()]],
    ['bytes', Uint8Array.from({length: 256}, (_, k) => k)],
  ]);
  for (const protocol of [2, 4] as const) {
    const read = readPickle(writePickle(values, {protocol})) as Map<string, PickleValue>;
    t.deepEqual(shown(read), shown(values as never));
    t.true(Object.is((read.get('float') as number[])[3], -0));
  }
  const loop: Picklable[] = [];
  loop.push(loop);
  t.throws(() => writePickle(loop), {code: 'E_USAGE', message: /containing themselves/});
  t.throws(() => writePickle('\ud800'), {code: 'E_USAGE', message: /lone surrogate/});
  t.throws(() => writePickle({dtype: 'int8', shape: [2], values: Int8Array.of(1)}), {code: 'E_SHAPE'});
});

const epynn = pythonLibrary('epynn');
const FORWARD = `
import json, sys
import numpy as np
from epynn.commons.library import read_pickle
from epynn.settings import se_hPars
from epynn.lstm.models import LSTM
from epynn.gru.models import GRU
from epynn.rnn.models import RNN
folder, case, kind, sequences = sys.argv[1:]
out = []
for file in 'params.p2', 'params.p4', 'params.npz':
    layer = {'LSTM': LSTM, 'GRU': GRU, 'RNN': RNN}[kind](4, sequences=sequences == 'true', se_hPars=se_hPars)
    stored = np.load(folder + '/' + file) if file.endswith('npz') else read_pickle(folder + '/' + file)
    layer.p = {name: stored[name] for name in stored}
    out.append(layer.forward(np.load(case + '/x.npy').astype('float64')).tolist())
print(json.dumps(out))
`;

if (epynn.missing !== undefined) {
  test('EpyNN is not set up here', t => {
    t.log(`nothing was asked of EpyNN: ${epynn.missing}`);
    t.regex(epynn.missing!, /python-library/);
  });
} else {
  for (const [name, kind, sequences] of [
    ['lstm_last', 'LSTM', 'false'],
    ['gru_seq', 'GRU', 'true'],
    ['rnn_last', 'RNN', 'false'],
  ] as const) {
    test(`EpyNN reads the parameters written for ${name} and computes its golden outputs`, async t => {
      const folder = join(GOLDEN, name);
      const file = openPickle(readFileSync(join(folder, 'params.pickle')));
      const arrays = file.groups[0]!.arrays.map(one => [one.name, one.read()] as const);
      const golden = readNpy(readFileSync(join(folder, 'y.npy')));
      await inFolder(place => {
        writeFileSync(join(place, 'params.p2'), writePickle(new Map(arrays)));
        writeFileSync(join(place, 'params.p4'), writePickle(new Map(arrays), {protocol: 4}));
        writeFileSync(join(place, 'params.npz'), writeNpz(arrays));
        for (const y of epynn.ask(FORWARD, place, folder, kind, sequences) as number[][]) {
          const flat = y.flat(3) as number[];
          t.is(flat.length, golden.values.length);
          t.true(flat.every((value, k) => Math.abs(value - Number(golden.values[k])) <= 1e-6));
        }
      });
    });
  }
}
