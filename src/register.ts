/**
 * Makes the class names of tfjs' own layers `LSTM`, `GRU`, `SimpleRNN` and `Bidirectional` mean Carryover's: a saved
 * tfjs model loads unchanged, runs on Carryover's engines, and may have what tfjs refuses (GRU with `reset_after`).
 * Importing this file is enough; models built by `tf.layers.lstm` and the like stay tfjs' own until they are saved
 * and loaded.
 *
 * Models that the official converter made load likewise: `CuDNNLSTM` and `CuDNNGRU`, `RNN` over Keras' cells and stacks of
 * them, Sequentials of Keras 3. `RNN` with cells of tfjs or of the program is left to tfjs. A Functional of Keras 3 is refused
 * (`E_UNSUPPORTED`), for tfjs respells the names in its calls: `openModel` and `kerasHandler` load it.
 */
import {takeTfjsNames} from './libraries/tfjs/names';

takeTfjsNames();
