import * as tf from '@tensorflow/tfjs-core';
import {keysOf, recordOf} from '../../recurrence/records';
import {outputSize, type Recurrence, STATES, type StateName, stateSize} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {plan} from '../plan';
import type {ForwardOptions, Gradients, RecurrenceInputs, Saved} from '../types';
import {reader, tensorOf} from '../values';
import {type BackwardProgram, backwardProgram} from './backward-program';
import {putGiven, putRows, type Rows, splitRows, takeRows} from './batch';
import {forward, type Sized} from './forward';
import {Sizes} from './layout';
import type {Runtime} from './runtime';
import {addSum, limitNorm} from './sums';
import type {Task} from './tasks';
import {windowsOf} from './windows';

interface Results {
  /** Undefined where it was not asked for. */
  readonly x: Float32Array | undefined;
  readonly initial: Readonly<Record<StateName, Float32Array>>;
  readonly weights: Readonly<Partial<Record<WeightName, Float32Array>>>;
}

/** Back-propagation through time and all gradients, when the first of them is asked for. */
export function backward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  saved: Saved,
): Gradients {
  const time = inputs.x.shape[1]!;
  const reachesStart = (r.bptt?.steps ?? time) >= time;
  let made: Results | undefined;
  // tfjs asks for x first, where it asks for it at all.
  const results = (dx: boolean): Results => {
    if (!made || (dx && !made.x)) made = run(runtime, r, inputs, options, saved, dx);
    return made;
  };
  return {
    x: () => tensorOf(results(true).x!, inputs.x.shape),
    initial: state => {
      const like = inputs.initial[state]!;
      // A truncated pass never reaches the initial state.
      return reachesStart ? tensorOf(results(false).initial[state]!, like.shape) : tf.zerosLike(like);
    },
    weight: name => {
      const like = inputs.weights[name]!;
      const values = results(false).weights[name];
      return values ? tensorOf(values, like.shape) : tf.zerosLike(like);
    },
  };
}

function run(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  {dy, dStates, kept}: Saved,
  dx: boolean,
): Results {
  const {returns} = options;
  const {x, mask, weights} = inputs;
  const [batch, time, width] = x.shape as [number, number, number];
  const read = reader();
  const names = keysOf(weights);
  const given = Object.keys(inputs.initial);
  const programOf = (rows: number): Sized<BackwardProgram> =>
    runtime.program(
      r,
      `backward ${rows} ${time} ${width} ${mask !== undefined} ${given} ${returns} ${names} ${dx}`,
      () => {
        const {step, backward: graph} = plan(r, inputs);
        const sizes = new Sizes(r, rows, time, width, runtime.kernel.lanes);
        return {...backwardProgram(sizes, {step, backward: graph, returns, weights: names, dx}), sizes};
      },
    );
  const perRow = (returns === 'sequence' ? time : 1) * outputSize(r);
  const states = STATES[r.cell];
  const sums: Partial<Record<WeightName, Float32Array>> = {};
  const results: Results = {
    x: dx ? new Float32Array(x.size) : undefined,
    initial: recordOf(states, name => new Float32Array(batch * stateSize(r, name))),
    weights: sums,
  };
  // Where it is not there any more, the forward pass is run again.
  const pieces = runtime.takeKept(kept) ?? runtime.takeKept(forward(runtime, r, inputs, options).kept)!;
  const taskOf = (own: Rows, part: number): Task => {
    const p = programOf(own.rows);
    return {
      program: p.program,
      bytes: p.bytes,
      shared: 0,
      packs: runtime.weights([p], weights)[0]!,
      kept: pieces[part]!,
      fill: data => {
        putGiven(data, p, r, inputs, read, own, {done: 0, steps: time});
        putRows(data, p.dy, read(dy), own, perRow);
        for (const [k, name] of states.entries())
          putRows(data, p.dStates[k]!, read(dStates[k]!), own, stateSize(r, name));
      },
      collect: data => {
        if (results.x) takeRows(data, p.dx, results.x, own, time * width);
        for (const name of states)
          takeRows(data, p.initial[name]!, results.initial[name]!, own, stateSize(r, name));
        for (const [name, sum] of p.sums.of) {
          sums[name] ??= new Float32Array(weights[name]!.size);
          addSum(sums[name], data.floats, data.at(sum.place), sum, p.sizes.row(sum.columns) / 4);
        }
      },
    };
  };
  const steps = Math.min(time, r.bptt?.steps ?? time);
  try {
    runtime.run(splitRows(batch, pieces.length).map(taskOf), windowsOf(steps, steps));
  } finally {
    for (const at of pieces) runtime.kernel.heap.give(at);
  }
  if (r.bptt?.norm !== undefined) limitNorm(Object.values(sums), r.bptt.norm);
  return results;
}
