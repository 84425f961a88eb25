import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import type {Recurrence} from '../../recurrence/types';
import {milliseconds} from '../cost';
import type {Call, Engine, ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {PerWeights} from '../versions';
import {recurrenceModel} from './graph';
import {refusal} from './refusals';
import type {OnnxArray, OnnxRuntime, OnnxSession} from './runtime';
import {onnxWeights} from './weights';

/**
 * One call of ONNX Runtime per sequence, forwards only: the recurrence is a model of one operator with its weights
 * inside, packed once per version of the weights. What that operator cannot say exactly is refused.
 *
 * @param load gives the runtime, or says why there is none; asked at the first call that might run here
 */
export function onnxEngine(load: () => OnnxRuntime | string): Engine {
  const sessions = new PerWeights<OnnxSession>(session => session.release());
  let threads: number | undefined;

  const forward = (r: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult => {
    const [batch, time, features] = inputs.x.shape as [number, number, number];
    const states = r.cell === 'lstm' ? ['h', 'c'] : ['h'];
    const initial = Object.keys(inputs.initial).length > 0;
    const call = {returns: options.returns, initial};
    const session = sessions.get(inputs.weights, JSON.stringify([r, call]), () => {
      const values = (name: string): Float32Array | undefined =>
        inputs.weights[name]?.dataSync() as Float32Array | undefined;
      // What is unavailable is not run.
      return (load() as OnnxRuntime).createSession(
        recurrenceModel(r, call, features, onnxWeights(r, features, values)),
        threads,
      );
    });
    const feeds: Record<string, OnnxArray> = {x: arrayOf(inputs.x, inputs.x.shape)};
    const row = [1, batch, r.units];
    for (const name of initial ? states : []) {
      const given = inputs.initial[name];
      feeds[`initial_${name}`] = given
        ? arrayOf(given, row)
        : {data: new Float32Array(batch * r.units), dims: row};
    }
    const sequence = options.returns === 'sequence';
    const results = session.run(feeds, sequence ? ['y', ...states] : states);
    const tensor = (name: string, shape: number[]): tf.Tensor =>
      tf.tensor(results[name]!.data, shape, 'float32');
    const final = states.map(name => tensor(name, [batch, r.units]));
    const y = sequence ? tensor('y', [batch, time, r.units]) : tf.clone(final[0]!);
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

function arrayOf(tensor: tf.Tensor, dims: readonly number[]): OnnxArray {
  return {data: tensor.dataSync() as Float32Array, dims};
}
