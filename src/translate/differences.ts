import {type Activation, sameActivation} from '../recurrence/activations';
import {entriesOf, keysOf} from '../recurrence/records';
import type {Gate, Semantics} from '../recurrence/types';

/** What a target cannot express of a source, as far as one field goes. */
type Difference = (source: Semantics, target: Semantics) => readonly string[];

/** Whatever its values are, outputs are the same: the arrays carry the difference, or masks and training alone do. */
const none: Difference = () => [];

/** A feature that a layer has or has not, of one kind or another. `text` is empty for what says nothing. */
const feature =
  <F extends keyof Semantics>(field: F, name: string, text: (value: Semantics[F]) => string): Difference =>
  (source, target) => {
    const [a, b] = [text(source[field]), text(target[field])];
    if (a === b) return [];
    if (a === '') return [`it has no ${name}`];
    return [b === '' ? `it has ${name}` : `${name} of another kind: ${a}, not ${b}`];
  };

const plain = (value: number | boolean | undefined): string => (value ? String(value) : '');

/** What each field of a recurrence means to a translation, in the order in which reasons are told. */
const DIFFERENCES: {readonly [F in keyof Semantics]-?: Difference} = {
  cell: none,
  coupled: feature('coupled', 'coupled input and forget gates', plain),
  cellClip: feature('cellClip', 'a cell clip', plain),
  projection: feature('projection', 'a projection', plain),
  projectionClip: feature('projectionClip', 'a projection clip', plain),
  layerNorm: feature('layerNorm', 'layer normalization', norm => (norm ? `epsilon ${norm.epsilon}` : '')),
  peepholes: feature('peepholes', 'peepholes', readings),
  forgetBias: feature('forgetBias', 'a run-time forget bias', plain),
  activations: activationDifferences,
  recurrent: ({recurrent: a = 'matrix'}, {recurrent: b = 'matrix'}) =>
    a === b ? [] : [`its units see ${a === 'diagonal' ? 'their own h alone' : 'all of h'}`],
  reset: ({cell, reset: a = 'before'}, {reset: b = 'before'}) =>
    cell === 'gru' && a !== b ? [`the reset gate acts ${a} the recurrent product, not ${b} it`] : [],
  direction: (source, target) =>
    source.direction === target.direction ? [] : [`it runs ${source.direction}`],
  outputOrder: ({direction, outputOrder}, target) =>
    direction === 'backward' && target.direction === 'backward' && outputOrder !== target.outputOrder
      ? [`its backward outputs are in ${outputOrder === 'time' ? 'time order' : 'the order of processing'}`]
      : [],
  units: none,
  bias: none,
  recurrentBias: none,
  updateGate: none,
  // For `remarks`.
  mask: none,
  bptt: none,
  recurrentDropout: none,
};

/** What a source's layer computes that a target cannot express; empty where it can, exactly. */
export function differences(source: Semantics, target: Semantics): string[] {
  if (source.cell !== target.cell) return [`it is a ${source.cell} cell, not a ${target.cell}`];
  return Object.values(DIFFERENCES).flatMap(difference => difference(source, target));
}

/** What differs where steps are masked or the layer is trained: no reason to refuse, but to be told. */
export function remarks(source: Semantics, target: Semantics): string[] {
  const notes: string[] = [];
  if (source.mask !== target.mask) notes.push(`masked steps: '${source.mask}' there, '${target.mask}' here`);
  const limits = Object.values(source.bptt ?? {}).some(limit => limit !== undefined);
  if (limits) notes.push('limits on back-propagation do not carry over');
  return notes;
}

const GATE_NAMES: Readonly<Partial<Record<Gate, string>>> = {
  i: 'the input gate',
  f: 'the forget gate',
  c: 'the candidate',
  o: 'the output gate',
  z: 'the update gate',
  r: 'the reset gate',
};

const describe = (gate: Gate): string => GATE_NAMES[gate] ?? 'the output';

/** What each gate's peephole reads: `the output gate adds the new cell`. */
function readings(peepholes: Semantics['peepholes'] = {}): string {
  const gates = keysOf(peepholes).sort();
  return gates
    .flatMap(gate => {
      const {rule, reads} = peepholes[gate] ?? {};
      return rule ? [`${describe(gate)} ${rule === 'add' ? 'adds' : 'is'} the ${reads} cell`] : [];
    })
    .join(', ');
}

/** Gates that differ in the same way are told together. */
function activationDifferences(source: Semantics, target: Semantics): string[] {
  const groups = new Map<string, string[]>();
  for (const [gate, activation] of entriesOf(source.activations)) {
    const other = target.activations[gate];
    if (!other || sameActivation(activation, other)) continue;
    const how = `${nameOf(activation)}, not ${nameOf(other)}`;
    groups.set(how, [...(groups.get(how) ?? []), describe(gate)]);
  }
  return [...groups].map(([how, gates]) => `${gates.join(' and ')}: ${how}`);
}

function nameOf({kind, ...parameters}: Activation): string {
  const values = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  return values.length > 0 ? `${kind} (${values.join(', ')})` : kind;
}
