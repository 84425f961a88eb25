import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import {keyed} from '../../recurrence/memo';
import type {Recurrence} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {milliseconds} from '../cost';
import type {Call, Engine, ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {valuesOf} from '../values';
import {PerWeights} from '../versions';
import {recurrenceModel, type SaidCall} from './graph';
import {stepsOf} from './masks';
import {refusal} from './refusals';
import {runInChunks, runMasked, runWhole} from './run';
import type {OnnxRuntime, OnnxSession} from './runtime';
import {oneThreadIsFaster} from './threads';
import {timeChunksOf} from './time-chunks';
import {onnxWeights} from './weights';

/** How the engine works, where it is not as it would be by itself. */
export interface OnnxSettings {
  /** Bytes that ONNX Runtime may take for one call, which else runs in time chunks. Default: by recurrence. */
  readonly mostScratch?: number;
  /** How many threads ONNX Runtime takes by itself, for the estimates of `auto`. */
  readonly cores?: number;
}

const structure = keyed(r => r);

/**
 * One call of ONNX Runtime per sequence, forwards only: the recurrence is a model of one operator with its weights
 * inside, packed once per version of the weights. What that operator cannot say exactly is refused.
 *
 * @param load gives the runtime, or says why there is none; asked at the first call that might run here
 */
export function onnxEngine(load: () => OnnxRuntime | string, settings: OnnxSettings = {}): Engine {
  const sessions = new PerWeights<OnnxSession>(session => session.release());
  let threads: number | undefined;

  const makeSession = (
    r: Recurrence,
    {x, weights}: RecurrenceInputs,
    call: SaidCall,
    ownThreads: number | undefined,
  ): OnnxSession => {
    const features = x.shape[2]!;
    const values = (name: WeightName): Float32Array | undefined => weights[name] && valuesOf(weights[name]);
    const model = recurrenceModel(r, call, features, onnxWeights(r, features, values));
    // What is unavailable is not run.
    const runtime = load() as OnnxRuntime;
    return runtime.createSession(model, ownThreads);
  };

  const sessionFor = (r: Recurrence, inputs: RecurrenceInputs, call: Required<SaidCall>): OnnxSession => {
    const [batch, , features] = inputs.x.shape as [number, number, number];
    // A session keeps the threads that it was made with.
    const own = threads ?? (oneThreadIsFaster(r, {batch, features}) ? 1 : undefined);
    const key = `${structure(r)} ${call.returns} ${call.initial} ${call.masked} ${own}`;
    return sessions.get(inputs.weights, key, () => makeSession(r, inputs, call, own));
  };

  const forward = (r: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult => {
    const [batch, time, features] = inputs.x.shape as [number, number, number];
    const steps = inputs.mask && stepsOf(inputs.mask);
    const counted = steps && !steps.first ? Math.max(1, steps.longest) : time;
    const chunks = timeChunksOf(r, {batch, time: counted, features}, settings.mostScratch);
    const goesOn = chunks.length > 1;
    const initial = goesOn || Object.keys(inputs.initial).length > 0;
    const session = sessionFor(r, inputs, {returns: options.returns, initial, masked: steps !== undefined});
    if (steps) return runMasked(session, r, inputs, options, steps, chunks);
    return goesOn ? runInChunks(session, r, inputs, options, chunks) : runWhole(session, r, inputs, options);
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
    estimate: (r: Recurrence, call: Call) =>
      milliseconds('onnx', r, call, {backends: [tf.getBackend(), 'cpu'], threads: threads ?? settings.cores}),
    forward,
    backward: () => {
      throw new CarryoverError('E_ENGINE', 'engine onnx has no gradients');
    },
    configure: options => {
      if (options.threads === threads) return;
      threads = options.threads;
      sessions.clear();
    },
    dispose: () => sessions.clear(),
  };
}
