import {layerFactories} from '../../layers/factory';
import {defineLibrary} from '../library';
import {gru, lstm, recurrent} from './dialect';
import {lasagneLayers} from './plain';

const {classes, factories} = layerFactories({lstm, gru, recurrent});

/** Lasagne's recurrent layers. Beside x they take a mask and initial states, named by `given`: ['mask', 'h', 'c']. */
export const lasagne = defineLibrary(
  {
    name: 'lasagne',
    title: 'Lasagne',
    releases: [],
    defaultRelease: '0.2',
    initializers: 'keras2',
    layers: classes,
    cells: [],
    plainLayers: lasagneLayers,
    containerArrays: 'trainedFirst',
  },
  factories,
);
