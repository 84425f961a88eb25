import type {CellDialect} from '../dialects/dialect';
import * as epynn from './epynn/dialect';
import * as keras0 from './keras0/dialect';
import * as keras1 from './keras1/dialect';
import * as keras2 from './keras2/dialect';
import * as lasagne from './lasagne/dialect';
import * as neupy from './neupy/dialect';
import * as nntools from './nntools/dialect';
import * as contrib from './tf1/contrib';
import * as tf1 from './tf1/dialect';

/** A library's recurrent layers or cells; the plainest first, which is tried first as a target. */
const LIBRARIES: Readonly<Record<string, readonly CellDialect[]>> = {
  keras0: [keras0.lstm, keras0.gru, keras0.simpleRNN, keras0.jzs1, keras0.jzs2, keras0.jzs3],
  keras1: [keras1.lstm, keras1.gru, keras1.simpleRNN],
  keras2: [keras2.lstm, keras2.gru, keras2.simpleRNN],
  tf1: [
    tf1.basicLSTMCell,
    tf1.lstmCell,
    tf1.gruCell,
    tf1.cudnnCompatibleGRUCell,
    tf1.basicRNNCell,
    contrib.coupledInputForgetGateLSTMCell,
    contrib.layerNormBasicLSTMCell,
    contrib.ugrnnCell,
    contrib.nasCell,
    contrib.indRNNCell,
    contrib.indyGRUCell,
    contrib.indyLSTMCell,
    tf1.lstmBlockCell,
    tf1.lstmBlockFusedCell,
    tf1.gruBlockCell,
    tf1.gruBlockCellV2,
    tf1.cudnnCompatibleLSTMCell,
  ],
  nntools: [nntools.lstm],
  lasagne: [lasagne.lstm, lasagne.gru, lasagne.recurrent],
  neupy: [neupy.lstm, neupy.gru],
  epynn: [epynn.lstm, epynn.gru, epynn.rnn],
};

/** The libraries there are dialects of. */
export const LIBRARY_NAMES: readonly string[] = Object.keys(LIBRARIES);

/** A library's dialects; none for a library that is not known. */
export function dialectsOf(library: string): readonly CellDialect[] {
  return LIBRARIES[library] ?? [];
}
