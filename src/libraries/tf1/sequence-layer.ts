import {camel} from '../../dialects/arguments';
import {CarryoverError} from '../../errors';
import type {SequenceCell} from '../../layers/sequence-cell';
import type {CellRecord, LayerRecord} from '../../model/architecture';
import type {Ports} from '../library';
import type {BuiltLayer} from '../plain';
import {findCellClass} from './cells';
import {MultiRNNCell} from './multi-cell';
import {type RawOp, rawOp} from './raw-ops';
import {BidirectionalRnn, DynamicRnn} from './rnn';
import {DropoutWrapper, ResidualWrapper} from './wrappers';

type SequenceLayer = DynamicRnn | BidirectionalRnn | RawOp;

const BIDIRECTIONAL = ['bidirectional_dynamic_rnn', 'static_bidirectional_rnn'];
const ONE_WAY = ['dynamic_rnn', 'static_rnn', 'call'];

/** The layer that runs cells over sequences as a model has it; undefined for other classes. */
export function sequenceLayerOf(record: LayerRecord, name?: string): BuiltLayer | undefined {
  const layer = sequenceLayer(record, name);
  return layer && {layer, roles: layer.arrayNames, notes: cudnnWarnings(record)};
}

/** The names of its outputs, of the states that it takes and of its inputs. */
export function portsOf(record: LayerRecord): Ports | undefined {
  const layer = sequenceLayer(record);
  if (!layer) return undefined;
  return {
    outputs: layer.outputNames,
    states: layer.stateNames,
    inputs: 'inputNames' in layer ? layer.inputNames : [],
  };
}

/** The layer of a recipe's `dynamic_rnn` and its kin, fused cells and raw ops; undefined for other classes. */
function sequenceLayer(
  {
    className,
    config,
    cells,
    lengths,
    where,
  }: Pick<LayerRecord, 'className' | 'config' | 'cells' | 'lengths' | 'where'>,
  name?: string,
): SequenceLayer | undefined {
  const timeMajor = config.time_major === true;
  const cell = (role: string): SequenceCell => {
    const record = cells?.[role];
    if (record) return buildCell(record, where);
    throw new CarryoverError('E_ARCHITECTURE', `${where}: ${className} needs a "${role}"`);
  };
  const common = {timeMajor, sequenceLength: lengths === true, name};
  if (BIDIRECTIONAL.includes(className))
    return new BidirectionalRnn({...common, cellFw: cell('cell_fw'), cellBw: cell('cell_bw')});
  if (ONE_WAY.includes(className))
    return new DynamicRnn({...common, cell: cell('cell'), singleStep: className === 'call'});
  if (className.startsWith('raw_ops.')) return rawOp(className.slice('raw_ops.'.length), config, where, name);
  if (className === 'LSTMBlockFusedCell') {
    const own = buildCell({className, config, cells: [], wrap: []}, where);
    return new DynamicRnn({...common, cell: own, timeMajor: true});
  }
  return undefined;
}

function buildCell({className, config, cells, wrap}: CellRecord, where: string): SequenceCell {
  return wrap.reduce(
    (inner: SequenceCell, wrapper) => wrapped(inner, wrapper, where),
    bareCell(className, config, cells, where),
  );
}

function bareCell(
  className: string,
  config: CellRecord['config'],
  cells: readonly CellRecord[],
  where: string,
): SequenceCell {
  if (className === 'MultiRNNCell') {
    const stateIsTuple = config.state_is_tuple !== false;
    return new MultiRNNCell({cells: cells.map(inner => buildCell(inner, where)), stateIsTuple});
  }
  const cell = findCellClass(className);
  if (cell) return new cell(config);
  throw new CarryoverError('E_LAYER', `${where}: cell class '${className}' of tf1 is not known`);
}

function wrapped(
  cell: SequenceCell,
  {className, config}: CellRecord['wrap'][number],
  where: string,
): SequenceCell {
  const args = Object.fromEntries(Object.entries(config).map(([key, value]) => [camel(key), value]));
  switch (className) {
    case 'ResidualWrapper':
      return new ResidualWrapper({cell});
    case 'DropoutWrapper':
      return new DropoutWrapper({...args, cell});
    // Where a cell's ops run is of no concern here.
    case 'DeviceWrapper':
      return cell;
    default:
      throw new CarryoverError('E_LAYER', `${where}: wrapper '${className}' of tf1 is not known`);
  }
}

/**
 * Cells that add a forget bias to arrays whose names say cuDNN: cuDNN adds none, nothing in the file forbids
 * it, and everything afterwards is wrong.
 */
export function cudnnWarnings({cells = {}, variables = {}, name}: LayerRecord): string[] {
  const suspicious = Object.values(variables).some(array => /cudnn/i.test(String(array)));
  const biased = Object.values(cells).some(hasForgetBias);
  return suspicious && biased
    ? [`${name}: arrays of a cuDNN LSTM in a cell with a forget bias; cuDNN adds none: set forget_bias to 0`]
    : [];
}

function hasForgetBias({className, config, cells}: CellRecord): boolean {
  const adds = className === 'BasicLSTMCell' || className === 'LSTMCell' || className === 'LSTMBlockCell';
  return (adds && (config.forget_bias ?? 1) !== 0) || cells.some(hasForgetBias);
}
