import {layerFactories} from '../../layers/factory';
import {defineLibrary} from '../library';
import {EPYNN, gru, lstm, rnn} from './dialect';
import {EpynnLayer} from './layer';
import {EPYNN_PATTERNS, epynnLayers} from './plain';
import {epynnArchitecture} from './stored-architecture';

const {classes, factories} = layerFactories(
  {
    /** Long short-term memory: `[batch, time, features]` in, `[batch, unitCells]` out, or with `sequences` all of them. */
    lstm,
    /** Gated recurrent unit; shapes as of `lstm`. */
    gru,
    /** h = f(x·U + h·V + b); shapes as of `lstm`. */
    rnn,
  },
  EpynnLayer,
);

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
