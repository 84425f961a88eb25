import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import {type Recurrence, STATES} from '../../recurrence/types';
import {milliseconds} from '../cost';
import {keyed} from '../memo';
import type {Call, Engine, ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {PerWeights} from '../versions';
import {recurrenceModel} from './graph';
import {refusal} from './refusals';
import type {OnnxArray, OnnxRuntime, OnnxSession} from './runtime';
import {onnxWeights} from './weights';

const said = keyed(r => r);

/**
 * One call of ONNX Runtime per sequence, forwards only: the recurrence is a model of one operator with its weights
 * inside, packed once per version of the weights. What that operator cannot say exactly is refused.
 *
 * @param load gives the runtime, or says why there is none; asked at the first call that might run here
 */
export function onnxEngine(load: () => OnnxRuntime | string): Engine {
  const sessions = new PerWeights<OnnxSession>(session => session.release());
  let threads: number | undefined;

  const makeSession = (
    r: Recurrence,
    {x, weights}: RecurrenceInputs,
    call: Pick<Call, 'returns' | 'initial'>,
  ): OnnxSession => {
    const features = x.shape[2]!;
    const values = (name: string): Float32Array | undefined =>
      weights[name]?.dataSync() as Float32Array | undefined;
    const model = recurrenceModel(r, call, features, onnxWeights(r, features, values));
    const states = STATES[r.cell];
    // What is unavailable is not run.
    const runtime = load() as OnnxRuntime;
    return runtime.createSession(model, call.returns === 'sequence' ? ['y', ...states] : states, threads);
  };

  const forward = (r: Recurrence, inputs: RecurrenceInputs, {returns}: ForwardOptions): ForwardResult => {
    const {x, initial: given, weights} = inputs;
    const [batch, time] = x.shape as [number, number, number];
    const states = STATES[r.cell];
    const initial = Object.keys(given).length > 0;
    const session = sessions.get(weights, `${said(r)} ${returns} ${initial}`, () =>
      makeSession(r, inputs, {returns, initial}),
    );
    const feeds: Record<string, OnnxArray> = {x: arrayOf(x, x.shape)};
    const row = [1, batch, r.units];
    if (initial) {
      for (const name of states) {
        const state = given[name];
        feeds[`initial_${name}`] = state
          ? arrayOf(state, row)
          : {data: new Float32Array(batch * r.units), dims: row};
      }
    }
    const results = session.run(feeds);
    const final = states.map(name => tensorOf(results[name]!, [batch, r.units]));
    const y = returns === 'sequence' ? tensorOf(results.y!, [batch, time, r.units]) : tf.clone(final[0]!);
    return {y, states: final, reserve: []};
  };

  return {
    name: 'onnx',
    unavailable: () => {
      const backend = tf.getBackend();
      if (!['cpu', 'tensorflow', 'wasm'].includes(backend))
        return `it would have to copy from and to the backend in use (${backend})`;
      const runtime = load();
      return typeof runtime === 'string' ? runtime : undefined;
    },
    refuses: refusal,
    // Whether a session is there already does not count: the same call would run here now, there later, and differ in
    // the last digit.
    estimate: (r: Recurrence, call: Call) => milliseconds('onnx', r, call),
    forward,
    backward: () => {
      throw new CarryoverError('E_ENGINE', 'engine onnx has no gradients');
    },
    configure: options => {
      if (options.threads === threads) return;
      threads = options.threads;
      // A session keeps the threads that it was made with.
      sessions.clear();
    },
    dispose: () => sessions.clear(),
  };
}

/** A tensor of values that are known to be right, without tfjs looking through them again. */
function tensorOf({data}: OnnxArray, shape: number[]): tf.Tensor {
  return tf.engine().makeTensor(data, shape, 'float32');
}

function arrayOf(tensor: tf.Tensor, dims: readonly number[]): OnnxArray {
  return {data: tensor.dataSync() as Float32Array, dims};
}
