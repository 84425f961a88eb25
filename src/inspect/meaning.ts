import type {ArraySpec} from '../dialects/arrays';
import {Bidirectional} from '../layers/bidirectional';
import {DialectCell} from '../layers/cell';
import {CompositeCell} from '../layers/composite-cell';
import {RecurrentLayer} from '../layers/recurrent-layer';
import {Rnn} from '../layers/rnn';
import type {SequenceCell} from '../layers/sequence-cell';
import {StatefulLayer} from '../layers/stateful-layer';
import type {BuiltLayer} from '../libraries/built';
import {SequenceLayer} from '../libraries/tf1/rnn-base';
import {type CellKind, GATES, type Gate, type GateOf, type MaskRule} from '../recurrence/types';
import type {CanonicalName} from '../recurrence/weights';

/** What the gates of each cell are called; nothing where there is one alone. */
const GATE_NAMES: {readonly [C in CellKind]: Readonly<Record<GateOf<C>, string>>} = {
  lstm: {i: 'input gate', f: 'forget gate', c: 'cell candidate', o: 'output gate'},
  gru: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  simple: {h: ''},
  mut1: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  mut2: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  mut3: {z: 'update gate', r: 'reset gate', h: 'candidate'},
  ugrnn: {z: 'gate', h: 'candidate'},
  nas: Object.fromEntries(GATES.nas.map(gate => [gate, `gate ${gate}`])) as Record<GateOf<'nas'>, string>,
};

/** What is before the point of a canonical name. */
type Head<N extends string> = N extends `${infer H}.${string}` ? H : N;

const WEIGHT_NAMES: Readonly<Record<Head<CanonicalName>, string>> = {
  kernel: 'kernel',
  recurrentKernel: 'recurrent kernel',
  bias: 'bias',
  recurrentBias: 'recurrent bias',
  stepBias: 'bias within the step',
  projection: 'projection of the output',
  peephole: 'peephole',
  gain: 'scale',
  shift: 'shift',
  initial: 'initial state',
};

/** What the weights of plain layers are, under the names that they have here whatever their library calls them. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['kernel', 'kernel'],
  ['bias', 'bias'],
  ['embeddings', 'a row per index'],
  ['gamma', 'scale'],
  ['beta', 'shift'],
  ['moving_mean', 'mean'],
  ['moving_variance', 'variance'],
  ['moving_deviation', 'standard deviation'],
  ['carryKernel', 'kernel of the carry gate'],
  ['carryBias', 'bias of the carry gate'],
]);

const MASK_RULES: Readonly<Record<MaskRule, string>> = {
  holdRepeat: 'masked steps keep the state and repeat the output',
  holdZero: 'masked steps keep the state and put out 0',
  holdState: 'masked steps keep the state and put it out',
  forget: 'a masked step clears the state for the step after it',
};

/** What each array of a layer is, in the order of its roles. */
export function meanings(built: BuiltLayer): string[] {
  const {layer} = built;
  if (layer instanceof Bidirectional) {
    const [forward, backward] = [layer.forwardLayer, layer.backwardLayer];
    return [
      ...statefulMeanings(forward).map(text => `forward ${text}`),
      ...statefulMeanings(backward).map(text => `backward ${text}`),
    ];
  }
  if (layer instanceof StatefulLayer) return statefulMeanings(layer);
  if (layer instanceof SequenceLayer) return layer.cells.flatMap(cellMeanings);
  return plainMeanings(built);
}

function statefulMeanings(layer: StatefulLayer): string[] {
  if (layer instanceof RecurrentLayer) return recurrentMeanings(layer);
  if (layer instanceof Rnn) return cellMeanings(layer.cell);
  // Convolutional ones have an LSTM's gates as channels.
  const gates = Object.values(GATE_NAMES.lstm).join(', ');
  return layer.arrayNames.map(name => `${name.replace('_', ' ')}; channels: ${gates}`);
}

/** By the weights that the arrays fill. */
function plainMeanings({layer, roles, layouts}: BuiltLayer): string[] {
  const [own] = layouts ?? [];
  return roles.map((role, k) => {
    const array = own?.[k];
    const place = typeof array === 'object' ? (array.weight ?? k) : k;
    const name = layer.weights[place]?.originalName.split('/').at(-1) ?? '';
    // What has no better name is what its library calls it.
    return PLAIN.get(name) ?? role.replaceAll('_', ' ');
  });
}

/** The cells that a cell is made of, past wrappers and stacks, in the order of their arrays. */
function leafCells(cell: SequenceCell): DialectCell[] {
  if (cell instanceof CompositeCell) return cell.cells.flatMap(leafCells);
  return cell instanceof DialectCell ? [cell] : [];
}

/** Every array of a cell and of the cells in it, in their order. */
const cellMeanings = (cell: SequenceCell): string[] => leafCells(cell).flatMap(recurrentMeanings);

function recurrentMeanings(layer: RecurrentLayer | DialectCell): string[] {
  const {cell} = layer.recurrence;
  const specs = layer.dialect.arrays(layer.args, layer.version);
  const byName = new Map(specs.map(spec => [spec.name, spec.meaning ?? meaningOf(spec, cell)]));
  return layer.arrayNames.map(name => byName.get(name) ?? '');
}

const gateName = (cell: CellKind, gate: Gate): string =>
  (GATE_NAMES[cell] as Readonly<Partial<Record<Gate, string>>>)[gate] ?? '';

function meaningOf({gates, holds}: ArraySpec, cell: CellKind): string {
  const gateNames = gates.map(gate => gateName(cell, gate)).filter(Boolean);
  const weights = holds.map(weight => weightName(weight, cell)).join(', then ');
  if (gateNames.length <= 1) return [...gateNames, weights].join(' ');
  return `${weights}; columns: ${gateNames.join(', ')}`;
}

/** `peephole.f`: whose is after the point; `initial.c`: which state. */
function weightName(weight: CanonicalName, cell: CellKind): string {
  const [kind, whose] = weight.split('.') as [Head<CanonicalName>, string?];
  const name = WEIGHT_NAMES[kind];
  if (whose === undefined) return name;
  return kind === 'initial' ? `${name} ${whose}` : `${name} of the ${gateName(cell, whose as Gate) || whose}`;
}

/** The states of a layer and what masks do to them; undefined for layers that have none. */
export function statesOf({
  layer,
}: BuiltLayer): {names: string[]; units: number | readonly number[]; rules: string[]} | undefined {
  if (layer instanceof SequenceLayer) {
    const sizes = new Set(layer.cells.flatMap(cell => cell.stateSlots.map(({size}) => size)));
    const rules = [
      'zero at the start of a call unless given',
      MASK_RULES.holdZero.replace('masked steps', "steps past a row's length"),
    ];
    return {names: layer.stateNames, units: sizes.size === 1 ? [...sizes][0]! : [...sizes], rules};
  }
  const inner = layer instanceof Bidirectional ? layer.forwardLayer : layer;
  if (!(inner instanceof StatefulLayer)) return undefined;
  const {stateful, ignoresMask} = inner.behaviour;
  const names =
    layer instanceof Bidirectional
      ? [
          ...layer.forwardLayer.stateNames.map(state => `forward ${state}`),
          ...layer.backwardLayer.stateNames.map(state => `backward ${state}`),
        ]
      : [...inner.stateNames];
  const rules = [
    stateful ? 'kept between calls' : 'zero at the start of a call',
    ignoresMask ? 'masks are not heeded' : MASK_RULES[inner.maskRule],
  ];
  return {names, units: inner.stateSizes, rules};
}
