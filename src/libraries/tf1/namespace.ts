import * as tf from '@tensorflow/tfjs-core';
import type {ConfigOf} from '../../dialects/arguments';
import type {CellDialect} from '../../dialects/dialect';
import {DialectCell} from '../../layers/cell';
import type {CommonArgs, LayerConfig} from '../../layers/recurrent-layer';
import * as contrib from './contrib';
import * as core from './dialect';
import {MultiRNNCell, type MultiRNNCellArgs} from './multi-cell';
import {BidirectionalRnn, type BidirectionalRnnArgs, DynamicRnn, type RnnArgs} from './rnn';
import {warnOnce} from './warnings';
import {
  DropoutWrapper,
  type DropoutWrapperArgs,
  EmbeddingWrapper,
  type EmbeddingWrapperArgs,
  ResidualWrapper,
} from './wrappers';

type CellFactory = (config?: LayerConfig) => DialectCell;
const factories = new Map<string, CellFactory>();

/** The factory of a cell by its name in TensorFlow; undefined where there is none. */
export function cellFactory(className: string): CellFactory | undefined {
  return factories.get(className);
}

function cellClass<D extends CellDialect>(
  dialect: D,
): (config?: ConfigOf<D> & Pick<CommonArgs, 'trainable' | 'version'>) => DialectCell {
  class Cell extends DialectCell {
    static readonly className = `Tf1${dialect.className}`;
    constructor(config: LayerConfig = {}) {
      super(config, dialect);
      if (config.stateIsTuple === false || config.state_is_tuple === false) {
        warnOnce(
          `${dialect.className}: a concatenated state is slower and deprecated since TensorFlow 1.0; use stateIsTuple: true`,
        );
      }
    }
  }
  tf.serialization.registerClass(Cell as unknown as Parameters<typeof tf.serialization.registerClass>[0]);
  factories.set(dialect.className, config => new Cell(config));
  return config => new Cell((config ?? {}) as LayerConfig);
}

/** An LSTM's state as TensorFlow has it. */
export type LSTMStateTuple = {readonly c: tf.Tensor; readonly h: tf.Tensor};

const dynamicRnn = (args: RnnArgs): DynamicRnn => new DynamicRnn(args);
const bidirectionalDynamicRnn = (args: BidirectionalRnnArgs): BidirectionalRnn => new BidirectionalRnn(args);

/**
 * TensorFlow 0.12 to 1.15. Cells take TensorFlow's arguments in camelCase; `dynamicRnn` and its kin are layers
 * that take `[x, (lengths), (initial states)]` and give `[y, final states]`.
 */
export const tf1 = {
  basicLSTMCell: cellClass(core.basicLSTMCell),
  lstmCell: cellClass(core.lstmCell),
  gruCell: cellClass(core.gruCell),
  basicRNNCell: cellClass(core.basicRNNCell),
  lstmBlockCell: cellClass(core.lstmBlockCell),
  lstmBlockFusedCell: cellClass(core.lstmBlockFusedCell),
  gruBlockCell: cellClass(core.gruBlockCell),
  gruBlockCellV2: cellClass(core.gruBlockCellV2),
  cudnnCompatibleLSTMCell: cellClass(core.cudnnCompatibleLSTMCell),
  cudnnCompatibleGRUCell: cellClass(core.cudnnCompatibleGRUCell),
  coupledInputForgetGateLSTMCell: cellClass(contrib.coupledInputForgetGateLSTMCell),
  layerNormBasicLSTMCell: cellClass(contrib.layerNormBasicLSTMCell),
  ugrnnCell: cellClass(contrib.ugrnnCell),
  nasCell: cellClass(contrib.nasCell),
  indRNNCell: cellClass(contrib.indRNNCell),
  indyGRUCell: cellClass(contrib.indyGRUCell),
  indyLSTMCell: cellClass(contrib.indyLSTMCell),
  multiRNNCell: (args: MultiRNNCellArgs): MultiRNNCell => new MultiRNNCell(args),
  residualWrapper: (args: ConstructorParameters<typeof ResidualWrapper>[0]): ResidualWrapper =>
    new ResidualWrapper(args),
  dropoutWrapper: (args: DropoutWrapperArgs): DropoutWrapper => new DropoutWrapper(args),
  embeddingWrapper: (args: EmbeddingWrapperArgs): EmbeddingWrapper => new EmbeddingWrapper(args),
  dynamicRnn,
  staticRnn: dynamicRnn,
  bidirectionalDynamicRnn,
  staticBidirectionalRnn: bidirectionalDynamicRnn,
  /** `LSTMStateTuple(c, h)` */
  LSTMStateTuple: (c: tf.Tensor, h: tf.Tensor): LSTMStateTuple => ({c, h}),
};
