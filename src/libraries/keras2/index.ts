import {bidirectional} from '../../layers/bidirectional';
import {cellFactories, layerFactories} from '../../layers/factory';
import {kerasArchitecture} from '../keras/architecture';
import {convLstmFactories} from '../keras/conv-lstm';
import {kerasPatterns} from '../keras/patterns';
import {kerasRecord} from '../keras/record';
import {rnnFactories} from '../keras/recurrent';
import {isTensorFlows} from '../keras/releases';
import {defineLibrary} from '../library';
import {gruCell, lstmCell, simpleRNNCell} from './cells';
import {cudnnGRU, cudnnLSTM} from './cudnn';
import {gru, KERAS2, lstm, simpleRNN} from './dialect';

const {classes, factories} = layerFactories({
  /** Long short-term memory: `[batch, time, features]` in, `[batch, units]` out, or the sequence of them. */
  lstm,
  /** Gated recurrent unit, `resetAfter` or before; shapes as of `lstm`. */
  gru,
  /** h = f(x·W + h·U + b); shapes as of `lstm`. */
  simpleRNN,
  /** `lstm` with fixed activations and cuDNN's arrays, of Keras 2.0.9 to 2.3 and TensorFlow; takes no mask. */
  cudnnLSTM,
  /** `gru` with `resetAfter`, fixed activations and cuDNN's arrays; takes no mask. */
  cudnnGRU,
});

const cells = cellFactories({
  /** The cell of `lstm`, for `rnn`. */
  lstmCell,
  /** The cell of `gru`, for `rnn`. */
  gruCell,
  /** The cell of `simpleRNN`, for `rnn`. */
  simpleRNNCell,
});

/** Keras 2.0 to 2.3. Layers take the library's arguments in camelCase, and `version` (default 2.3.1). */
export const keras2 = defineLibrary(
  {
    ...KERAS2,
    ...kerasRecord(classes, cells.classes),
    storedArchitecture: kerasArchitecture(2, '2.2.4'),
    filePatterns: kerasPatterns(2),
    // tf.keras, engine/network.py of 1.15 and engine/training.py of 2.15; Keras' own goes by the container of a file.
    listedArrays: version => (isTensorFlows(version) ? 'byWrapper' : undefined),
  },
  {
    ...factories,
    ...cells.factories,
    ...rnnFactories(KERAS2.defaultVersion),
    ...convLstmFactories(KERAS2),
    bidirectional,
  },
);
