import {layerFactories} from '../../layers/factory';
import {LASAGNE_PATTERNS} from '../lasagne/plain';
import {defineLibrary} from '../library';
import {lstm, NNTOOLS} from './dialect';
import {NntoolsLayer} from './layer';

const {classes, factories} = layerFactories(
  {
    /** `LSTMLayer`: `[batch, time, features]` in, `[batch, time, numUnits]` out. */
    lstm,
  },
  NntoolsLayer,
);

/** nntools' LSTM layer as its code runs (`variant`: seed or commit). */
export const nntools = defineLibrary(
  {
    ...NNTOOLS,
    layers: classes,
    cells: [],
    plainLayers: new Map(),
    filePatterns: LASAGNE_PATTERNS,
    containerArrays: 'trainedFirst',
  },
  factories,
);
