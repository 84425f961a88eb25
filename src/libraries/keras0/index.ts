import {layerFactories} from '../../layers/factory';
import {keras0Architecture} from '../keras/architecture';
import {kerasPatterns} from '../keras/patterns';
import {KERAS_LAYERS} from '../keras/plain';
import {COMMON} from '../keras/plain/parts';
import {KERAS_WRAPPERS} from '../keras/wrappers';
import {defineLibrary} from '../library';
import {gru, jzs1, jzs2, jzs3, KERAS0, lstm, simpleRNN} from './dialect';

const {classes, factories} = layerFactories({
  /** Long short-term memory: `[batch, time, inputDim]` in, `[batch, outputDim]` out, or the sequence of them. */
  lstm,
  /** Gated recurrent unit; shapes as of `lstm`. */
  gru,
  /** h = f(x·W + h·U + b); shapes as of `lstm`. From 0.1.2 on. */
  simpleRNN,
  /** The first mutation of Jozefowicz, Zaremba and Sutskever (2015); shapes as of `lstm`. 0.1.2 to 0.2. */
  jzs1,
  /** The second mutation, as `jzs1`. */
  jzs2,
  /** The third mutation, as `jzs1`. */
  jzs3,
});

/** Keras 0.1 to 0.3. Layers take the library's arguments in camelCase, and `version` (default 0.3.3). */
export const keras0 = defineLibrary(
  {
    ...KERAS0,
    layers: classes,
    cells: [],
    commonArguments: COMMON,
    plainLayers: KERAS_LAYERS,
    otherLayers: KERAS_WRAPPERS,
    storedArchitecture: keras0Architecture,
    filePatterns: kerasPatterns(0),
    containerArrays: 'byLayer',
  },
  factories,
);
