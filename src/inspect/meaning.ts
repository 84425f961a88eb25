import type {ArraySpec, RowBlock} from '../dialects/arrays';
import {Bidirectional} from '../layers/bidirectional';
import {RecurrentLayer} from '../layers/recurrent-layer';
import type {SequenceCell} from '../layers/sequence-cell';
import type {BuiltLayer} from '../libraries/built';
import {BidirectionalRnn, DynamicRnn} from '../libraries/tf1/rnn';
import type {CellKind, MaskRule} from '../recurrence/types';
import {leafCells} from './cells';

/** Where a cell is not here, or a gate, its letter has to do. */
const GATE_NAMES: Readonly<Partial<Record<CellKind, Readonly<Record<string, string>>>>> = {
  lstm: {i: 'input gate', f: 'forget gate', c: 'cell candidate', o: 'output gate'},
  gru: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  simple: {h: ''},
  mut1: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  mut2: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  mut3: {z: 'update gate', r: 'reset gate', h: 'candidate'},
};

const WEIGHT_NAMES: Readonly<Record<string, string>> = {
  kernel: 'kernel',
  recurrentKernel: 'recurrent kernel',
  bias: 'bias',
  recurrentBias: 'recurrent bias',
  stepBias: 'bias within the step',
  projection: 'projection of the output',
  gain: 'scale',
};

/** Arrays of plain layers, under the names that libraries gave them. */
const PLAIN: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  kernel: 'kernel',
  bias: 'bias',
  embeddings: 'a row per index',
  gamma: 'scale',
  beta: 'shift',
  running_mean: 'mean',
  moving_mean: 'mean',
  running_std: 'spread',
  moving_variance: 'variance',
  W_carry: 'kernel of the carry gate',
  b_carry: 'bias of the carry gate',
};

const MASK_RULES: Readonly<Record<MaskRule, string>> = {
  holdRepeat: 'masked steps keep the state and repeat the output',
  holdZero: 'masked steps keep the state and put out 0',
  holdState: 'masked steps keep the state and put it out',
  forget: 'a masked step clears the state for the step after it',
};

/** What each array of a layer is, in the order of its roles. */
export function meanings({layer, roles}: BuiltLayer, className: string): string[] {
  if (layer instanceof Bidirectional) {
    const [forward, backward] = [layer.forwardLayer, layer.backwardLayer];
    return [
      ...recurrentMeanings(forward).map(text => `forward ${text}`),
      ...recurrentMeanings(backward).map(text => `backward ${text}`),
    ];
  }
  if (layer instanceof RecurrentLayer) return recurrentMeanings(layer);
  if (layer instanceof DynamicRnn || layer instanceof BidirectionalRnn)
    return layer.cells.flatMap(cellMeanings);
  return roles.map(role => (className === 'Embedding' ? PLAIN.embeddings! : (PLAIN[role] ?? '')));
}

/** Every array of a cell and of the cells in it, in their order. */
function cellMeanings(cell: SequenceCell): string[] {
  return leafCells(cell).flatMap(leaf => {
    const specs = leaf.dialect.arrays(leaf.args, leaf.version);
    const byName = new Map(specs.map(spec => [spec.name, meaningOf(spec, leaf.recurrence.cell)]));
    return leaf.arrayNames.map(name => byName.get(name) ?? '');
  });
}

function recurrentMeanings(layer: RecurrentLayer): string[] {
  const specs = layer.dialect.arrays(layer.args, layer.version);
  const byName = new Map(specs.map(spec => [spec.name, meaningOf(spec, layer.recurrence.cell)]));
  return layer.arrayNames.map(name => byName.get(name) ?? '');
}

function meaningOf({name, gates, rowBlocks}: ArraySpec, cell: CellKind): string {
  if (name === 'Pmat') return 'fixed projection of the input';
  const gateNames = gates.map(gate => GATE_NAMES[cell]?.[gate] ?? `gate ${gate}`).filter(Boolean);
  const weights = rowBlocks.map(({weight}: RowBlock) => weightName(weight, cell)).join(', then ');
  if (gateNames.length <= 1) return [...gateNames, weights].join(' ');
  return `${weights}; columns: ${gateNames.join(', ')}`;
}

/** `peephole.f`: whose is after the point. */
function weightName(weight: string, cell: CellKind): string {
  const [kind, gate] = weight.split('.') as [string, string?];
  const own = WEIGHT_NAMES[kind] ?? kind;
  return gate === undefined ? own : `${own} of the ${GATE_NAMES[cell]?.[gate] ?? gate}`;
}

/** The states of a layer and what masks do to them; undefined for layers that have none. */
export function statesOf({
  layer,
}: BuiltLayer): {names: string[]; units: number | readonly number[]; rules: string[]} | undefined {
  if (layer instanceof DynamicRnn || layer instanceof BidirectionalRnn) {
    const sizes = new Set(layer.cells.flatMap(cell => cell.stateSlots.map(({size}) => size)));
    const rules = [
      'zero at the start of a call unless given',
      MASK_RULES.holdZero.replace('masked steps', "steps past a row's length"),
    ];
    return {names: layer.stateNames, units: sizes.size === 1 ? [...sizes][0]! : [...sizes], rules};
  }
  const inner = layer instanceof Bidirectional ? layer.forwardLayer : layer;
  if (!(inner instanceof RecurrentLayer)) return undefined;
  const {stateful, ignoresMask, units} = inner.behaviour;
  const names =
    layer instanceof Bidirectional
      ? ['forward', 'backward'].flatMap(side => inner.stateNames.map(state => `${side} ${state}`))
      : [...inner.stateNames];
  const rules = [
    stateful ? 'kept between calls' : 'zero at the start of a call',
    ignoresMask ? 'masks are not heeded' : MASK_RULES[inner.recurrence.mask],
  ];
  return {names, units, rules};
}
