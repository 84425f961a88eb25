import {bidirectional} from '../../layers/bidirectional';
import {layerFactories} from '../../layers/factory';
import {kerasArchitecture} from '../keras/architecture';
import {KERAS_OPERATIONS, OPERATION_CALLS} from '../keras/operations';
import {kerasPatterns} from '../keras/patterns';
import {KERAS_LAYERS} from '../keras/plain';
import {COMMON} from '../keras/plain/parts';
import {KERAS_WRAPPERS, WRAPPER_CALLS} from '../keras/wrappers';
import {defineLibrary} from '../library';
import {gru, KERAS2, lstm, simpleRNN} from './dialect';

const {classes, factories} = layerFactories({
  /** Long short-term memory: `[batch, time, features]` in, `[batch, units]` out, or the sequence of them. */
  lstm,
  /** Gated recurrent unit, `resetAfter` or before; shapes as of `lstm`. */
  gru,
  /** h = f(x·W + h·U + b); shapes as of `lstm`. */
  simpleRNN,
});

/** Keras 2.0 to 2.3. Layers take the library's arguments in camelCase, and `version` (default 2.3.1). */
export const keras2 = defineLibrary(
  {
    ...KERAS2,
    layers: classes,
    cells: [],
    commonArguments: COMMON,
    plainLayers: KERAS_LAYERS,
    otherLayers: new Map([...KERAS_WRAPPERS, ...KERAS_OPERATIONS]),
    otherCalls: new Map([...WRAPPER_CALLS, ...OPERATION_CALLS]),
    storedArchitecture: kerasArchitecture(2, '2.2.4'),
    filePatterns: kerasPatterns(2),
    containerArrays: 'trainedFirst',
  },
  {...factories, bidirectional},
);
