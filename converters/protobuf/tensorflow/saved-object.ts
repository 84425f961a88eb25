import type {Declaration, MessageOf} from '../declare';
import {ObjectReference} from './checkpoint';
import {VersionDef} from './tensor';

/*
 * Source: tensorflow/core/protobuf/saved_object_graph.proto; keras/protobuf/{saved_metadata,versions}.proto of Keras 2.5.
 */

const SavedUserObject = {
  message: 'SavedUserObject',
  fields: {identifier: [1, 'string'], version: [2, () => VersionDef], metadata: [3, 'string']},
} as const satisfies Declaration;

/** An object of a SavedModel: of the kinds, users' own classes alone. */
const SavedObject = {
  message: 'SavedObject',
  fields: {
    children: [1, () => ObjectReference, 'repeated'],
    userObject: [4, () => SavedUserObject, 'optional'],
  },
} as const satisfies Declaration;

/** The objects of a SavedModel of TensorFlow 2; the first is the root. */
export const SavedObjectGraph = {
  message: 'SavedObjectGraph',
  fields: {nodes: [1, () => SavedObject, 'repeated']},
} as const satisfies Declaration;

const KerasObject = {
  message: 'SavedObject',
  fields: {
    nodeId: [2, 'int32'],
    nodePath: [3, 'string'],
    identifier: [4, 'string'],
    metadata: [5, 'string'],
    version: [6, () => VersionDef],
  },
} as const satisfies Declaration;

/** What Keras 2.5 to 2.15 say of their objects in a file of its own, `keras_metadata.pb`. */
export const SavedMetadata = {
  message: 'SavedMetadata',
  fields: {nodes: [1, () => KerasObject, 'repeated']},
} as const satisfies Declaration;
export type SavedMetadata = MessageOf<typeof SavedMetadata>;
