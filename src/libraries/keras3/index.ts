import {bidirectional} from '../../layers/bidirectional';
import {cellFactories, layerFactories} from '../../layers/factory';
import {kerasArchitecture} from '../keras/architecture';
import {CONV_LSTMS, convLstmFactories} from '../keras/conv-lstm';
import {KERAS_OPERATIONS, OPERATION_CALLS} from '../keras/operations';
import {KERAS_LAYERS} from '../keras/plain';
import {COMMON} from '../keras/plain/parts';
import {rnnEntry, rnnFactories} from '../keras/recurrent';
import {KERAS_WRAPPERS, WRAPPER_CALLS} from '../keras/wrappers';
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
    layers: classes,
    cells: cells.classes,
    commonArguments: COMMON,
    plainLayers: KERAS_LAYERS,
    otherLayers: new Map([
      ...KERAS_WRAPPERS,
      ...CONV_LSTMS,
      ['RNN', rnnEntry(cells.classes)],
      ...KERAS_OPERATIONS,
    ]),
    otherCalls: new Map([...WRAPPER_CALLS, ...OPERATION_CALLS]),
    storedArchitecture: kerasArchitecture(3, KERAS3.defaultVersion),
    containerArrays: 'trainedFirst',
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
