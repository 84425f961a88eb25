import {layerFactories} from '../../layers/factory';
import {keras0Architecture} from '../keras/architecture';
import {kerasPatterns} from '../keras/patterns';
import {KERAS_LAYERS} from '../keras/plain';
import {COMMON} from '../keras/plain/parts';
import {KERAS_WRAPPERS} from '../keras/wrappers';
import {defineLibrary} from '../library';
import {gru, jzs1, jzs2, jzs3, KERAS0, lstm, simpleRNN} from './dialect';

const {classes, factories} = layerFactories({lstm, gru, simpleRNN, jzs1, jzs2, jzs3});

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
