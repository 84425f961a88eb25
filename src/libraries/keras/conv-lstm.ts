import {
  type Arguments,
  activation,
  boolean,
  choice,
  integer,
  integers,
  number,
  parseActivation,
  readArguments,
  refused,
  type ValuesOf,
} from '../../dialects/arguments';
import {before} from '../../dialects/version';
import {CarryoverError} from '../../errors';
import {ConvLstm} from '../../layers/conv-lstm';
import {entryWith, type LayerContext, type LayerEntry} from '../built';
import {argumentsIn, commonArguments} from '../plain';
import {COMMON, channelsFirst, DATA_FORMAT, ruleOf, SEED, weight} from './plain/parts';
import {keptStatesFirst, zeroInBidirectional} from './releases';

/*
 * ConvLSTM1D, 2D and 3D of Keras 2 and later. Source: keras/layers/convolutional_recurrent.py of 2.2.4,
 * keras/layers/rnn/base_conv_lstm.py of tf.keras 2.15, keras/src/layers/rnn/conv_lstm.py of 3.10.
 */

type Rank = 1 | 2 | 3;

const NEW = {init: null, letter: null};

const convLstmArguments = (rank: Rank) => ({
  ...COMMON,
  filters: integer(),
  kernelSize: integers(rank),
  strides: integers(rank, new Array<number>(rank).fill(1)),
  padding: choice(['valid', 'same', 'causal'], 'valid'),
  dataFormat: DATA_FORMAT,
  dilationRate: integers(rank, new Array<number>(rank).fill(1)),
  activation: activation('tanh'),
  // Keras 3 has sigmoid.
  recurrentActivation: activation(version => (before(version, '3') ? 'hard_sigmoid' : 'sigmoid')),
  useBias: boolean(true),
  unitForgetBias: boolean(true),
  ...weight('kernel', 'glorot_uniform', NEW),
  ...weight('recurrent', 'orthogonal', NEW),
  ...weight('bias', 'zeros', NEW),
  dropout: number(0),
  recurrentDropout: number(0),
  returnSequences: boolean(false),
  returnState: boolean(false),
  goBackwards: boolean(false),
  stateful: boolean(false),
  // TensorFlow's layer takes it and pays it no heed, Keras 3's does.
  zeroOutputForMask: boolean(false),
  timeMajor: refused(boolean(false), 'expected false: the library takes [batch, time, ...] all the same'),
  unroll: refused(boolean(false), 'expected false: no release unrolls a ConvLSTM'),
  seed: SEED,
  numConstants: refused(integer(0), 'expected 0: the layer takes no constants'),
});

type ConvArgs = ValuesOf<ReturnType<typeof convLstmArguments>>;

function layerOf(args: ConvArgs, rank: Rank, context: LayerContext, more: object = {}): ConvLstm {
  const {version, where} = context;
  if (args.padding === 'causal' && rank > 1) {
    throw new CarryoverError('E_LAYER', `${where}: padding is causal; expected valid or same`);
  }
  const isNew = !before(version, '3');
  const full = {...context, common: commonArguments(args, context)};
  return new ConvLstm({
    ...full.common,
    ...more,
    rank,
    filters: args.filters,
    kernelSize: args.kernelSize,
    strides: args.strides,
    padding: args.padding,
    dilationRate: args.dilationRate,
    channelsFirst: channelsFirst(args.dataFormat, version),
    activation: parseActivation(args.activation, `${where}: activation`, version),
    recurrentActivation: parseActivation(args.recurrentActivation, `${where}: recurrent_activation`, version),
    useBias: args.useBias,
    unitForgetBias: args.unitForgetBias,
    kernel: ruleOf(args, 'kernel', full),
    recurrent: ruleOf(args, 'recurrent', full),
    bias: ruleOf(args, 'bias', full),
    dropout: args.dropout,
    recurrentDropout: args.recurrentDropout,
    returnSequences: args.returnSequences,
    returnState: args.returnState,
    goBackwards: args.goBackwards,
    stateful: args.stateful,
    zeroOutputForMask: isNew && args.zeroOutputForMask,
    keptStatesFirst: keptStatesFirst(version),
    zeroInBidirectional: isNew && zeroInBidirectional(version),
  });
}

const RANKS: readonly Rank[] = [1, 2, 3];

const classOf = (rank: Rank): string => `ConvLSTM${rank}D`;

/** How they are built from files, by class. */
export const CONV_LSTMS: ReadonlyMap<string, LayerEntry> = new Map(
  RANKS.map((rank): [string, LayerEntry] => [
    classOf(rank),
    entryWith(convLstmArguments(rank), ({config}, context) => {
      const {args, notes} = argumentsIn(convLstmArguments(rank), config, context);
      const layer = layerOf(args, rank, context);
      return {
        layer,
        roles: layer.arrayNames,
        inputShape: ([kernel]) => {
          const channels = kernel?.at(-2) ?? null;
          const open = new Array<null>(rank).fill(null);
          const picture = channelsFirst(args.dataFormat, context.version)
            ? [channels, ...open]
            : [...open, channels];
          return [null, null, ...picture];
        },
        notes,
      };
    }),
  ]),
);

/** What programs give a ConvLSTM: the library's arguments in camelCase, and what every layer of tfjs takes. */
export type ConvLstmConfig = {readonly [K in keyof ConvArgs]?: ConvArgs[K] | number | null} & {
  readonly filters: number;
  readonly kernelSize: number | readonly number[];
  /** The release whose behaviour is meant. */
  readonly version?: string;
};

/** The functions with which programs make such layers. */
export function convLstmFactories({library, defaultVersion}: {library: string; defaultVersion: string}) {
  const make =
    (rank: Rank) =>
    ({version = defaultVersion, ...config}: ConvLstmConfig): ConvLstm => {
      const className = classOf(rank);
      const where = `${library} ${className}`;
      const name = config.name as string | undefined;
      const table = convLstmArguments(rank);
      const odd = Object.keys(config).find(key => !Object.hasOwn(table, key));
      if (odd !== undefined) {
        throw new CarryoverError('E_USAGE', `${where} has no argument '${odd}'`);
      }
      const args = readArguments(table, config as Arguments, version, where) as unknown as ConvArgs;
      const {batchInputShape, inputShape, batchSize} = config;
      const shapes = Object.entries({batchInputShape, inputShape, batchSize}).filter(
        ([, value]) => value !== undefined && value !== null,
      );
      const context = {library, className, version, where, name: name as string};
      return layerOf(args, rank, context, Object.fromEntries(shapes));
    };
  return {
    /** An LSTM whose products are convolutions, over `[batch, time, length, channels]`. */
    convLSTM1D: make(1),
    /** An LSTM whose products are convolutions, over `[batch, time, rows, columns, channels]`. */
    convLSTM2D: make(2),
    /** An LSTM whose products are convolutions, over `[batch, time, depth, rows, columns, channels]`. */
    convLSTM3D: make(3),
  };
}
