import {bidirectional} from '../../layers/bidirectional';
import {cellFactories, layerFactories} from '../../layers/factory';
import {kerasArchitecture} from '../keras/architecture';
import {convLstmFactories} from '../keras/conv-lstm';
import {kerasRecord} from '../keras/record';
import {rnnFactories} from '../keras/recurrent';
import {defineLibrary} from '../library';
import {gru, gruCell, KERAS3, lstm, lstmCell, simpleRNN, simpleRNNCell} from './dialect';

const {classes, factories} = layerFactories({
  /** Long short-term memory: `[batch, time, features]` in, `[batch, units]` out, or the sequence of them. */
  lstm,
  /** Gated recurrent unit, `resetAfter` (default true) or before; shapes as of `lstm`. */
  gru,
  /** h = f(x·W + h·U + b); shapes as of `lstm`. */
  simpleRNN,
});

const cells = cellFactories({
  /** The cell of `lstm`, for `rnn`. */
  lstmCell,
  /** The cell of `gru`, for `rnn`. */
  gruCell,
  /** The cell of `simpleRNN`, for `rnn`. */
  simpleRNNCell,
});

/** Keras 3.0 and later. Layers take the library's arguments in camelCase, and `version` (default 3.10.0). */
export const keras3 = defineLibrary(
  {
    ...KERAS3,
    ...kerasRecord(classes, cells.classes),
    storedArchitecture: kerasArchitecture(3, KERAS3.defaultVersion),
    listedArrays: () => 'byLayer',
  },
  {
    ...factories,
    ...cells.factories,
    ...rnnFactories(KERAS3.defaultVersion),
    ...convLstmFactories(KERAS3),
    bidirectional,
  },
);
