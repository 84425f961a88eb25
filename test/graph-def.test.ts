import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import test from 'ava';
import {attribute, openFrozenGraph, readGraphDef, readMetaGraph} from '../converters/graph-def';
import {readSavedModel} from '../converters/saved-model/read';
import {CarryoverError} from '../src/errors';
import {readWeights} from '../src/node/load';

const GOLDEN = 'fixtures/golden';
const frozen = readFileSync(`${GOLDEN}/tf1.15-rnn/gru/frozen.pb`);
const meta = gunzipSync(readFileSync('fixtures/graphs/tf0.12-rnn-gru.meta.gz'));

for (const family of ['tf1.15-rnn', 'tf2.15-compat-v1-rnn']) {
  for (const name of ['basic_lstm', 'gru']) {
    test(`${family}/${name}: a frozen graph has the arrays of its checkpoint`, async t => {
      const graph = await readWeights(`${GOLDEN}/${family}/${name}/frozen.pb`);
      const checkpoint = await readWeights(`${GOLDEN}/${family}/${name}/v2/model.ckpt`);
      t.is(graph.format, 'tf-frozen-graph');
      const byName = new Map(graph.groups[0]!.arrays.map(array => [array.name, array.read()]));
      for (const array of checkpoint.groups[0]!.arrays) t.deepEqual(byName.get(array.name), array.read());
      checkpoint.close();
    });
  }
}

test('a SavedModel has the arrays of its variables, and says who wrote it', async t => {
  const model = await readWeights(`${GOLDEN}/tf1.15-rnn/basic_lstm/saved_model`);
  t.is(model.format, 'saved-model');
  t.is(model.facts.tensorflow, '1.15.5');
  t.is(model.facts.tags, 'serve');
  t.deepEqual(model.groups[0]!.arrays.map(({name}) => name).toSorted(), [
    'rnn/basic_lstm_cell/bias',
    'rnn/basic_lstm_cell/kernel',
  ]);
  model.close();
});

test('a SavedModel tells its signatures', t => {
  const file = readFileSync(`${GOLDEN}/tf1.15-rnn/basic_lstm/saved_model/saved_model.pb`);
  const [graph] = readSavedModel(file, 'saved_model.pb');
  const signature = graph!.signatures.get('serving_default')!;
  t.deepEqual([...signature.inputs.keys()], ['x']);
  t.deepEqual(signature.inputs.get('x')!.shape, [3, 7, 5]);
  t.deepEqual([...signature.outputs.keys()].toSorted(), ['c', 'h', 'y']);
});

test('a .meta tells variables, saver and release', t => {
  const {tensorflow, saver, collections, graph} = readMetaGraph(meta, 'model.meta');
  t.is(tensorflow, '0.12.1');
  t.is(saver?.version, 2);
  t.true(collections.get('trainable_variables')!.includes('RNN/GRUCell/Gates/Linear/Matrix'));
  const kernel = graph.nodes.find(({name}) => name === 'RNN/GRUCell/Gates/Linear/Matrix')!;
  t.deepEqual(attribute(kernel, 'shape')?.shape, [9, 8]);
  t.is(attribute(kernel, 'nothing'), undefined);
});

/** What readers do with damaged bytes: they read them, or say what is wrong. */
function outcome(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    if (error instanceof CarryoverError) return error.code;
    throw error;
  }
}

function readAll(file: Uint8Array): void {
  const graph = openFrozenGraph(file, 'frozen.pb');
  for (const array of graph.groups[0]!.arrays) array.read();
  for (const node of graph.graph.nodes) for (const name of node.attributes.keys()) attribute(node, name);
}

test('a graph that is cut off anywhere is refused, or a shorter graph', t => {
  const results = new Set<string>();
  for (let length = 0; length < frozen.length; length += 41) {
    results.add(outcome(() => readAll(frozen.subarray(0, length))));
  }
  t.deepEqual([...results].toSorted(), ['E_FORMAT', 'read']);
});

test('no damaged byte of a graph raises anything but E_FORMAT or E_UNSUPPORTED', t => {
  const results = new Set<string>();
  for (let at = 0; at < frozen.length; at += 37) {
    const damaged = new Uint8Array(frozen);
    damaged[at]! ^= 0x5a;
    results.add(outcome(() => readAll(damaged)));
  }
  for (let at = 0; at < meta.length; at += 2003) {
    const damaged = new Uint8Array(meta);
    damaged[at]! ^= 0xff;
    results.add(outcome(() => readMetaGraph(damaged, 'model.meta')));
  }
  t.deepEqual([...results].toSorted(), ['E_FORMAT', 'read']);
});

/** A graph of one constant. */
function constantGraph(write: (tensor: BinaryWriter) => void, copies = 1): Uint8Array {
  const field = (writer: BinaryWriter, number: number, fill: (inner: BinaryWriter) => void) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    fill(writer);
    writer.join();
  };
  const writer = new BinaryWriter();
  for (let k = 0; k < copies; k++) {
    field(writer, 1, node => {
      node.tag(1, WireType.LengthDelimited).string('w');
      node.tag(2, WireType.LengthDelimited).string('Const');
      field(node, 5, entry => {
        entry.tag(1, WireType.LengthDelimited).string('value');
        field(entry, 2, value => field(value, 8, write));
      });
    });
  }
  return writer.finish();
}

function tensor(shape: readonly number[], values: readonly number[]) {
  return (writer: BinaryWriter): void => {
    writer.tag(1, WireType.Varint).int32(1);
    writer.tag(2, WireType.LengthDelimited).fork();
    for (const size of shape) {
      writer.tag(2, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.Varint).int64(size);
      writer.join();
    }
    writer.join();
    writer.tag(5, WireType.LengthDelimited).fork();
    for (const value of values) writer.float(value);
    writer.join();
  };
}

const onlyValue = (file: Uint8Array) => openFrozenGraph(file, 'g.pb').groups[0]!.arrays[0]!.read();

test('the last value of a constant stands for those that are left out', t => {
  t.deepEqual(onlyValue(constantGraph(tensor([2, 2], [1, 2]))).values, new Float32Array([1, 2, 2, 2]));
  t.deepEqual(onlyValue(constantGraph(tensor([3], []))).values, new Float32Array(3));
});

test('a constant that would fill more memory than a model has is refused before any is taken', t => {
  const error = t.throws(() => onlyValue(constantGraph(tensor([2 ** 20, 2 ** 20], [1]))), {
    instanceOf: CarryoverError,
  });
  t.is(error.code, 'E_LIMIT');
  t.regex(error.message, /g\.pb.*node 'w'.*1 values to fill/);
});

test('a constant with more values than its shape takes is refused', t => {
  t.throws(() => onlyValue(constantGraph(tensor([1], [1, 2]))), {
    code: 'E_FORMAT',
    message: /2 values, more than/,
  });
});

test('two nodes of one name are refused, and the message says where the second is', t => {
  t.throws(() => readGraphDef(constantGraph(tensor([1], [1]), 2), 'g.pb'), {
    code: 'E_FORMAT',
    message: /g\.pb: at byte \d+: node 'w': a second node of this name/,
  });
});

test('a graph without constants is not a frozen one, and said so', t => {
  t.throws(() => openFrozenGraph(new Uint8Array(0), 'empty.pb'), {code: 'E_FORMAT', message: /frozen graph/});
});
