import {layerFactories} from '../../layers/factory';
import {defineLibrary} from '../library';
import {EPYNN, gru, lstm, rnn} from './dialect';
import {EpynnLayer} from './layer';
import {EPYNN_PATTERNS, epynnLayers} from './plain';
import {epynnArchitecture} from './stored-architecture';

const {classes, factories} = layerFactories({lstm, gru, rnn}, EpynnLayer);

/** EpyNN's recurrent layers. */
export const epynn = defineLibrary(
  {
    ...EPYNN,
    layers: classes,
    cells: [],
    plainLayers: epynnLayers,
    storedArchitecture: epynnArchitecture,
    filePatterns: EPYNN_PATTERNS,
    containerArrays: 'trainedFirst',
  },
  factories,
);
