import * as tf from '@tensorflow/tfjs-core';
import {type Recurrence, STATES} from '../../recurrence/types';
import {plan} from '../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {feedOf, graphKey} from './feeds';
import {forwardGraph} from './forward-graph';
import {runGraph} from './session';

/** Runs the whole sequence in one native call. `reserve` holds `[time, batch, ·]` per saved value, in time order. */
export function forward(r: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult {
  const key = graphKey(r, inputs, 'forward', options.returns, options.save);
  const results = tf.tidy(() =>
    runGraph(
      key,
      () => {
        const {step, backward} = plan(r, inputs);
        const saved = options.save ? backward.saved : [];
        const initial = Object.keys(inputs.initial);
        const biased = inputs.weights.bias !== undefined;
        return forwardGraph(r, {step, saved, initial, biased, returns: options.returns});
      },
      feedOf(inputs),
    ),
  );
  const [y, ...rest] = results;
  const count = STATES[r.cell].length;
  return {y: y!, states: rest.slice(0, count), reserve: rest.slice(count)};
}
