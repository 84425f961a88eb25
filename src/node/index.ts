/** Carryover in Node: files, backends, golden cases. */
export type {NamedArray, NdArray, WeightFile, WeightGroup} from '../../converters/arrays';
export {disposeEngines, engineNames, setEngine} from '../engines/registry';
export {CarryoverError, type ErrorCode} from '../errors';
export type {Architecture} from '../model/architecture';
export type {CustomLayer, CustomObjects} from '../model/layer';
export type {Comparison, Tolerance} from '../verify/compare';
export {
  type ModelData,
  type NamedData,
  type Report,
  runModel,
  type VerifyOptions,
  verify,
} from '../verify/verify';
export {type BackendChoice, useBackend} from './backend';
export {type Detected, detect} from './detect';
export {readArray, readWeights} from './files/open';
export {readTensor} from './files/tensor';
export {type GoldenOptions, type GoldenReport, type GoldenResult, runGoldenTree} from './golden';
export {kerasHandler} from './handler';
export {type LoadOptions, loadModel, type OpenedModel, openModel} from './load';
export {type NativeStatus, nativeStatus, type SetupNativeOptions, setupNative} from './native';
export {type OnnxStatus, useOnnx} from './onnx';
