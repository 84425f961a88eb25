import * as tf from '@tensorflow/tfjs-core';
import {keysOf} from '../../recurrence/records';
import {GATES, type Recurrence, STATES} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {blockGraph, fitsOneBlock, isBlockLstm} from './block-graph';
import {feedsOf, graphKey} from './feeds';
import {forwardGraph} from './forward-graph';
import {scheduleOf, TRAINING} from './loop-schedule';
import {runGraph} from './session';

/** Runs the whole sequence in one native call. `reserve` holds `[time, batch, ·]` per saved value, in time order. */
export function forward(r: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult {
  const block = runsAsBlock(r, inputs, options);
  const schedule = options.save ? TRAINING : scheduleOf(r, inputs);
  const chunked = block && !fitsOneBlock(r, inputs);
  const how = block ? `block ${chunked}` : `forward ${schedule.stepsPerIteration}`;
  const key = graphKey(r, inputs, how, options.returns, options.save);
  const results = tf.tidy(() =>
    runGraph(
      key,
      () => {
        const initial = keysOf(inputs.initial);
        const biased = inputs.weights.bias !== undefined;
        if (block) return blockGraph(r, {initial, biased, returns: options.returns, chunked});
        const {step, backward} = plan(r, inputs);
        const saved = options.save ? backward.saved : [];
        return forwardGraph(r, {step, saved, initial, biased, returns: options.returns, schedule});
      },
      feedsOf(inputs),
    ),
  );
  const [y, ...rest] = results;
  const count = STATES[r.cell].length;
  return {y: y!, states: rest.slice(0, count), reserve: rest.slice(count)};
}

/**
 * Multiplications of a step up to which BlockLSTM is faster than the loop (by a quarter and more): its own products
 * are slower, but there is no control flow between them.
 */
const BLOCK_PRODUCTS = 3e5;

function runsAsBlock(r: Recurrence, {x, mask}: RecurrenceInputs, {save}: ForwardOptions): boolean {
  if (save || mask !== undefined || !isBlockLstm(r)) return false;
  return x.shape[0]! * (x.shape[2]! + r.units) * GATES[r.cell].length * r.units <= BLOCK_PRODUCTS;
}
