import {
  type ArgumentTable,
  boolean,
  camel,
  checkArguments,
  harmless,
  number,
  other,
  refused,
} from '../../dialects/arguments';
import {CarryoverError} from '../../errors';
import type {SequenceCell} from '../../layers/sequence-cell';
import type {CellRecord, LayerRecord} from '../../model/architecture';
import type {LayerEntry} from '../built';
import type {Ports} from '../library';
import {findCellClass} from './cells';
import {MultiRNNCell} from './multi-cell';
import {RAW_OPS, type RawOp, rawOp} from './raw-ops';
import {BidirectionalRnn, DynamicRnn} from './rnn';
import {TF1} from './shared';
import {DropoutWrapper, ResidualWrapper} from './wrappers';

type SequenceLayer = DynamicRnn | BidirectionalRnn | RawOp;

type SequenceRecord = Pick<LayerRecord, 'className' | 'config' | 'cells' | 'lengths' | 'where'>;
/** Where variables live and what they are called: nothing that a cell computes depends on it. */
const SCOPE = {scope: harmless(other()), inputSize: harmless(other()), trainable: harmless(other())};

const MULTI = {...SCOPE, stateIsTuple: boolean(true)};

const FUNCTION = {
  ...SCOPE,
  timeMajor: boolean(false),
  swapMemory: harmless(other()),
  parallelIterations: harmless(other()),
  dtype: harmless(other()),
};

const RAW = {forgetBias: number(1), cellClip: number(0), usePeephole: boolean(false)};

const WRAPPERS: ReadonlyMap<string, ArgumentTable> = new Map<string, ArgumentTable>([
  ['ResidualWrapper', {residualFn: refused(other(), 'expected none: the input is added')}],
  [
    'DropoutWrapper',
    {
      inputKeepProb: number(1),
      outputKeepProb: number(1),
      stateKeepProb: number(1),
      variationalRecurrent: boolean(false),
      inputSize: harmless(other()),
      dtype: harmless(other()),
      seed: harmless(other()),
    },
  ],
  ['DeviceWrapper', {device: harmless(other())}],
]);

type MakeLayer = (record: SequenceRecord, name?: string) => SequenceLayer;

/** What a function is told beside its cells; it has those of `roles` and no others. */
function settings({className, config, lengths, cells = {}, where}: SequenceRecord, roles: readonly string[]) {
  checkArguments(FUNCTION, config, TF1.defaultVersion, where, `${className} of ${TF1.library}`);
  const odd = Object.keys(cells).find(role => !roles.includes(role));
  if (odd !== undefined) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: ${className} has no "${odd}"; expected ${roles.join(' and ')}`,
    );
  }
  return {timeMajor: config.time_major === true, sequenceLength: lengths === true};
}

function cellOf({className, cells, where}: SequenceRecord, role: string): SequenceCell {
  const record = cells?.[role];
  if (record) return buildCell(record, where);
  throw new CarryoverError('E_ARCHITECTURE', `${where}: ${className} needs a "${role}"`);
}

const bidirectional: MakeLayer = (record, name) =>
  new BidirectionalRnn({
    ...settings(record, ['cell_fw', 'cell_bw']),
    name,
    cellFw: cellOf(record, 'cell_fw'),
    cellBw: cellOf(record, 'cell_bw'),
  });

const oneWay: MakeLayer = (record, name) =>
  new DynamicRnn({
    ...settings(record, ['cell']),
    name,
    cell: cellOf(record, 'cell'),
    singleStep: record.className === 'call',
  });

const fused: MakeLayer = (record, name) => {
  const {className, config, where} = record;
  const cell = buildCell({className, config, cells: [], wrap: []}, where);
  return new DynamicRnn({sequenceLength: record.lengths === true, name, cell, timeMajor: true});
};

const raw =
  (op: string): MakeLayer =>
  ({config, where}, name) => {
    checkArguments(RAW, config, TF1.defaultVersion, where, `raw_ops.${op} of ${TF1.library}`);
    return rawOp(op, config, name);
  };

/** `dynamic_rnn` and its kin, fused cells and raw ops, by the class that recipes give them. */
const LAYERS: ReadonlyMap<string, MakeLayer> = new Map([
  ['bidirectional_dynamic_rnn', bidirectional],
  ['static_bidirectional_rnn', bidirectional],
  ['dynamic_rnn', oneWay],
  ['static_rnn', oneWay],
  ['call', oneWay],
  ['LSTMBlockFusedCell', fused],
  ...RAW_OPS.map(op => [`raw_ops.${op}`, raw(op)] as const),
]);

/** How they are built for a model. */
export const sequenceLayers: ReadonlyMap<string, LayerEntry> = new Map(
  [...LAYERS].map(([className, make]) => [
    className,
    (record, {name}) => {
      const layer = make(record, name);
      return {layer, roles: layer.arrayNames, notes: cudnnWarnings(record)};
    },
  ]),
);

/** The names of its outputs, of the states that it takes and of its inputs. */
export function portsOf(record: LayerRecord): Ports | undefined {
  const layer = LAYERS.get(record.className)?.(record);
  if (!layer) return undefined;
  return {
    outputs: layer.outputNames,
    states: layer.stateNames,
    inputs: 'inputNames' in layer ? layer.inputNames : [],
  };
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
  const what = `${className} of ${TF1.library}`;
  if (className === 'MultiRNNCell') {
    checkArguments(MULTI, config, TF1.defaultVersion, where, what);
    const stateIsTuple = config.state_is_tuple !== false;
    return new MultiRNNCell({cells: cells.map(inner => buildCell(inner, where)), stateIsTuple});
  }
  if (cells.length > 0) {
    throw new CarryoverError('E_ARCHITECTURE', `${where}: ${className} holds no cells; MultiRNNCell does`);
  }
  const cell = findCellClass(className);
  if (cell) {
    checkArguments({...SCOPE, ...cell.dialect.arguments}, config, TF1.defaultVersion, where, what);
    return new cell(config);
  }
  throw new CarryoverError('E_LAYER', `${where}: cell class '${className}' of tf1 is not known`);
}

function wrapped(
  cell: SequenceCell,
  {className, config}: CellRecord['wrap'][number],
  where: string,
): SequenceCell {
  const args = Object.fromEntries(Object.entries(config).map(([key, value]) => [camel(key), value]));
  const table = WRAPPERS.get(className);
  if (table) checkArguments(table, config, TF1.defaultVersion, where, `${className} of ${TF1.library}`);
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
