import type {Declaration, MessageOf} from '../declare';
import {GraphDef} from './graph';
import {SavedObjectGraph} from './saved-object';
import {DataType, TensorShapeProto} from './tensor';

/*
 * Source: tensorflow/core/protobuf/{meta_graph,saver,saved_model}.proto, core/framework/variable.proto.
 */

const MetaInfoDef = {
  message: 'MetaGraphDef.MetaInfoDef',
  fields: {
    metaGraphVersion: [1, 'string'],
    tags: [4, 'string', 'repeated'],
    tensorflowVersion: [5, 'string'],
    tensorflowGitVersion: [6, 'string'],
  },
} as const satisfies Declaration;

export const SaverDef = {
  message: 'SaverDef',
  fields: {
    filenameTensorName: [1, 'string'],
    saveTensorName: [2, 'string'],
    restoreOpName: [3, 'string'],
    maxToKeep: [4, 'int32'],
    sharded: [5, 'bool'],
    keepCheckpointEveryNHours: [6, 'float'],
    version: [7, {LEGACY: 0, V1: 1, V2: 2}],
  },
} as const satisfies Declaration;

const NodeList = {
  message: 'CollectionDef.NodeList',
  fields: {value: [1, 'string', 'repeated']},
} as const satisfies Declaration;

const BytesList = {
  message: 'CollectionDef.BytesList',
  fields: {value: [1, 'bytes', 'repeated']},
} as const satisfies Declaration;

export const CollectionDef = {
  message: 'CollectionDef',
  fields: {nodeList: [1, () => NodeList, 'optional'], bytesList: [2, () => BytesList, 'optional']},
} as const satisfies Declaration;
export type CollectionDef = MessageOf<typeof CollectionDef>;

/** What a collection of variables has in its list of bytes. */
export const VariableDef = {
  message: 'VariableDef',
  fields: {
    variableName: [1, 'string'],
    initializerName: [2, 'string'],
    snapshotName: [3, 'string'],
    isResource: [5, 'bool'],
    initialValueName: [6, 'string'],
    trainable: [7, 'bool'],
  },
} as const satisfies Declaration;

export const TensorInfo = {
  message: 'TensorInfo',
  fields: {
    name: [1, 'string', 'optional'],
    dtype: [2, DataType],
    tensorShape: [3, () => TensorShapeProto],
  },
} as const satisfies Declaration;
export type TensorInfo = MessageOf<typeof TensorInfo>;

export const SignatureDef = {
  message: 'SignatureDef',
  fields: {
    inputs: [1, () => TensorInfo, 'map'],
    outputs: [2, () => TensorInfo, 'map'],
    methodName: [3, 'string'],
  },
} as const satisfies Declaration;

export const MetaGraphDef = {
  message: 'MetaGraphDef',
  fields: {
    metaInfoDef: [1, () => MetaInfoDef],
    graphDef: [2, () => GraphDef],
    saverDef: [3, () => SaverDef],
    collectionDef: [4, () => CollectionDef, 'map'],
    signatureDef: [5, () => SignatureDef, 'map'],
    objectGraphDef: [7, () => SavedObjectGraph],
  },
} as const satisfies Declaration;
export type MetaGraphDef = MessageOf<typeof MetaGraphDef>;

export const SavedModel = {
  message: 'SavedModel',
  fields: {savedModelSchemaVersion: [1, 'int64'], metaGraphs: [2, () => MetaGraphDef, 'repeated']},
} as const satisfies Declaration;
