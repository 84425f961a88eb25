import * as tf from '@tensorflow/tfjs-core';
import type {Id} from '../../recurrence/expression';
import {GATES, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {interpret} from '../interpret';
import type {ForwardOptions, Gradients, RecurrenceInputs} from '../types';
import {tfjsArithmetic} from './arithmetic';
import {type Plan, plan} from './plan';

/** What the loop over the steps leaves: per step, the gradients that weights and x are computed from. */
interface Unrolled {
  /** The steps that carried gradient, first processed first. */
  readonly steps: readonly number[];
  /** Gradient of the pre-activations, `[steps, batch, gates·units]`. */
  readonly dz: tf.Tensor;
  /** For each weight gradient of the graph: its dy, `[steps, batch, ·]`. */
  readonly dys: readonly tf.Tensor[];
  readonly initial: Readonly<Record<string, tf.Tensor>>;
}

/**
 * Back-propagation through time over the values that the forward pass saved. The loop runs at once; the
 * products over all steps that weights and x need are made when they are asked for.
 */
export function backward(
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  reserve: readonly tf.Tensor[],
  dy: tf.Tensor,
  dStates: readonly tf.Tensor[],
): Gradients {
  const call = plan(r, inputs);
  const savedOf = (id: Id): tf.Tensor => reserve[call.backward.saved.indexOf(id)]!;
  const run = unroll(call, r, inputs, options, savedOf, dy, dStates);
  const weight = (name: string): tf.Tensor => gradientOfWeight(call, r, inputs, savedOf, run, name);
  const limited =
    r.bptt?.norm === undefined ? undefined : limitNorm(Object.keys(inputs.weights), weight, r.bptt.norm);
  return {
    x: () => gradientOfX(call, r, inputs, run),
    initial: state => run.initial[state] ?? tf.zerosLike(inputs.initial[state]!),
    weight: name => limited?.get(name) ?? weight(name),
  };
}

/** All weights' gradients, scaled together where their norm is above the limit. */
function limitNorm(
  names: readonly string[],
  gradient: (name: string) => tf.Tensor,
  limit: number,
): Map<string, tf.Tensor> {
  const all = names.map(gradient);
  const norm = tf.sqrt(tf.addN(all.map(g => tf.sum(tf.square(g)))));
  const scale = tf.minimum(1, tf.div(limit, tf.maximum(norm, 1e-16)));
  return new Map(names.map((name, k) => [name, tf.mul(all[k]!, scale)]));
}

function unroll(
  call: Plan,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  savedOf: (id: Id) => tf.Tensor,
  dy: tf.Tensor,
  dStates: readonly tf.Tensor[],
): Unrolled {
  const {order, step, backward: graph} = call;
  const first = Math.max(0, order.length - (r.bptt?.steps ?? order.length));
  const masks = call.masks();
  const saved = new Map(graph.saved.map(id => [id, tf.unstack(savedOf(id))]));
  const dOutputs = outputGradients(r, options, dy, order.length);
  const dz: tf.Tensor[] = [];
  const dys: tf.Tensor[][] = graph.weights.map(() => []);
  const zeros = tf.zeros([call.batch, r.units]);
  const noGradient = (state: string): tf.Tensor => tf.zeros([call.batch, stateSize(r, state)]);
  // Weights are cut outside the steps' tidy, which would free them.
  for (const node of graph.nodes) {
    if (node.op === 'weight') call.weight(node.name, node.gates);
    if (node.op === 'product') call.weight(node.weight, node.gates);
  }
  let carried: Record<string, tf.Tensor> = Object.fromEntries(
    step.carried.map(name => [name, dStates[STATES[r.cell].indexOf(name)] ?? noGradient(name)]),
  );
  for (let k = order.length - 1; k >= first; k--) {
    const kept = tf.tidy(() => {
      const values = interpret(
        graph.nodes,
        {
          input: unexpected,
          state: unexpected,
          weight: call.weight,
          dropout: gate => inputs.dropout[gate ?? 'all']!,
          mask: of =>
            of === 'this' ? masks[order[k]!]! : (masks[order[k - 1]!] ?? tf.zeros([call.batch, 1])),
          saved: id => saved.get(id)![k]!,
          upstream: name => (name === 'output' ? (dOutputs[k] ?? noGradient('y')) : carried[name]!),
        },
        tfjsArithmetic,
      );
      const before = step.carried.map(name =>
        graph.states[name] === undefined ? noGradient(name) : values[graph.states[name]]!,
      );
      return [inputGradient(call, r, values, zeros), ...graph.weights.map(({dy}) => values[dy]!), ...before];
    });
    const [dInput, ...rest] = kept;
    dz.unshift(dInput!);
    for (const [w, list] of dys.entries()) list.unshift(rest[w]!);
    carried = Object.fromEntries(step.carried.map((name, s) => [name, rest[dys.length + s]!]));
  }
  // A truncated pass never reaches the initial state.
  const initial = first === 0 ? carried : {};
  return {steps: order.slice(first), dz: tf.stack(dz), dys: dys.map(list => tf.stack(list)), initial};
}

/** The gradient of each processed step's output. */
function outputGradients(
  r: Recurrence,
  options: ForwardOptions,
  dy: tf.Tensor,
  count: number,
): (tf.Tensor | undefined)[] {
  if (options.returns === 'last') {
    const list = new Array<tf.Tensor | undefined>(count).fill(undefined);
    list[count - 1] = dy;
    return list;
  }
  const list = tf.unstack(dy, 1);
  return r.outputOrder === 'time' && r.direction === 'backward' ? list.reverse() : list;
}

/** `[batch, gates·units]` from the pieces that the graph has. */
function inputGradient(call: Plan, r: Recurrence, values: tf.Tensor[], zeros: tf.Tensor): tf.Tensor {
  const gates = GATES[r.cell];
  const pieces = call.backward.inputs;
  if (pieces.length === 1 && pieces[0]!.gates.length === gates.length) return values[pieces[0]!.id]!;
  const blocks: tf.Tensor[] = [];
  for (let g = 0; g < gates.length; ) {
    const piece = pieces.find(({gates: covered}) => covered[0] === gates[g]);
    blocks.push(piece ? values[piece.id]! : zeros);
    g += piece ? piece.gates.length : 1;
  }
  return tf.concat(blocks, 1);
}

function gradientOfX(call: Plan, r: Recurrence, inputs: RecurrenceInputs, run: Unrolled): tf.Tensor {
  const width = run.dz.shape[2]!;
  const raw = r.input === 'preactivations';
  const dx = raw
    ? run.dz
    : tf.reshape(tf.matMul(tf.reshape(run.dz, [-1, width]), inputs.weights.kernel!, false, true), [
        run.steps.length,
        call.batch,
        inputs.x.shape[2]!,
      ]);
  const missing = call.time - run.steps.length;
  const whole = missing > 0 ? tf.concat([tf.zeros([missing, ...dx.shape.slice(1)]), dx]) : dx;
  const inTime = r.direction === 'backward' ? tf.reverse(whole, 0) : whole;
  return tf.transpose(inTime, [1, 0, 2]);
}

function gradientOfWeight(
  call: Plan,
  r: Recurrence,
  inputs: RecurrenceInputs,
  savedOf: (id: Id) => tf.Tensor,
  run: Unrolled,
  name: string,
): tf.Tensor {
  const whole = inputs.weights[name]!;
  if (name === 'bias') return tf.sum(run.dz, [0, 1]);
  if (name === 'kernel') {
    const x = tf.gather(inputs.x, tf.tensor1d([...run.steps], 'int32'), 1);
    return tf.matMul(rows(tf.transpose(x, [1, 0, 2])), rows(run.dz), true);
  }
  const blocks = new Map<string, tf.Tensor>();
  for (const [w, gradient] of call.backward.weights.entries()) {
    if (gradient.weight !== name) continue;
    const dy = run.dys[w]!;
    const d =
      gradient.kind === 'vector'
        ? tf.sum(dy, [0, 1])
        : tf.matMul(rows(lastSteps(savedOf(gradient.x), run.steps.length)), rows(dy), true);
    const key = gradient.gates[0] ?? '';
    const sofar = blocks.get(key);
    blocks.set(key, sofar ? tf.add(sofar, d) : d);
  }
  return assemble(r, whole, blocks);
}

/** Puts gate blocks side by side; gates that nothing flowed into get zeros. */
function assemble(r: Recurrence, whole: tf.Tensor, blocks: Map<string, tf.Tensor>): tf.Tensor {
  const only = blocks.size === 1 ? [...blocks.values()][0]! : undefined;
  if (only && tf.util.arraysEqual(only.shape, whole.shape)) return only;
  const axis = whole.rank - 1;
  const columns: tf.Tensor[] = [];
  const gates = GATES[r.cell];
  for (let g = 0; g < gates.length; ) {
    const block = blocks.get(gates[g]!) ?? tf.zeros([...whole.shape.slice(0, axis), r.units]);
    columns.push(block);
    g += block.shape[axis]! / r.units;
  }
  return tf.concat(columns, axis);
}

function rows(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape[x.rank - 1]!]) as tf.Tensor2D;
}

function lastSteps(x: tf.Tensor, count: number): tf.Tensor {
  return tf.slice(x, [x.shape[0]! - count, 0, 0]);
}

function unexpected(): never {
  throw new TypeError('a backward step reads only saved and upstream values');
}
