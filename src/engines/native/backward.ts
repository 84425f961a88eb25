import * as tf from '@tensorflow/tfjs-core';
import type {Id} from '../../recurrence/expression';
import {outputSize, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {gradients, joinGates, type Unrolled} from '../gradients';
import {type Plan, plan} from '../plan';
import type {ForwardOptions, Gradients, RecurrenceInputs} from '../types';
import {fixedLeaves, maskLeaves} from './feeds';
import {leafKey} from './loop';
import {runLoop} from './session';

/** Back-propagation through time in one native call; the products over all steps follow it. */
export function backward(
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  reserve: readonly tf.Tensor[],
  dy: tf.Tensor,
  dStates: readonly tf.Tensor[],
): Gradients {
  const call = plan(r, inputs);
  return gradients(call, r, inputs, unroll(call, r, inputs, options, reserve, dy, dStates));
}

function unroll(
  call: Plan,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  reserve: readonly tf.Tensor[],
  dy: tf.Tensor,
  dStates: readonly tf.Tensor[],
): Unrolled {
  const {step, backward: graph, batch, time} = call;
  const count = Math.min(time, r.bptt?.steps ?? time);
  // The steps processed last: the late ones, or the early ones of a backward layer.
  const first = r.direction === 'forward' ? time - count : 0;
  const part = (stack: tf.Tensor): tf.Tensor =>
    count === time ? stack : tf.slice(stack, [first, 0, 0], [count, -1, -1]);
  const savedOf = (id: Id): tf.Tensor => part(reserve[graph.saved.indexOf(id)]!);

  const perStep = new Map<string, tf.Tensor>();
  for (const [key, masks] of maskLeaves(graph.nodes, r, inputs)) perStep.set(key, part(masks));
  for (const node of graph.nodes) if (node.op === 'saved') perStep.set(leafKey(node), savedOf(node.id));
  const output = leafKey({op: 'upstream', name: 'output'});
  perStep.set(output, part(outputGradients(r, options, dy, time)));
  const fixed = fixedLeaves(graph.nodes, call, inputs);
  const carried = step.carried.map(
    name => dStates[STATES[r.cell].indexOf(name)] ?? tf.zeros([batch, stateSize(r, name)]),
  );
  const stacked = [
    ...new Set([...graph.inputs.map(({id}) => id), ...graph.weights.map(gradient => gradient.dy)]),
  ];
  const results = runLoop(
    {
      nodes: graph.nodes,
      carried: step.carried.map(name => ({
        leaf: leafKey({op: 'upstream', name}),
        next: graph.states[name] ?? -1,
      })),
      perStep: [...perStep.keys()],
      fixed: [...fixed.keys()],
      stacked,
      last: [],
      reverse: r.direction === 'forward',
    },
    [tf.scalar(count, 'int32'), ...carried, ...perStep.values(), ...fixed.values()],
  );
  const stack = (id: Id): tf.Tensor => results[step.carried.length + stacked.indexOf(id)]!;
  const initial = Object.fromEntries(step.carried.map((name, k) => [name, results[k]!]));
  return {
    steps: Array.from({length: count}, (_, k) => first + k),
    dz: joinGates(call, r, stack, () => tf.zeros([count, batch, r.units])),
    dys: graph.weights.map(gradient => stack(gradient.dy)),
    saved: savedOf,
    // A truncated pass never reaches the initial state.
    initial: count === time ? initial : {},
  };
}

/** The gradient of every step's output, `[time, batch, units]` in time order. */
function outputGradients(r: Recurrence, options: ForwardOptions, dy: tf.Tensor, time: number): tf.Tensor {
  if (options.returns === 'sequence') {
    const steps = tf.transpose(dy, [1, 0, 2]);
    return r.direction === 'backward' && r.outputOrder === 'processed' ? tf.reverse(steps, 0) : steps;
  }
  const own = tf.expandDims(dy, 0);
  if (time === 1) return own;
  const none = tf.zeros([time - 1, dy.shape[0]!, outputSize(r)]);
  return tf.concat(r.direction === 'forward' ? [none, own] : [own, none]);
}
