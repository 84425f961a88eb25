import {layerFactories} from '../../layers/factory';
import {defineLibrary} from '../library';
import {gru, LASAGNE, lstm, recurrent} from './dialect';
import {LASAGNE_PATTERNS, lasagneLayers} from './plain';

const {classes, factories} = layerFactories({
  /** `LSTMLayer`: `[batch, time, features]` in, `[batch, time, numUnits]` out, or the last step's with `onlyReturnFinal`. */
  lstm,
  /** `GRULayer`; shapes as of `lstm`. */
  gru,
  /** `RecurrentLayer`: h = f(x·W + h·U + b); shapes as of `lstm`. */
  recurrent,
});

/** Lasagne's recurrent layers. Beside x they take a mask and initial states, named by `given`: ['mask', 'h', 'c']. */
export const lasagne = defineLibrary(
  {
    ...LASAGNE,
    layers: classes,
    cells: [],
    plainLayers: lasagneLayers,
    filePatterns: LASAGNE_PATTERNS,
    containerArrays: 'trainedFirst',
  },
  factories,
);
