/** Carryover in Node: files, backends, golden cases. */
export type {NamedArray, NdArray, WeightFile, WeightGroup} from '../../converters/arrays';
export {disposeEngines, engineNames, setEngine} from '../engines/registry';
export {CarryoverError, type ErrorCode} from '../errors';
export type {
  ArrayDescription,
  Description,
  LayerDescription,
  PortDescription,
} from '../inspect/describe';
export type {Settings} from '../inspect/settings';
export type {
  Architecture,
  CallArguments,
  CallValue,
  CellRecord,
  InputRecord,
  LayerCall,
  LayerRecord,
  TensorRef,
} from '../model/architecture';
export type {CustomLayer, CustomObjects} from '../model/custom';
export type {OpenedModel} from '../model/open';
export type {Detected} from '../open/detect';
export type {RecipeDraft} from '../recipes/draft';
export type {Comparison, Tolerance} from '../verify/compare';
export {
  type ModelData,
  type NamedData,
  type Report,
  type RunOptions,
  runModel,
  type VerifyOptions,
  verify,
} from '../verify/verify';
export {type BackendChoice, useBackend} from './backend';
export {readTensor} from './files/tensor';
export {type GoldenOptions, type GoldenReport, type GoldenResult, runGoldenTree} from './golden';
export {firstRecipe, type InspectOptions, inspect} from './inspect';
export {
  detect,
  graphHandler,
  kerasHandler,
  type LoadOptions,
  loadModel,
  openModel,
  readArray,
  readWeights,
  type Source,
} from './load';
export {type NativeStatus, nativeStatus, type SetupNativeOptions, setupNative} from './native';
export {type OnnxStatus, useOnnx} from './onnx';
