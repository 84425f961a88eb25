import {layerFactories} from '../../layers/factory';
import {defineLibrary} from '../library';
import {lstm} from './dialect';
import {NntoolsLayer} from './layer';

const {classes, factories} = layerFactories({lstm}, NntoolsLayer);

/** nntools' LSTM layer as its code runs (`variant`: seed or commit). */
export const nntools = defineLibrary(
  {
    name: 'nntools',
    title: 'nntools',
    releases: [],
    defaultRelease: '5b40eb2',
    initializers: 'keras2',
    layers: classes,
    cells: [],
    plainLayers: new Map(),
    containerArrays: 'trainedFirst',
  },
  factories,
);
