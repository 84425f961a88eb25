import type {Declaration, MessageOf} from '../declare';
import {DataType, TensorProto, TensorShapeProto, VersionDef} from './tensor';

/*
 * Source: tensorflow/core/protobuf/{tensor_bundle,trackable_object_graph}.proto, core/util/saved_tensor_slice.proto,
 * core/framework/tensor_slice.proto.
 */

const Extent = {
  message: 'TensorSliceProto.Extent',
  fields: {start: [1, 'int64'], length: [2, 'int64', 'optional']},
} as const satisfies Declaration;

/** A region of a tensor; along a dimension without length it is as large as the tensor. */
export const TensorSliceProto = {
  message: 'TensorSliceProto',
  fields: {extent: [1, () => Extent, 'repeated']},
} as const satisfies Declaration;
export type TensorSliceProto = MessageOf<typeof TensorSliceProto>;

export const BundleHeaderProto = {
  message: 'BundleHeaderProto',
  fields: {
    numShards: [1, 'int32'],
    endianness: [2, {LITTLE: 0, BIG: 1}],
    version: [3, () => VersionDef],
  },
} as const satisfies Declaration;
export type BundleHeaderProto = MessageOf<typeof BundleHeaderProto>;

export const BundleEntryProto = {
  message: 'BundleEntryProto',
  fields: {
    dtype: [1, DataType],
    shape: [2, () => TensorShapeProto],
    shardId: [3, 'int32'],
    offset: [4, 'int64'],
    size: [5, 'int64'],
    /** Masked. */
    crc32c: [6, 'fixed32'],
    /** Of a partitioned variable, whose data lie under the keys of these. */
    slices: [7, () => TensorSliceProto, 'repeated'],
  },
} as const satisfies Declaration;
export type BundleEntryProto = MessageOf<typeof BundleEntryProto>;

const SavedSliceMeta = {
  message: 'SavedSliceMeta',
  fields: {
    name: [1, 'string'],
    shape: [2, () => TensorShapeProto],
    type: [3, DataType],
    slice: [4, () => TensorSliceProto, 'repeated'],
  },
} as const satisfies Declaration;

const SavedTensorSliceMeta = {
  message: 'SavedTensorSliceMeta',
  fields: {tensor: [1, () => SavedSliceMeta, 'repeated'], versions: [2, () => VersionDef]},
} as const satisfies Declaration;

const SavedSlice = {
  message: 'SavedSlice',
  fields: {name: [1, 'string'], slice: [2, () => TensorSliceProto], data: [3, () => TensorProto]},
} as const satisfies Declaration;

/** A record of a V1 checkpoint: the list of its tensors, or one tensor's values. */
export const SavedTensorSlices = {
  message: 'SavedTensorSlices',
  fields: {meta: [1, () => SavedTensorSliceMeta], data: [2, () => SavedSlice]},
} as const satisfies Declaration;

export const ObjectReference = {
  message: 'TrackableObjectGraph.TrackableObject.ObjectReference',
  fields: {nodeId: [1, 'int32'], localName: [2, 'string']},
} as const satisfies Declaration;

const SerializedTensor = {
  message: 'TrackableObjectGraph.TrackableObject.SerializedTensor',
  fields: {name: [1, 'string'], fullName: [2, 'string'], checkpointKey: [3, 'string']},
} as const satisfies Declaration;

const SlotVariableReference = {
  message: 'TrackableObjectGraph.TrackableObject.SlotVariableReference',
  fields: {
    originalVariableNodeId: [1, 'int32'],
    slotName: [2, 'string'],
    slotVariableNodeId: [3, 'int32'],
  },
} as const satisfies Declaration;

const TrackableObject = {
  message: 'TrackableObjectGraph.TrackableObject',
  fields: {
    children: [1, () => ObjectReference, 'repeated'],
    attributes: [2, () => SerializedTensor, 'repeated'],
    slotVariables: [3, () => SlotVariableReference, 'repeated'],
  },
} as const satisfies Declaration;

/** The objects of a TensorFlow 2 checkpoint; the first is the root. */
export const TrackableObjectGraph = {
  message: 'TrackableObjectGraph',
  fields: {nodes: [1, () => TrackableObject, 'repeated']},
} as const satisfies Declaration;
export type TrackableObjectGraph = MessageOf<typeof TrackableObjectGraph>;
