import * as tf from '@tensorflow/tfjs-core';
import {gateColumns} from '../../recurrence/cells';
import {type Gate, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {interpret} from '../interpret';
import {type Plan, plan, project} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {tfjsArithmetic} from './arithmetic';

/** Runs the whole sequence, a step at a time. `reserve` holds a `[time, batch, ·]` tensor per saved value. */
export function forward(r: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult {
  const names = STATES[r.cell];
  const flat = tf.tidy(() => {
    const call = plan(r, inputs);
    const projected = tf.unstack(project(r, inputs), 1);
    const masks = call.masks();
    const outputs: tf.Tensor[] = [];
    const saved: tf.Tensor[][] = call.backward.saved.map(() => []);
    let carried = initialStates(call, r, inputs);
    for (const [k, t] of call.order.entries()) {
      const step = runStep(call, r, inputs, projected[t]!, carried, masks[t], masks[call.order[k - 1]!]);
      if (options.save) for (const [s, value] of step.saved.entries()) saved[s]!.push(value);
      else for (const state of carried) state.dispose();
      carried = step.next;
      outputs.push(step.output);
      if (options.returns === 'last' && outputs.length > 1) outputs.shift()!.dispose();
    }
    const y = options.returns === 'sequence' ? inOrder(r, outputs) : outputs[0]!;
    const reserve = options.save ? saved.map(values => tf.stack(values)) : [];
    return [y, ...carried.slice(0, names.length), ...reserve];
  });
  const [y, ...rest] = flat;
  return {y: y!, states: rest.slice(0, names.length), reserve: rest.slice(names.length)};
}

/** The outputs of all steps, given as processed, `[batch, time, ·]`. */
function inOrder(r: Recurrence, outputs: readonly tf.Tensor[]): tf.Tensor {
  const turned = r.outputOrder === 'time' && r.direction === 'backward';
  return tf.stack(turned ? [...outputs].reverse() : [...outputs], 1);
}

/** Copies of the given initial states, zeros for the others, in the order of the carried states. */
function initialStates(call: Plan, r: Recurrence, inputs: RecurrenceInputs): tf.Tensor[] {
  return call.step.carried.map(name => {
    const given = name === 'y' ? undefined : inputs.initial[name];
    return given ? tf.clone(given) : tf.zeros([call.batch, stateSize(r, name)]);
  });
}

interface StepResult {
  next: tf.Tensor[];
  output: tf.Tensor;
  saved: tf.Tensor[];
}

/** One step; everything that is not asked for again is freed. */
function runStep(
  call: Plan,
  r: Recurrence,
  inputs: RecurrenceInputs,
  projected: tf.Tensor,
  carried: readonly tf.Tensor[],
  mask: tf.Tensor | undefined,
  previousMask: tf.Tensor | undefined,
): StepResult {
  const {step, backward, weight} = call;
  const width = carried.length;
  // Weights are cut outside the step's tidy, which would free them.
  for (const node of step.nodes) {
    if (node.op === 'weight') weight(node.name, node.gates);
    if (node.op === 'product') weight(node.weight, node.gates);
  }
  const kept = tf.tidy(() => {
    const values = interpret(
      step.nodes,
      {
        input: gates => columns(r, projected, gates),
        state: name => carried[step.carried.indexOf(name)]!,
        weight,
        dropout: gate => inputs.dropout[gate ?? 'all']!,
        mask: of => (of === 'this' ? mask! : (previousMask ?? tf.zeros([call.batch, 1]))),
        saved: unexpected,
        upstream: unexpected,
      },
      tfjsArithmetic,
    );
    const next = step.carried.map(name => tf.clone(values[step.next[name]!]!));
    return [...next, tf.clone(values[step.output]!), ...backward.saved.map(id => tf.clone(values[id]!))];
  });
  return {next: kept.slice(0, width), output: kept[width]!, saved: kept.slice(width + 1)};
}

function columns(r: Recurrence, projected: tf.Tensor, gates: readonly Gate[]): tf.Tensor {
  const [first, count] = gateColumns(r.cell, gates);
  if (count * r.units === projected.shape[1]) return projected;
  return tf.slice(projected, [0, first * r.units], [projected.shape[0]!, count * r.units]);
}

function unexpected(): never {
  throw new TypeError('a forward step has no saved or upstream values');
}
