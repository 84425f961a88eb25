import type {CellDialect} from '../../dialects/dialect';
import {DialectCell} from '../../layers/cell';
import {type CellClass, cellFactories} from '../../layers/factory';
import type {LayerConfig} from '../../layers/instance';
import {warnOnce} from '../../layers/warnings';
import * as contrib from './contrib';
import * as gru from './gru';
import * as lstm from './lstm';

abstract class Tf1Cell extends DialectCell {
  constructor(config: LayerConfig, dialect: CellDialect) {
    super(config, dialect);
    if (this.layout.joined) {
      warnOnce(
        `${dialect.className}: a concatenated state is slower and deprecated since TensorFlow 1.0; use stateIsTuple: true`,
      );
    }
  }
}

/** The classes of the cells, the plainest first, and the functions that make them. */
export const {classes, factories} = cellFactories(
  {
    /** `tf.nn.rnn_cell.BasicLSTMCell`: no peepholes, a forget bias of 1 that is added when it runs. */
    basicLSTMCell: lstm.basicLSTMCell,
    /** `tf.nn.rnn_cell.LSTMCell`: peepholes, projection, clips. */
    lstmCell: lstm.lstmCell,
    /** `tf.nn.rnn_cell.GRUCell`: the reset gate acts before the recurrent product. */
    gruCell: gru.gruCell,
    /** `tf.contrib.cudnn_rnn.CudnnCompatibleGRUCell`: the reset gate acts after the recurrent product. */
    cudnnCompatibleGRUCell: gru.cudnnCompatibleGRUCell,
    /** `tf.nn.rnn_cell.BasicRNNCell`: h = f([x; h]·W + b). */
    basicRNNCell: gru.basicRNNCell,
    /** `tf.contrib.rnn.CoupledInputForgetGateLSTMCell`: the input gate is 1 − f. */
    coupledInputForgetGateLSTMCell: contrib.coupledInputForgetGateLSTMCell,
    /** `tf.contrib.rnn.LayerNormBasicLSTMCell`: normalizes the gates and the new cell. */
    layerNormBasicLSTMCell: contrib.layerNormBasicLSTMCell,
    /** `tf.contrib.rnn.UGRNNCell`: one gate (Collins, Sohl-Dickstein and Sussillo 2017). */
    ugrnnCell: contrib.ugrnnCell,
    /** `tf.contrib.rnn.NASCell`: found by architecture search (Zoph and Le 2017). */
    nasCell: contrib.nasCell,
    /** `tf.contrib.rnn.IndRNNCell`: each unit sees its own h alone. */
    indRNNCell: contrib.indRNNCell,
    /** `tf.contrib.rnn.IndyGRUCell`: a GRU whose units see their own h alone. */
    indyGRUCell: contrib.indyGRUCell,
    /** `tf.contrib.rnn.IndyLSTMCell`: an LSTM whose units see their own h alone. */
    indyLSTMCell: contrib.indyLSTMCell,
    /** `tf.contrib.rnn.LSTMBlockCell`: an LSTM in one operation, with peepholes and a cell clip. */
    lstmBlockCell: lstm.lstmBlockCell,
    /** `tf.contrib.rnn.LSTMBlockFusedCell`: the same over a sequence. */
    lstmBlockFusedCell: lstm.lstmBlockFusedCell,
    /** `tf.contrib.rnn.GRUBlockCell`: a GRU in one operation, with arrays of its own. */
    gruBlockCell: gru.gruBlockCell,
    /** `tf.contrib.rnn.GRUBlockCellV2`: the same with the arrays of `gruCell`. */
    gruBlockCellV2: gru.gruBlockCellV2,
    /** `tf.contrib.cudnn_rnn.CudnnCompatibleLSTMCell`: no forget bias, no peepholes. */
    cudnnCompatibleLSTMCell: lstm.cudnnCompatibleLSTMCell,
  },
  Tf1Cell,
);

/** The class of a cell by its name in TensorFlow; undefined where there is none. */
export function findCellClass(className: string): CellClass | undefined {
  return classes.find(({dialect}) => dialect.className === className);
}
