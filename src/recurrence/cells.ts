import type {Id, Recorder} from './expression';
import {type CellKind, GATES, type Gate, type PeepholeGate, type Recurrence, type StateOf} from './types';
import type {Normalized} from './weights';

/** The states of a cell at one time step. `h` is the output before any masking. */
export type States<C extends CellKind> = Readonly<Record<StateOf<C>, Id>>;

/** One time step of a cell: from the previous states to the next ones. */
export type Step<C extends CellKind> = (g: Recorder, r: Recurrence, previous: States<C>) => States<C>;

/** x·W + b + h·U per gate, in one product, or in one per gate where each has its own dropout mask. */
function preactivations(g: Recorder, r: Recurrence, h: Id, ...gates: Gate[]): Id[] {
  return perGate(
    r,
    gates,
    block => g.limitGradient(g.add(g.input(...block), recurrent(g, r, h, ...block)), r.bptt?.clip),
    g,
  );
}

/** A block of gates at once, taken apart; or gate by gate where they differ in more than their columns. */
function perGate(r: Recurrence, gates: Gate[], compute: (block: Gate[]) => Id, g: Recorder): Id[] {
  if (r.recurrentDropout === 'perGate' || r.recurrent === 'diagonal')
    return gates.map(gate => compute([gate]));
  return g.parts(compute(gates), gates.length);
}

/** h·U of these gates, h thinned out by dropout where there is any. */
function recurrent(g: Recorder, r: Recurrence, h: Id, ...gates: Gate[]): Id {
  if (r.recurrent === 'diagonal')
    return g.mul(thinned(g, r, h, gates[0]!), g.weight('recurrentKernel', ...gates));
  return g.product(thinned(g, r, h, gates[0]!), 'recurrentKernel', gates);
}

function thinned(g: Recorder, r: Recurrence, h: Id, gate: Gate): Id {
  if (!r.recurrentDropout || r.recurrentDropout === 'state') return h;
  return g.mul(h, g.dropout(r.recurrentDropout === 'perGate' ? gate : undefined));
}

/** Long short-term memory (Hochreiter & Schmidhuber 1997), peepholes (Gers & Schmidhuber 2000). */
const lstm: Step<'lstm'> = (g, r, {h, c}) => {
  const peep = (gate: PeepholeGate, z: Id, reads: 'previous' | 'new', cell: Id): Id => {
    const peephole = r.peepholes?.[gate];
    if (peephole?.reads !== reads) return z;
    const term = g.mul(cell, g.weight(`peephole.${gate}`));
    return peephole.rule === 'add' ? g.add(z, term) : term;
  };
  const gates = ['i', 'f', 'c', 'o'] as const;
  const [zi, zf, zc, zo] = preactivations(g, r, h, ...gates).map((z, k) =>
    normalized(g, r, z, gates[k]!),
  ) as [Id, Id, Id, Id];
  const f = g.activate(g.offset(peep('f', zf, 'previous', c), r.forgetBias ?? 0), r.activations.f!);
  const i = r.coupled ? g.complement(f) : g.activate(peep('i', zi, 'previous', c), r.activations.i!);
  const fresh = g.clip(g.add(g.mul(f, c), g.mul(i, g.activate(zc, r.activations.c!))), r.cellClip);
  const next = normalized(g, r, fresh, 'state');
  const o = g.activate(peep('o', peep('o', zo, 'previous', c), 'new', next), r.activations.o!);
  const output = g.mul(o, g.activate(next, r.activations.h!));
  const projected = r.projection === undefined ? output : g.product(output, 'projection', []);
  return {h: g.clip(projected, r.projectionClip), c: next};
};

/** Layer normalization (Ba et al. 2016), where the recurrence has it. */
function normalized(g: Recorder, r: Recurrence, x: Id, what: Normalized): Id {
  if (!r.layerNorm) return x;
  const standard = g.standardize(x, r.layerNorm.epsilon);
  return g.add(g.mul(standard, g.weight(`gain.${what}`)), g.weight(`shift.${what}`));
}

/** h·U per gate, with its own bias where the recurrence has one. */
function recurrentParts(g: Recorder, r: Recurrence, h: Id, gates: Gate[]): Id[] {
  const biased = (block: Gate[]): Id => {
    const product = g.limitGradient(recurrent(g, r, h, ...block), r.bptt?.clip);
    return (r.recurrentBias ?? r.bias) ? g.add(product, g.weight('recurrentBias', ...block)) : product;
  };
  return perGate(r, gates, biased, g);
}

/** Gated recurrent unit (Cho et al. 2014); reset after the product: its version 1 and cuDNN's. */
const gru: Step<'gru'> = (g, r, {h}) => {
  let z: Id, reset: Id, candidate: Id;
  if (r.reset === 'after') {
    const limited = (id: Id): Id => g.limitGradient(id, r.bptt?.clip);
    const [rz, rr, rh] = recurrentParts(g, r, h, ['z', 'r', 'h']) as [Id, Id, Id];
    z = g.activate(g.add(limited(g.input('z')), rz), r.activations.z!);
    reset = g.activate(g.add(limited(g.input('r')), rr), r.activations.r!);
    candidate = limited(g.add(limited(g.input('h')), g.mul(reset, rh)));
  } else {
    const [zz, zr] = preactivations(g, r, h, 'z', 'r') as [Id, Id];
    z = g.activate(zz, r.activations.z!);
    reset = g.activate(zr, r.activations.r!);
    candidate = g.add(g.input('h'), recurrentAfterReset(g, r, h, reset));
  }
  return {h: blend(g, r, z, h, g.activate(candidate, r.activations.h!))};
};

