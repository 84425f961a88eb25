import * as tf from '@tensorflow/tfjs-core';
import {outputSize, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, Gradients, RecurrenceInputs} from '../types';
import {type BackwardProgram, backwardProgram} from './backward-program';
import {Sizes} from './layout';
import {writeMask} from './masks';
import type {Runtime} from './runtime';
import {addSum, limitNorm} from './sums';
import {splitRows, type Task} from './tasks';

interface Results {
  /** Undefined where it was not asked for. */
  readonly x: Float32Array | undefined;
  readonly initial: Readonly<Record<string, Float32Array>>;
  readonly weights: Readonly<Record<string, Float32Array>>;
}

/** Back-propagation through time and all gradients, when the first of them is asked for. */
export function backward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  reserve: readonly tf.Tensor[],
  dy: tf.Tensor,
  dStates: readonly tf.Tensor[],
): Gradients {
  const time = inputs.x.shape[1]!;
  const reaches = (r.bptt?.steps ?? time) >= time;
  let made: Results | undefined;
  // tfjs asks for x first, where it asks for it at all.
  const results = (dx: boolean): Results => {
    if (!made || (dx && !made.x)) made = run(runtime, r, inputs, options, {reserve, dy, dStates}, dx);
    return made;
  };
  const weight = (name: string): tf.Tensor => {
    const {shape} = inputs.weights[name]!;
    const values = results(false).weights[name];
    return values ? tf.tensor(values, shape, 'float32') : tf.zeros(shape);
  };
  return {
    x: () => tf.tensor(results(true).x!, inputs.x.shape, 'float32'),
    // A truncated pass never reaches the initial state.
    initial: state =>
      reaches
        ? tf.tensor(results(false).initial[state]!, inputs.initial[state]!.shape, 'float32')
        : tf.zerosLike(inputs.initial[state]!),
    weight,
  };
}

interface Upstream {
  readonly reserve: readonly tf.Tensor[];
  readonly dy: tf.Tensor;
  readonly dStates: readonly tf.Tensor[];
}

function run(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  {returns}: ForwardOptions,
  {reserve, dy, dStates}: Upstream,
  dx: boolean,
): Results {
  const {x, mask} = inputs;
  const [batch, time, width] = x.shape as [number, number, number];
  const names = Object.keys(inputs.weights);
  const initial = Object.keys(inputs.initial).length > 0;
  const {kernel} = runtime;
  const programOf = (rows: number): BackwardProgram & {readonly sizes: Sizes} =>
    runtime.program(r, ['backward', rows, time, width, !!mask, initial, returns, names, dx], () => {
      const {step, backward: graph} = plan(r, inputs);
      const sizes = new Sizes(r, rows, time, width, kernel.lanes);
      return {...backwardProgram(sizes, {step, backward: graph, returns, weights: names, dx}), sizes};
    });
  const output = outputSize(r);
  const perRow = (returns === 'sequence' ? time : 1) * output;
  const states = STATES[r.cell];
  const results = {
    x: dx ? new Float32Array(x.size) : undefined,
    initial: Object.fromEntries(states.map(name => [name, new Float32Array(batch * stateSize(r, name))])),
    weights: {} as Record<string, Float32Array>,
  };
  const values = x.dataSync() as Float32Array;
  const masks = mask?.dataSync();
  const tasks = splitRows(batch, reserve.length).map((own, part): Task => {
    const {first, rows} = own;
    const p = programOf(rows);
    const rowsOf = (tensor: tf.Tensor, size: number): Float32Array =>
      (tensor.dataSync() as Float32Array).subarray(first * size, (first + rows) * size);
    return {
      program: p.program,
      bytes: p.bytes,
      packs: runtime.weights(p.packs, p.sizes, inputs.weights),
      fill: ({floats, at}) => {
        floats.set(values.subarray(first * time * width, (first + rows) * time * width), at(p.x));
        floats.set(reserve[part]!.dataSync() as Float32Array, at(p.reserve.place));
        floats.set(rowsOf(dy, perRow), at(p.dy));
        for (const [k, to] of p.dStates.entries())
          floats.set(rowsOf(dStates[k]!, stateSize(r, states[k]!)), at(to));
        for (const [gate, to] of Object.entries(p.dropout))
          floats.set(rowsOf(inputs.dropout[gate]!, output), at(to));
        if (masks) writeMask(floats, at(p.mask), masks, r, time, own);
      },
      collect: ({floats, at}) => {
        const size = time * width;
        results.x?.set(floats.subarray(at(p.dx), at(p.dx) + rows * size), first * size);
        for (const name of states) {
          const from = at(p.initial[name]!);
          const count = rows * stateSize(r, name);
          results.initial[name]!.set(floats.subarray(from, from + count), first * stateSize(r, name));
        }
        for (const [name, sum] of p.sums.of) {
          results.weights[name] ??= new Float32Array(inputs.weights[name]!.size);
          addSum(results.weights[name], floats, at(sum.place), sum, p.sizes.row(sum.columns) / 4);
        }
      },
    };
  });
  runtime.run(tasks);
  if (r.bptt?.norm !== undefined) limitNorm(Object.values(results.weights), r.bptt.norm);
  return results;
}
