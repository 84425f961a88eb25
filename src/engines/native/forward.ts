import * as tf from '@tensorflow/tfjs-core';
import {gateColumns} from '../../recurrence/cells';
import {outputSize, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {fixedLeaves, maskLeaves} from './feeds';
import {leafKey} from './loop';
import {runLoop} from './session';

/** Runs the whole sequence in one native call. `reserve` holds `[time, batch, ·]` per saved value, in time order. */
export function forward(r: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult {
  const names = STATES[r.cell];
  const flat = tf.tidy(() => {
    const call = plan(r, inputs);
    const {step, backward} = call;
    const saved = options.save ? backward.saved : [];
    const sequence = options.returns === 'sequence';
    const z = projectTimeMajor(r, inputs);
    const perStep = maskLeaves(step.nodes, r, inputs);
    for (const node of step.nodes)
      if (node.op === 'input') perStep.set(leafKey(node), columns(r, z, node.gates));
    const fixed = fixedLeaves(step.nodes, call, inputs);
    const initial = step.carried.map(
      name => inputs.initial[name] ?? tf.zeros([call.batch, stateSize(r, name)]),
    );
    const last = sequence ? [] : [step.output];
    const results = runLoop(
      {
        nodes: step.nodes,
        carried: step.carried.map(name => ({leaf: leafKey({op: 'state', name}), next: step.next[name]!})),
        perStep: [...perStep.keys()],
        fixed: [...fixed.keys()],
        stacked: sequence ? [step.output, ...saved] : saved,
        last,
        reverse: r.direction === 'backward',
      },
      [
        tf.scalar(call.time, 'int32'),
        ...initial,
        ...perStep.values(),
        ...fixed.values(),
        ...last.map(() => tf.zeros([call.batch, outputSize(r)])),
      ],
    );
    const states = results.slice(0, names.length);
    const stacks = results.slice(
      step.carried.length,
      step.carried.length + saved.length + (sequence ? 1 : 0),
    );
    const y = sequence ? batchMajor(r, stacks.shift()!) : results.at(-1)!;
    return [y, ...states, ...stacks];
  });
  const [y, ...rest] = flat;
  return {y: y!, states: rest.slice(0, names.length), reserve: rest.slice(names.length)};
}

/** x·W + b for all steps at once, `[time, batch, gates·units]`. */
function projectTimeMajor(r: Recurrence, {x, weights}: RecurrenceInputs): tf.Tensor {
  const [batch, time, features] = x.shape as [number, number, number];
  const steps = tf.transpose(x, [1, 0, 2]);
  if (r.input === 'preactivations') return steps;
  const flat = tf.matMul(tf.reshape(steps, [time * batch, features]), weights.kernel!);
  const biased = weights.bias ? tf.add(flat, weights.bias) : flat;
  return tf.reshape(biased, [time, batch, -1]);
}

function columns(r: Recurrence, z: tf.Tensor, gates: readonly string[]): tf.Tensor {
  const [first, count] = gateColumns(r.cell, gates);
  if (count * r.units === z.shape[2]) return z;
  return tf.slice(z, [0, 0, first * r.units], [-1, -1, count * r.units]);
}

/** From time order to the order of the output, `[batch, time, units]`. */
function batchMajor(r: Recurrence, y: tf.Tensor): tf.Tensor {
  const turned = r.direction === 'backward' && r.outputOrder === 'processed' ? tf.reverse(y, 0) : y;
  return tf.transpose(turned, [1, 0, 2]);
}
