/** Readers and writers of weight files, on bytes: safe in browsers. */
export type {DType, NamedArray, NdArray, Values, WeightFile, WeightGroup} from './arrays';
export {detectFormat, type FileFormat} from './detect';
export {openKerasBytes} from './hdf5/open';
export {parsePythonJson} from './json/python';
export {readNpy} from './npy/read';
export {writeNpy} from './npy/write';
export {openNpz, readNpz} from './npz/read';
export {writeNpz} from './npz/write';
