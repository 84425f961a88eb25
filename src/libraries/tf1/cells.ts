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
    basicLSTMCell: lstm.basicLSTMCell,
    lstmCell: lstm.lstmCell,
    gruCell: gru.gruCell,
    cudnnCompatibleGRUCell: gru.cudnnCompatibleGRUCell,
    basicRNNCell: gru.basicRNNCell,
    coupledInputForgetGateLSTMCell: contrib.coupledInputForgetGateLSTMCell,
    layerNormBasicLSTMCell: contrib.layerNormBasicLSTMCell,
    ugrnnCell: contrib.ugrnnCell,
    nasCell: contrib.nasCell,
    indRNNCell: contrib.indRNNCell,
    indyGRUCell: contrib.indyGRUCell,
    indyLSTMCell: contrib.indyLSTMCell,
    lstmBlockCell: lstm.lstmBlockCell,
    lstmBlockFusedCell: lstm.lstmBlockFusedCell,
    gruBlockCell: gru.gruBlockCell,
    gruBlockCellV2: gru.gruBlockCellV2,
    cudnnCompatibleLSTMCell: lstm.cudnnCompatibleLSTMCell,
  },
  Tf1Cell,
);

/** The class of a cell by its name in TensorFlow; undefined where there is none. */
export function findCellClass(className: string): CellClass | undefined {
  return classes.find(({dialect}) => dialect.className === className);
}
