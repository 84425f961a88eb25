import {type Activation, sameActivation} from '../recurrence/activations';
import {entriesOf} from '../recurrence/records';
import type {Gate, Recurrence} from '../recurrence/types';

type Said = Omit<Recurrence, 'input'>;

/** Words of a recurrence, and what to call them. Those that only training or masks care about are not here. */
const WORDS: readonly (readonly [keyof Said, string])[] = [
  ['coupled', 'coupled input and forget gates'],
  ['cellClip', 'a cell clip'],
  ['projection', 'a projection'],
  ['projectionClip', 'a projection clip'],
  ['layerNorm', 'layer normalization'],
  ['peepholes', 'peepholes'],
  ['forgetBias', 'a run-time forget bias'],
];

/** What a layer means that another one's words cannot say; empty where they say it exactly. */
export function differences(wanted: Said, said: Said): string[] {
  const reasons: string[] = [];
  if (wanted.cell !== said.cell) return [`it is a ${wanted.cell} cell, not a ${said.cell}`];
  for (const [word, name] of WORDS) {
    const [a, b] = [plain(wanted[word]), plain(said[word])];
    if (a === b) continue;
    const other = word === 'peepholes' ? `${readings(wanted)}, not ${readings(said)}` : `${a}, not ${b}`;
    reasons.push(
      a === '' ? `it has no ${name}` : b === '' ? `it has ${name}` : `${name} of another kind: ${other}`,
    );
  }
  reasons.push(...activationDifferences(wanted, said));
  if ((wanted.recurrent ?? 'matrix') !== (said.recurrent ?? 'matrix')) {
    reasons.push(`its units see ${wanted.recurrent === 'diagonal' ? 'their own h alone' : 'all of h'}`);
  }
  if (wanted.cell === 'gru' && (wanted.reset ?? 'before') !== (said.reset ?? 'before')) {
    reasons.push(
      `the reset gate acts ${wanted.reset ?? 'before'} the recurrent product, not ${said.reset ?? 'before'} it`,
    );
  }
  if (wanted.direction !== said.direction) reasons.push(`it runs ${wanted.direction}`);
  else if (wanted.direction === 'backward' && wanted.outputOrder !== said.outputOrder) {
    reasons.push(
      `its backward outputs are in ${wanted.outputOrder === 'time' ? 'time order' : 'the order of processing'}`,
    );
  }
  return reasons;
}

/** What differs where steps are masked or the layer is trained: no reason to refuse, but to be said. */
export function remarks(wanted: Said, said: Said): string[] {
  const notes: string[] = [];
  if (wanted.mask !== said.mask) notes.push(`masked steps: '${wanted.mask}' there, '${said.mask}' here`);
  const limits = Object.values(wanted.bptt ?? {}).some(limit => limit !== undefined);
  if (limits) notes.push('limits on back-propagation do not carry over');
  return notes;
}

/** A word's value as text; the same for all that say nothing. */
function plain(value: unknown): string {
  if (value === undefined || value === 0 || value === false) return '';
  const keys = ['i', 'f', 'o', 'rule', 'reads', 'epsilon'];
  return typeof value === 'object' ? JSON.stringify(value, keys) : String(value);
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
function readings({peepholes = {}}: Said): string {
  return entriesOf(peepholes)
    .map(([gate, {rule, reads}]) => `${describe(gate)} ${rule === 'add' ? 'adds' : 'is'} the ${reads} cell`)
    .join(', ');
}

/** Gates that differ in the same way are told together. */
function activationDifferences(wanted: Said, said: Said): string[] {
  const groups = new Map<string, string[]>();
  for (const [gate, activation] of entriesOf(wanted.activations)) {
    const other = said.activations[gate];
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
