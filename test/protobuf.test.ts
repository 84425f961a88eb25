import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import test from 'ava';
import type {Declaration, Kind} from '../converters/protobuf/declare';
import {AttributeType, ModelProto, OnnxType} from '../converters/protobuf/onnx';
import {readMessage} from '../converters/protobuf/read';
import {
  BundleEntryProto,
  BundleHeaderProto,
  SavedTensorSlices,
  TrackableObjectGraph,
} from '../converters/protobuf/tensorflow/checkpoint';
import {AttrValue, GraphDef, NodeDef} from '../converters/protobuf/tensorflow/graph';
import {MetaGraphDef, SavedModel, VariableDef} from '../converters/protobuf/tensorflow/meta-graph';
import {DataType, TensorProto, VersionDef} from '../converters/protobuf/tensorflow/tensor';
import {writeMessage} from '../converters/protobuf/write';

// The descriptors are the libraries' own (fixtures/protobuf/generate.py).

function descriptors(name: string): FileRegistry {
  const file = gunzipSync(readFileSync(`fixtures/protobuf/${name}.desc.gz`));
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, file));
}
const tensorflow = descriptors('tensorflow-1.15.5');
const onnx = descriptors('onnx-1.23.2');

/** A declaration and all that it is made of. */
function reached(roots: readonly Declaration[]): Set<Declaration> {
  const all = new Set(roots);
  for (const {fields} of all) {
    for (const [, kind] of Object.values(fields)) if (typeof kind === 'function') all.add(kind());
  }
  return all;
}

/** The kind of a field (of a map: of its values) as Carryover would say it. */
function kindOf(field: DescField): string {
  if (field.message) return field.message.name;
  if (field.enum) return 'enum';
  return ScalarType[field.scalar!].toLowerCase();
}

const shownKind = (kind: Kind): string =>
  typeof kind === 'function' ? kind().message.split('.').at(-1)! : typeof kind === 'object' ? 'enum' : kind;

const FAMILIES: readonly [string, string, FileRegistry, readonly Declaration[]][] = [
  [
    'TensorFlow',
    'tensorflow',
    tensorflow,
    [SavedModel, VariableDef, BundleHeaderProto, BundleEntryProto, SavedTensorSlices, TrackableObjectGraph],
  ],
  ['ONNX', 'onnx', onnx, [ModelProto]],
];

for (const [title, space, registry, roots] of FAMILIES) {
  test(`messages are declared as ${title} declares them: numbers, names, kinds, labels`, t => {
    const all = reached(roots);
    t.true(all.size > 5);
    for (const {message, fields} of all) {
      const theirs: DescMessage | undefined = registry.getMessage(`${space}.${message}`);
      if (!t.truthy(theirs, message)) continue;
      for (const [key, [number, kind, label]] of Object.entries(fields)) {
        const place = `${message}.${key}`;
        const field = theirs!.fields.find(candidate => candidate.number === number);
        if (!t.truthy(field, place)) continue;
        t.is(key, field!.localName, place);
        t.is(shownKind(kind), kindOf(field!), place);
        const list = label === 'repeated' || label === 'packed';
        t.is(list, field!.fieldKind === 'list', place);
        t.is(label === 'map', field!.fieldKind === 'map', place);
        if (field!.oneof && !list) t.is(label, 'optional', place);
      }
    }
  });
}

test('enumerations have the numbers of their libraries', t => {
  const pairs = [
    [DataType, tensorflow.getEnum('tensorflow.DataType')!],
    [OnnxType, onnx.getEnum('onnx.TensorProto.DataType')!],
    [AttributeType, onnx.getEnum('onnx.AttributeProto.AttributeType')!],
    [BundleHeaderProto.fields.endianness[1], tensorflow.getEnum('tensorflow.BundleHeaderProto.Endianness')!],
  ] as const;
  for (const [ours, theirs] of pairs) {
    for (const [name, number] of Object.entries(ours)) {
      t.is(theirs.values.find(value => value.name === name)?.number, number, name);
    }
  }
});

/** A message in its schema's canonical form. */
const canonical = (registry: FileRegistry, name: string, bytes: Uint8Array): Uint8Array => {
  const schema = registry.getMessage(name)!;
  return toBinary(schema, fromBinary(schema, bytes));
};

const FILES: readonly [string, Declaration, Uint8Array][] = [
  [
    'tensorflow.SavedModel',
    SavedModel,
    readFileSync('fixtures/golden/tf1.15-rnn/basic_lstm/saved_model/saved_model.pb'),
  ],
  ['tensorflow.GraphDef', GraphDef, readFileSync('fixtures/golden/tf1.15-rnn/gru/frozen.pb')],
  [
    'tensorflow.MetaGraphDef',
    MetaGraphDef,
    gunzipSync(readFileSync('fixtures/graphs/tf0.12-rnn-gru.meta.gz')),
  ],
];

