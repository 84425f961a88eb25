/** Readers and writers of weight files, on bytes: safe in browsers. */

export type {DType, NamedArray, NdArray, UnreadableArray, Values, WeightFile, WeightGroup} from './arrays';
export {type BundleOptions, bundleFiles, type FileParts, writeCheckpointV2} from './checkpoint/bundle-writer';
export {checkpointPrefix} from './checkpoint/names';
export type {ObjectGraph, ObjectVariable, StoredObject} from './checkpoint/object-graph';
export {type Checkpoint, openCheckpoint} from './checkpoint/open';
export {type CheckpointState, readCheckpointState, writeCheckpointState} from './checkpoint/state';
export {isTable as isCheckpointTable} from './checkpoint/table';
export {v1Files, writeCheckpointV1} from './checkpoint/v1-writer';
export type {Writable} from './checkpoint/values';
export {type Bytes, type FileSet, memoryFiles, memorySource, type RandomAccess} from './files';
export type {Contents, Format, NamedGraph, OpenedFile} from './format';
export {FORMATS, formatNamed} from './formats';
export {
  type FrozenGraph,
  type GraphDef,
  type GraphFunction,
  type MetaGraph,
  openFrozenGraph,
  readGraphDef,
  readMetaGraph,
  type SavedRoot,
  type SaverDef,
  type Signature,
  type TensorInfo,
} from './graph-def/index';
export {openKerasBytes} from './hdf5/open';
export {parsePythonJson} from './json/python';
export {LIMITS, type Limits} from './limits';
export {openNeupyJson} from './neupy/json';
export type {NeupyFile, NeupyLayer, NeupyNetwork, NeupyParameter, StoredArray} from './neupy/network';
export {openNeupyPickle} from './neupy/pickle';
export {neupyDictionary, writeNeupyJson, writeNeupyPickle} from './neupy/write';
export {writeNeupyHdf5} from './neupy/write-hdf5';
export {readNpy} from './npy/read';
export {writeNpy} from './npy/write';
export {openNpz, readNpz} from './npz/read';
export {writeNpz} from './npz/write';
export {detect, type OpenOptions, openAny, openWeights} from './open';
export {PickleArray, PickleDtype} from './pickle/array';
export {openPickle} from './pickle/open';
export {type PickleOptions, readPickle} from './pickle/read';
export {PickleGlobal, PickleObject, type PickleValue} from './pickle/value';
export {type Picklable, type PickleWriteOptions, writePickle} from './pickle/write';
export {openSavedModel, type SavedModel} from './saved-model/open';
export {readSavedModel} from './saved-model/read';
