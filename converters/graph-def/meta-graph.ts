import {badFormat} from '../format-error';
import {type GraphDef, readGraphDef} from './graph';
import {bytes, mapEntries, message, readMessage, text, texts, varint} from './message';
import {type PartialShape, readPartialShape} from './shape';

/** A tensor at a signature's door. */
export interface TensorInfo {
  /** `x:0` */
  readonly name: string;
  /** TensorFlow's `DataType`. */
  readonly type: number;
  /** Size of each axis, null where open; absent where the rank is open too. */
  readonly shape: PartialShape;
}

/** A way to call a SavedModel: names for some of its tensors. */
export interface Signature {
  /** Input tensors, by the names that callers use. */
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  /** Output tensors, by the names that callers use. */
  readonly outputs: ReadonlyMap<string, TensorInfo>;
  /** What it is for: `tensorflow/serving/predict`, ... */
  readonly method: string;
}

/** The nodes by which a graph saves and restores its variables. */
export interface SaverDef {
  /** The tensor that takes the checkpoint's prefix. */
  readonly filename: string;
  /** The tensor that saves. */
  readonly save: string;
  /** The operation that restores. */
  readonly restore: string;
  /** 1: V1 checkpoints, 2: V2. */
  readonly version: number;
}

/** A graph with what belongs to it: how it is saved, signatures, collections. */
export interface MetaGraph {
  /** What a SavedModel calls it: `serve`, `train`, ... */
  readonly tags: readonly string[];
  /** The release of TensorFlow that wrote it. */
  readonly tensorflow: string;
  /** The graph itself. */
  readonly graph: GraphDef;
  /** How its variables are saved, where it says so. */
  readonly saver?: SaverDef;
  /** Its signatures, by name. */
  readonly signatures: ReadonlyMap<string, Signature>;
  /** Collections of names; of `variables` and its like, the variables' names without `:0`. */
  readonly collections: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a `MetaGraphDef` (`.meta`, and within a SavedModel). Source:
 * core/protobuf/{meta_graph,saver}.proto, core/framework/variable.proto.
 * @throws CarryoverError E_FORMAT when it is malformed or has no graph
 */
export function readMetaGraph(file: Uint8Array, where: string): MetaGraph {
  const tags: string[] = [];
  const collections = new Map<string, Uint8Array>();
  const signatures = new Map<string, Uint8Array>();
  const out: {tensorflow: string; graph?: GraphDef; saver?: SaverDef} = {tensorflow: ''};
  readMessage(file, where, {
    1: message(where, file, (value, at) => {
      readMessage(value, at, {
        4: texts(tags),
        5: text(version => {
          out.tensorflow = version;
        }),
      });
    }),
    2: bytes(value => {
      out.graph = readGraphDef(value, where);
    }),
    3: message(where, file, (value, at) => {
      out.saver = readSaver(value, at);
    }),
    4: mapEntries(collections, where),
    5: mapEntries(signatures, where),
  });
  if (!out.graph || out.graph.nodes.length === 0) throw badFormat(where, 'a meta graph without a graph');
  return {
    tags,
    tensorflow: out.tensorflow,
    graph: out.graph,
    saver: out.saver,
    signatures: mapValues(signatures, (value, key) => readSignature(value, `${where}: signature '${key}'`)),
    collections: mapValues(collections, (value, key) =>
      readCollection(value, key, `${where}: collection '${key}'`),
    ),
  };
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A, key: string) => B): Map<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}

function readSaver(saver: Uint8Array, where: string): SaverDef {
  const out = {filename: '', save: '', restore: '', version: 0};
  readMessage(saver, where, {
    1: text(value => {
      out.filename = value;
    }),
    2: text(value => {
      out.save = value;
    }),
    3: text(value => {
      out.restore = value;
    }),
    7: varint(value => {
      out.version = value;
    }),
  });
  return out;
}

function readSignature(signature: Uint8Array, where: string): Signature {
  const inputs = new Map<string, Uint8Array>();
  const outputs = new Map<string, Uint8Array>();
  let method = '';
  readMessage(signature, where, {
    1: mapEntries(inputs, where),
    2: mapEntries(outputs, where),
    3: text(value => {
      method = value;
    }),
  });
  const info = (value: Uint8Array): TensorInfo => readTensorInfo(value, where);
  return {inputs: mapValues(inputs, info), outputs: mapValues(outputs, info), method};
}

function readTensorInfo(info: Uint8Array, where: string): TensorInfo {
  const out: {name: string; type: number; shape: PartialShape} = {name: '', type: 0, shape: null};
  readMessage(info, where, {
    1: text(value => {
      out.name = value;
    }),
    2: varint(value => {
      out.type = value;
    }),
    3: bytes(value => {
      out.shape = readPartialShape(value, where);
    }),
  });
  return out;
}

/** Collections whose bytes are `VariableDef`s. */
const VARIABLES = /(^|_)variables$/;

function readCollection(collection: Uint8Array, key: string, where: string): string[] {
  const names: string[] = [];
  readMessage(collection, where, {
    1: bytes(value => readMessage(value, where, {1: texts(names)})),
    2: bytes(value => {
      if (!VARIABLES.test(key)) return;
      readMessage(value, where, {
        1: bytes(variable =>
          readMessage(variable, where, {1: text(name => names.push(name.replace(/:0$/, '')))}),
        ),
      });
    }),
  });
  return names;
}
