/** Carryover: recurrent networks trained in old Python libraries, in TensorFlow.js. Safe in browsers. */
export {disposeEngines, engineNames, setEngine} from './engines/registry';
export type {EngineOptions} from './engines/types';
export {CarryoverError, type ErrorCode, type ErrorDetails} from './errors';
export {type GraphOpRegistry, registerGraphOps} from './graph/registered';
export type {
  ArrayDescription,
  Description,
  LayerDescription,
  PortDescription,
} from './inspect/describe';
export {firstRecipe, type InspectOptions, inspect} from './inspect/inspect';
export type {Settings} from './inspect/settings';
export {Bidirectional, type BidirectionalArgs, type MergeMode} from './layers/bidirectional';
export type {LayerConfig} from './layers/instance';
export {TimeDistributed, type TimeDistributedArgs} from './layers/plain/time-distributed';
export {RecurrentLayer} from './layers/recurrent-layer';
export type {RnnLayerArgs} from './layers/rnn';
export type {StackedRNNCellsArgs} from './layers/stacked-rnn-cells';
export * from './libraries/all';
export {getAllParamValues} from './libraries/lasagne/params';
export type {LSTMStateTuple} from './libraries/tf1';
export type {MultiRNNCellArgs} from './libraries/tf1/multi-cell';
export type {BidirectionalRnnArgs, RnnArgs} from './libraries/tf1/rnn';
export type {DropoutWrapperArgs, EmbeddingWrapperArgs, WrapperArgs} from './libraries/tf1/wrappers';
export type {CustomLayer, CustomObjects} from './model/custom';
export {type ModelFromOptions, modelFrom, type OpenedModel} from './model/open';
export type {Detected} from './open/detect';
export {
  detect,
  type GraphHandlerOptions,
  graphHandler,
  kerasHandler,
  type LoadOptions,
  loadModel,
  openModel,
  readWeights,
} from './open/model';
export type {MemorySource} from './open/source';
export type {RecipeDraft} from './recipes/draft';
export {convertLayer, type LayerSource, type LayerTarget, type Translation} from './translate';
export type {Comparison, Tolerance} from './verify/compare';
export {
  type ModelData,
  type NamedData,
  type Report,
  type RunOptions,
  runModel,
  type VerifyOptions,
  verify,
} from './verify/verify';