/** (r∘h)·U of the candidate. */
function recurrentAfterReset(g: Recorder, r: Recurrence, h: Id, reset: Id): Id {
  if (r.recurrent === 'diagonal')
    return g.mul(g.mul(reset, thinned(g, r, h, 'h')), g.weight('recurrentKernel', 'h'));
  return g.product(g.mul(reset, thinned(g, r, h, 'h')), 'recurrentKernel', ['h']);
}

/** z keeps the previous state and lets the rest of the candidate in, or the other way round. */
function blend(g: Recorder, r: Recurrence, z: Id, h: Id, candidate: Id): Id {
  const [keep, take] = r.updateGate === 'takes' ? [g.complement(z), z] : [z, g.complement(z)];
  return g.add(g.mul(keep, h), g.mul(take, candidate));
}

/** Elman 1990. */
const simple: Step<'simple'> = (g, r, {h}) => {
  const [z] = preactivations(g, r, h, 'h') as [Id];
  return {h: g.activate(z, r.activations.h!)};
};

/**
 * MUT1 to MUT3 of Jozefowicz et al. 2015, in the shape that Keras 0.1 and 0.2 gave them as JZS1 to JZS3
 * (keras/layers/recurrent.py of 0.2.0). MUT1's update gate does not look at h; its candidate bends the
 * projected input with a tanh of its own, before the bias. MUT2's reset gate takes the projected input.
 * MUT3's update gate looks at tanh(h).
 */
const mut =
  (kind: 1 | 2 | 3): Step<'mut1' | 'mut2' | 'mut3'> =>
  (g, r, {h}) => {
    const look = kind === 3 ? g.activate(h, {kind: 'tanh'}) : h;
    const zz = kind === 1 ? g.input('z') : g.add(g.input('z'), recurrent(g, r, look, 'z'));
    const z = g.activate(zz, r.activations.z!);
    const reset = g.activate(g.add(g.input('r'), recurrent(g, r, h, 'r')), r.activations.r!);
    const bent = kind === 1 ? g.activate(g.input('h'), {kind: 'tanh'}) : g.input('h');
    const x = kind === 1 && r.bias ? g.add(bent, g.weight('stepBias', 'h')) : bent;
    const candidate = g.activate(g.add(x, recurrentAfterReset(g, r, h, reset)), r.activations.h!);
    return {h: blend(g, r, z, h, candidate)};
  };

/** Update gate recurrent network (Collins et al. 2016): one gate, which keeps. */
const ugrnn: Step<'ugrnn'> = (g, r, {h}) => {
  const [zz, zh] = preactivations(g, r, h, 'z', 'h') as [Id, Id];
  const z = g.activate(g.offset(zz, r.forgetBias ?? 0), r.activations.z!);
  return {h: blend(g, r, z, h, g.activate(zh, r.activations.h!))};
};

/** The cell that an architecture search found (Zoph and Le 2016), as TensorFlow 1.15's NASCell computes it. */
const nas: Step<'nas'> = (g, r, {h, c}) => {
  const gates = GATES.nas;
  const m = recurrentParts(g, r, h, [...gates]);
  const x = gates.map(gate => g.input(gate));
  const sum = (k: number): Id => g.add(x[k]!, m[k]!);
  const tanh = (id: Id): Id => g.activate(id, {kind: 'tanh'});
  const sigmoid = (id: Id): Id => g.activate(id, {kind: 'sigmoid'});
  const relu = (id: Id): Id => g.activate(id, {kind: 'relu'});
  const left = tanh(g.mul(sigmoid(sum(0)), relu(sum(1))));
  const right = tanh(g.add(sigmoid(sum(2)), relu(g.mul(x[3]!, m[3]!))));
  const third = tanh(g.mul(tanh(sum(4)), sigmoid(sum(5))));
  const fourth = sigmoid(g.add(tanh(sum(6)), sigmoid(sum(7))));
  const next = g.mul(tanh(g.add(left, c)), right);
  const output = tanh(g.mul(next, tanh(g.add(third, fourth))));
  return {h: r.projection === undefined ? output : g.product(output, 'projection', []), c: next};
};

/** The equations of every cell. */
export const CELLS: {readonly [C in CellKind]: Step<C>} = {
  lstm,
  gru,
  simple,
  mut1: mut(1),
  mut2: mut(2),
  mut3: mut(3),
  ugrnn,
  nas,
};

/** Columns of gate blocks in a weight of this cell: the first one's index, and how many. */
export function gateColumns(cell: CellKind, gates: readonly Gate[]): [first: number, count: number] {
  return [GATES[cell].indexOf(gates[0]!), gates.length];
}
