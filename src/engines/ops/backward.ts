import * as tf from '@tensorflow/tfjs-core';
import type {Id} from '../../recurrence/expression';
import {recordOf} from '../../recurrence/records';
import {type CarriedState, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {sideBySide} from '../blocks';
import {gradients, type Unrolled} from '../gradients';
import {interpret} from '../interpret';
import {type Plan, plan} from '../plan';
import type {ForwardOptions, Gradients, RecurrenceInputs, Saved} from '../types';
import {tfjsArithmetic} from './arithmetic';

/** Back-propagation through time over the values that the forward pass saved, a step at a time. */
export function backward(
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  {reserve, dy, dStates}: Saved,
): Gradients {
  const call = plan(r, inputs);
  const savedOf = (id: Id): tf.Tensor => reserve[call.backward.saved.indexOf(id)]!;
  return gradients(call, r, inputs, unroll(call, r, inputs, options, savedOf, dy, dStates));
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
  const noGradient = (state: CarriedState): tf.Tensor => tf.zeros([call.batch, stateSize(r, state)]);
  // Weights are cut outside the steps' tidy, which would free them.
  for (const node of graph.nodes) {
    if (node.op === 'weight') call.weight(node.name, node.gates);
    if (node.op === 'product') call.weight(node.weight, node.gates);
  }
  let carried = recordOf(step.carried, name =>
    name === 'y' ? noGradient(name) : dStates[STATES[r.cell].indexOf(name)]!,
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
      const blocks = graph.inputs.map(({gates, id}) => ({gates, value: values[id]!}));
      const dInput = sideBySide(r.cell, blocks, {
        none: () => tf.zeros([call.batch, r.units]),
        concat: tfjsArithmetic.concat,
      });
      return [dInput, ...graph.weights.map(gradient => values[gradient.dy]!), ...before];
    });
    const [dInput, ...rest] = kept;
    dz.unshift(dInput!);
    for (const [w, list] of dys.entries()) list.unshift(rest[w]!);
    carried = recordOf(step.carried, (_, s) => rest[dys.length + s]!);
  }
  const count = order.length - first;
  return {
    steps: order.slice(first),
    dz: tf.stack(dz),
    dys: dys.map(list => tf.stack(list)),
    saved: id => tf.slice(savedOf(id), [first, 0, 0], [count, -1, -1]),
    // A truncated pass never reaches the initial state.
    initial: first === 0 ? carried : {},
  };
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

function unexpected(): never {
  throw new TypeError('a backward step reads only saved and upstream values');
}
