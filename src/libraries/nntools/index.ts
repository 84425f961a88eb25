import {layerFactories} from '../../layers/factory';
import {lasagnePatterns} from '../lasagne/patterns';
import {defineLibrary} from '../library';
import {lstm, NNTOOLS} from './dialect';
import {NntoolsLayer} from './layer';

const {classes, factories} = layerFactories({lstm}, NntoolsLayer);

/** nntools' LSTM layer as its code runs (`variant`: seed or commit). */
export const nntools = defineLibrary(
  {
    ...NNTOOLS,
    layers: classes,
    cells: [],
    plainLayers: new Map(),
    filePatterns: lasagnePatterns,
    containerArrays: 'trainedFirst',
  },
  factories,
);
