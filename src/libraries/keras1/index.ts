import {bidirectional} from '../../layers/bidirectional';
import {layerFactories} from '../../layers/factory';
import {kerasArchitecture} from '../keras/architecture';
import {kerasPatterns} from '../keras/patterns';
import {KERAS_LAYERS} from '../keras/plain';
import {COMMON} from '../keras/plain/parts';
import {KERAS_WRAPPERS, WRAPPER_CALLS} from '../keras/wrappers';
import {defineLibrary} from '../library';
import {gru, KERAS1, lstm, simpleRNN} from './dialect';

const {classes, factories} = layerFactories({
  /** Long short-term memory: `[batch, time, inputDim]` in, `[batch, outputDim]` out, or the sequence of them. */
  lstm,
  /** Gated recurrent unit; shapes as of `lstm`. */
  gru,
  /** h = f(x·W + h·U + b); shapes as of `lstm`. */
  simpleRNN,
});

/** Keras 1.0 to 1.2. Layers take the library's arguments in camelCase, and `version` (default 1.2.2). */
export const keras1 = defineLibrary(
  {
    ...KERAS1,
    layers: classes,
    cells: [],
    commonArguments: COMMON,
    plainLayers: KERAS_LAYERS,
    otherLayers: KERAS_WRAPPERS,
    otherCalls: WRAPPER_CALLS,
    storedArchitecture: kerasArchitecture(1, '1.2.2'),
    filePatterns: kerasPatterns(1),
    containerArrays: 'trainedFirst',
  },
  {...factories, bidirectional},
);
