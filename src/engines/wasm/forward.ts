import {outputSize, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {tensorOf} from '../values';
import {putGiven, putRows, type Rows, splitRows, takeRows} from './batch';
import {type ForwardProgram, forwardProgram} from './forward-program';
import {Sizes} from './layout';
import type {Runtime} from './runtime';
import type {Task} from './tasks';

/** A call's whole sequence: a program for each part of the batch. */
export function forward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  {returns, save}: ForwardOptions,
): ForwardResult {
  const {x, weights, initial, mask} = inputs;
  const [batch, time, width] = x.shape as [number, number, number];
  const given = Object.keys(initial);
  const biased = 'bias' in weights;
  const programOf = (rows: number): Sized<ForwardProgram> =>
    runtime.program(
      r,
      `forward ${rows} ${time} ${width} ${mask !== undefined} ${given} ${returns} ${save} ${biased}`,
      () => {
        const {step, backward} = plan(r, inputs);
        const sizes = new Sizes(r, rows, time, width, runtime.kernel.lanes);
        const spec = {step, saved: save ? backward.saved : undefined, initial: given, biased, returns};
        return {...forwardProgram(sizes, spec), sizes};
      },
    );

  const output = outputSize(r);
  const perRow = (returns === 'sequence' ? time : 1) * output;
  const y = new Float32Array(batch * perRow);
  const names = STATES[r.cell];
  const states = names.map(name => new Float32Array(batch * stateSize(r, name)));
  const kept: number[] = [];
  const parts = runtime.parts(r, {batch, time, width, save});
  const taskOf = (own: Rows): Task => {
    const p = programOf(own.rows);
    if (save) kept.push(runtime.kernel.heap.take(p.kept));
    return {
      program: p.program,
      bytes: p.bytes,
      packs: runtime.weights(p.packs, p.sizes, weights),
      kept: kept.at(-1) ?? 0,
      fill: data => {
        putRows(data, p.x, x, own, time * width);
        putGiven(data, p, r, inputs, own);
        for (const name of given) putRows(data, p.initial[name]!, initial[name]!, own, stateSize(r, name));
      },
      collect: data => {
        takeRows(data, p.y, y, own, perRow);
        for (const [k, name] of names.entries())
          takeRows(data, p.states[k]!, states[k]!, own, stateSize(r, name));
      },
    };
  };
  try {
    runtime.run(splitRows(batch, parts).map(taskOf));
  } catch (error) {
    for (const at of kept) runtime.kernel.heap.give(at);
    throw error;
  }
  return {
    y: tensorOf(y, returns === 'sequence' ? [batch, time, output] : [batch, output]),
    states: names.map((name, k) => tensorOf(states[k]!, [batch, stateSize(r, name)])),
    reserve: [],
    kept: save ? runtime.keep(kept) : undefined,
  };
}

export type Sized<T> = T & {readonly sizes: Sizes};