for (const [name, declaration, bytes] of FILES) {
  test(`${name}: what is read and written again is the same message, fields that are not declared included`, t => {
    const again = writeMessage(declaration, readMessage(declaration, bytes, 'file'));
    t.deepEqual(canonical(tensorflow, name, again), canonical(tensorflow, name, bytes));
  });
}

test('numbers are read packed and one by one', t => {
  const loose = new BinaryWriter();
  const floats = [1.5, -2, 3];
  for (const number of floats) loose.tag(5, WireType.Bit32).float(number);
  for (const number of [1, 300, -1]) loose.tag(7, WireType.Varint).int32(number);
  const {floatVal, intVal} = readMessage(TensorProto, loose.finish(), 'tensor');
  t.deepEqual(new Float32Array(new Uint8Array(floatVal).buffer), Float32Array.from(floats));
  const versions = new BinaryWriter();
  for (const number of [1, 300, -1]) versions.tag(3, WireType.Varint).int32(number);
  t.deepEqual(readMessage(VersionDef, versions.finish(), 'versions').badConsumers, [1, 300, -1]);
  const packed = readMessage(TensorProto, writeMessage(TensorProto, {intVal}), 'tensor');
  t.deepEqual(packed.intVal, intVal);
  t.is(intVal.length, 1 + 2 + 10);
});

test('an optional field is written when it is zero, others are not', t => {
  const {i, f} = readMessage(AttrValue, writeMessage(AttrValue, {i: 0}), 'attribute');
  t.is(i, 0);
  t.is(f, undefined);
  t.is(writeMessage(VersionDef, {producer: 0, minConsumer: 0, badConsumers: []}).length, 0);
});

/** A node whose name is 'ab', then whatever is written. */
function nodeBytes(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string('ab');
  write(writer);
  return writer.finish();
}

const BROKEN: readonly [string, Uint8Array, RegExp][] = [
  [
    'a field of another wire type',
    nodeBytes(w => w.tag(2, WireType.Varint).int32(1)),
    /^g\.pb: at byte 4: NodeDef\.op: wire type 0, expected 2$/,
  ],
  [
    'a field that is cut off',
    nodeBytes(w => w.tag(4, WireType.LengthDelimited).uint32(9)),
    /^g\.pb: at byte 4: NodeDef\.device: premature EOF$/,
  ],
  [
    'an unknown field that is cut off',
    nodeBytes(w => w.tag(77, WireType.LengthDelimited).uint32(9)),
    /^g\.pb: at byte 4: NodeDef\.77: premature EOF$/,
  ],
  [
    'an entry that runs over its own end',
    nodeBytes(w =>
      w.tag(5, WireType.LengthDelimited).uint32(2).uint32(0x0a).uint32(3).raw(new Uint8Array(9)),
    ),
    /^g\.pb: at byte 4: NodeDef\.attr: /,
  ],
  ['a field of number 0', nodeBytes(w => w.uint32(2)), /^g\.pb: at byte 4: NodeDef: illegal tag/],
];

for (const [title, bytes, message] of BROKEN) {
  test(`${title} is an error that says file, offset, message and field`, t => {
    t.throws(() => readMessage(NodeDef, bytes, 'g.pb'), {code: 'E_FORMAT', message});
  });
}

test('offsets count from the beginning of the file that a message is a part of', t => {
  const file = new Uint8Array(20);
  file.set([0x08, 0xff], 18);
  t.throws(() => readMessage(VersionDef, file.subarray(18), 'f', file), {
    message: /^f: at byte 18: VersionDef\.producer/,
  });
});

test('messages within messages without end are refused before the stack is', t => {
  let bytes = new Uint8Array(0);
  for (let depth = 0; depth < 1000; depth++) {
    const name = new BinaryWriter().tag(10, WireType.LengthDelimited).fork();
    name.tag(2, WireType.LengthDelimited).fork();
    name.tag(2, WireType.LengthDelimited).bytes(bytes);
    bytes = name.join().join().finish() as Uint8Array<ArrayBuffer>;
  }
  t.throws(() => readMessage(AttrValue, bytes, 'g.pb'), {
    code: 'E_FORMAT',
    message: /more than 100 messages/,
  });
});

test('fields that are not known take no more memory than the file, however many they are', t => {
  const {unknown} = readMessage(VersionDef, new Uint8Array(2e6).fill(0x78), 'file');
  t.is(unknown!.length, 1);
  t.is(unknown![0]!.length, 2e6);
});
