/** Carryover: recurrent networks trained in old Python libraries, in TensorFlow.js. Safe in browsers. */
export {engineNames, setEngine} from './engines/registry';
export {CarryoverError, type ErrorCode} from './errors';
export {Bidirectional, type BidirectionalArgs, type MergeMode} from './layers/bidirectional';
export {keras0, keras1, keras2} from './layers/namespaces';
export {TimeDistributed} from './layers/plain/time-distributed';
export {type LayerConfig, RecurrentLayer} from './layers/recurrent-layer';
export {type ModelFromOptions, modelFrom} from './model/from';
export type {CustomLayer, CustomObjects} from './model/layer';
export type {Comparison, Tolerance} from './verify/compare';
export {
  type ModelData,
  type NamedData,
  type Report,
  runModel,
  type VerifyOptions,
  verify,
} from './verify/verify';
