/**
 * Makes the class names of tfjs' own layers `LSTM`, `GRU`, `SimpleRNN` and `Bidirectional` mean Carryover's: a saved
 * tfjs model loads unchanged, runs on Carryover's engines, and may have what tfjs refuses (GRU with `reset_after`).
 * Importing this file is enough; models built by `tf.layers.lstm` and the like stay tfjs' own until they are saved
 * and loaded. tfjs' `RNN` with cells is left to tfjs.
 */
import {takeTfjsNames} from './libraries/tfjs/names';

takeTfjsNames();
