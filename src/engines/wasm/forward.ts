import * as tf from '@tensorflow/tfjs-core';
import {outputSize, type Recurrence, STATES, stateSize} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {type ForwardProgram, forwardProgram} from './forward-program';
import {Sizes} from './layout';
import {writeMask} from './masks';
import type {Runtime} from './runtime';
import {splitRows, type Task} from './tasks';

/** A call's whole sequence: a program for each part of the batch. */
export function forward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
): ForwardResult {
  const {x, weights, initial, mask} = inputs;
  const [batch, time, width] = x.shape as [number, number, number];
  const {returns, save} = options;
  const {kernel} = runtime;
  const given = Object.keys(initial);
  const programOf = (rows: number): ForwardProgram & {readonly sizes: Sizes} =>
    runtime.program(
      r,
      ['forward', rows, time, width, !!mask, given, returns, save, 'bias' in weights],
      () => {
        const {step, backward} = plan(r, inputs);
        const sizes = new Sizes(r, rows, time, width, kernel.lanes);
        const saved = save ? backward.saved : [];
        const spec = {step, saved, initial: given, biased: 'bias' in weights, returns};
        return {...forwardProgram(sizes, spec), sizes};
      },
    );
  const parts = runtime.parts(r, batch, time, width, save);

  const output = outputSize(r);
  const perRow = (returns === 'sequence' ? time : 1) * output;
  const y = new Float32Array(batch * perRow);
  const names = STATES[r.cell];
  const states = names.map(name => new Float32Array(batch * stateSize(r, name)));
  const reserve: Float32Array[] = [];
  const values = x.dataSync() as Float32Array;
  const masks = mask?.dataSync();
  const tasks = splitRows(batch, parts).map((own): Task => {
    const {first, rows} = own;
    const p = programOf(rows);
    const rowsOf = (tensor: tf.Tensor, size: number): Float32Array =>
      (tensor.dataSync() as Float32Array).subarray(first * size, (first + rows) * size);
    return {
      program: p.program,
      bytes: p.bytes,
      packs: runtime.weights(p.packs, p.sizes, weights),
      fill: ({floats, at}) => {
        floats.set(values.subarray(first * time * width, (first + rows) * time * width), at(p.x));
        for (const [name, to] of Object.entries(p.initial))
          floats.set(rowsOf(initial[name]!, stateSize(r, name)), at(to));
        for (const [gate, to] of Object.entries(p.dropout))
          floats.set(rowsOf(inputs.dropout[gate]!, output), at(to));
        if (masks) writeMask(floats, at(p.mask), masks, r, time, own);
      },
      collect: ({floats, at}) => {
        y.set(floats.subarray(at(p.y), at(p.y) + rows * perRow), first * perRow);
        for (const [k, from] of p.states.entries()) {
          const size = stateSize(r, names[k]!);
          states[k]!.set(floats.subarray(at(from), at(from) + rows * size), first * size);
        }
        if (save) {
          const {place, bytes} = p.reserve;
          reserve.push(floats.slice(at(place), at(place) + bytes / 4));
        }
      },
    };
  });
  runtime.run(tasks);
  return {
    y: tf.tensor(y, returns === 'sequence' ? [batch, time, output] : [batch, output], 'float32'),
    states: states.map((state, k) => tf.tensor(state, [batch, stateSize(r, names[k]!)], 'float32')),
    // One for each part of the batch.
    reserve: reserve.map(part => tf.tensor(part, [part.length], 'float32')),
  };
}
