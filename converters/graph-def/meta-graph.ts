import {badFormat} from '../format-error';
import {readMessage} from '../protobuf/read';
import {
  type CollectionDef,
  MetaGraphDef,
  type TensorInfo as TensorInfoProto,
  VariableDef,
} from '../protobuf/tensorflow/meta-graph';
import {type PartialShape, partialShape} from '../protobuf/tensorflow/shape';
import {type GraphDef, toGraph} from './graph';

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

/** The object that a SavedModel of TensorFlow 2 was made from. */
export interface SavedRoot {
  /** Its kind: `_tf_keras_sequential`, `_tf_keras_network`, `_generic_user_object`, ... */
  readonly identifier: string;
  /** What its library says of it: JSON in Keras' files, else mostly nothing. */
  readonly metadata: string;
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
  /** The object that was saved, where the file is of TensorFlow 2. */
  readonly root?: SavedRoot;
}

/**
 * Reads a `MetaGraphDef` (`.meta`).
 * @throws CarryoverError E_FORMAT when it is malformed or has no graph
 */
export function readMetaGraph(file: Uint8Array, where: string): MetaGraph {
  return toMetaGraph(readMessage(MetaGraphDef, file, where), file, where);
}

/** @throws CarryoverError E_FORMAT when it has no graph */
export function toMetaGraph(proto: MetaGraphDef, file: Uint8Array, where: string): MetaGraph {
  const {metaInfoDef, graphDef, saverDef, collectionDef, signatureDef, objectGraphDef} = proto;
  const root = objectGraphDef?.nodes[0]?.userObject;
  if (!graphDef || graphDef.node.length === 0) throw badFormat(where, 'a meta graph without a graph');
  return {
    tags: metaInfoDef?.tags ?? [],
    tensorflow: metaInfoDef?.tensorflowVersion ?? '',
    graph: toGraph(graphDef, where),
    saver: saverDef && {
      filename: saverDef.filenameTensorName,
      save: saverDef.saveTensorName,
      restore: saverDef.restoreOpName,
      version: saverDef.version,
    },
    signatures: mapValues(signatureDef, ({inputs, outputs, methodName}) => ({
      inputs: mapValues(inputs, toTensorInfo),
      outputs: mapValues(outputs, toTensorInfo),
      method: methodName,
    })),
    collections: mapValues(collectionDef, (collection, key) =>
      namesIn(collection, key, file, `${where}: collection '${key}'`),
    ),
    ...(root && {root: {identifier: root.identifier, metadata: root.metadata}}),
  };
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A, key: string) => B): Map<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}

function toTensorInfo({name, dtype, tensorShape}: TensorInfoProto): TensorInfo {
  return {name: name ?? '', type: dtype, shape: tensorShape ? partialShape(tensorShape) : null};
}

/** Collections whose bytes are `VariableDef`s. */
const VARIABLES = /(^|_)variables$/;

function namesIn(
  {nodeList, bytesList}: CollectionDef,
  key: string,
  file: Uint8Array,
  where: string,
): string[] {
  const variables = VARIABLES.test(key) ? (bytesList?.value ?? []) : [];
  return [
    ...(nodeList?.value ?? []),
    ...variables.map(bytes => readMessage(VariableDef, bytes, where, file).variableName.replace(/:0$/, '')),
  ];
}
