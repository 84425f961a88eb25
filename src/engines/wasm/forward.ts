import {keysOf} from '../../recurrence/records';
import {outputSize, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {reader, tensorOf} from '../values';
import {putGiven, putRows, type Rows, splitRows, takeRows} from './batch';
import {sharing, splitColumns} from './columns';
import {type ForwardProgram, forwardProgram} from './forward-program';
import {type Columns, Sizes} from './layout';
import type {Runtime} from './runtime';
import type {Task} from './tasks';
import {putSteps, spansOf, takeSteps, windowSteps, windowsOf} from './windows';

/** A call's whole sequence: a program for each part of the batch, or for each share of the columns. */
export function forward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  {returns, save}: ForwardOptions,
): ForwardResult {
  const {x, weights, initial, mask} = inputs;
  const {heap, lanes} = runtime.kernel;
  const [batch, time, width] = x.shape as [number, number, number];
  const given = keysOf(initial);
  const read = reader();
  const biased = 'bias' in weights;
  const extent = {batch, time, width, save};
  const shares = runtime.shares(r, extent);
  const parts = splitRows(batch, shares > 1 ? 1 : runtime.parts(r, extent));
  const output = outputSize(r);
  const most = Math.max(...parts.map(({rows}) => rows));
  const window = save ? time : windowSteps(time, most * (width + output) * 4);
  const structure = `${window} ${width} ${mask !== undefined} ${given} ${returns} ${save} ${biased}`;
  const programOf = (rows: number, columns?: Columns): Sized<ForwardProgram> =>
    runtime.program(r, `forward ${rows} ${structure} ${columns?.first}/${columns?.shares}`, () => {
      const {step, backward} = plan(r, inputs);
      const sizes = new Sizes(r, rows, window, width, lanes, columns);
      const spec = {step, saved: save ? backward.saved : undefined, initial: given, biased, returns};
      return {...forwardProgram(sizes, spec), sizes};
    });

  const perRow = (returns === 'sequence' ? time : 1) * output;
  const y = new Float32Array(batch * perRow);
  const names = STATES[r.cell];
  const states = names.map(name => new Float32Array(batch * stateSize(r, name)));
  /** Memory that outlives the call where all goes well, and memory that does not. */
  const [kept, shared]: [number[], number[]] = [[], []];
  const take = (bytes: number, from: number[]): number => {
    const at = heap.take(bytes);
    from.push(at);
    return at;
  };
  const taskOf = (p: Sized<ForwardProgram>, own: Rows, packs = runtime.weights([p], weights)[0]!): Task => ({
    program: p.program,
    bytes: p.bytes,
    shared: 0,
    packs,
    kept: save ? take(p.kept, kept) : 0,
    fill: (data, now) => {
      putSteps(data, p.x, read(x), own, width, spansOf(r, now, time, window).x);
      putGiven(data, p, r, inputs, read, own, now);
      if (now.done > 0) return;
      for (const name of given)
        putRows(data, p.initial[name]!, read(initial[name]!), own, stateSize(r, name));
    },
    collect: (data, now) => {
      if (returns === 'sequence') takeSteps(data, p.y, y, own, output, spansOf(r, now, time, window).y);
      if (!now.last) return;
      if (returns === 'last') takeRows(data, p.y, y, own, output);
      for (const [k, name] of names.entries())
        takeRows(data, p.states[k]!, states[k]!, own, stateSize(r, name));
    },
  });
  const tasksOfColumns = (): Task[] => {
    const programs = splitColumns(r.units, shares, lanes, runtime.maySleep).map(c => programOf(batch, c));
    const packs = runtime.weights(programs, weights);
    const all = {first: 0, rows: batch};
    const tasks = programs.map((p, k) => taskOf(p, all, packs[k]));
    const {counter, shared: bytes} = programs[0]!;
    return sharing(tasks, take(bytes, shared), counter!, late => runtime.crowd.met(late, time));
  };
  try {
    const tasks = shares > 1 ? tasksOfColumns() : parts.map(own => taskOf(programOf(own.rows), own));
    runtime.run(tasks, windowsOf(time, window));
  } catch (error) {
    for (const at of kept) heap.give(at);
    throw error;
  } finally {
    for (const at of shared) heap.give(at);
  }
  return {
    y: tensorOf(y, returns === 'sequence' ? [batch, time, output] : [batch, output]),
    states: names.map((name, k) => tensorOf(states[k]!, [batch, stateSize(r, name)])),
    reserve: [],
    kept: save ? runtime.keep(kept) : undefined,
  };
}

export type Sized<T> = T & {readonly sizes: Sizes};
