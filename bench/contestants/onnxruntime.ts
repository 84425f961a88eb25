import {createRequire} from 'node:module';
import {timed} from '../../src/cli/bench/turns';
import {recurrenceModel} from '../../src/engines/onnx/graph';
import {refusal} from '../../src/engines/onnx/refusals';
import {onnxWeights} from '../../src/engines/onnx/weights';
import type {Entry} from './contestant';

interface Session {
  run(feeds: object): Promise<Record<string, {readonly data: Float32Array}>>;
  release(): Promise<void>;
}

interface Runtime {
  readonly InferenceSession: {create(model: Uint8Array, options: object): Promise<Session>};
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
  readonly env: {readonly wasm: {numThreads?: number}};
}

/** Both packages register with one onnxruntime-common, which would give either one's session to either. */
const PROVIDERS = {'onnxruntime-node': 'cpu', 'onnxruntime-web': 'wasm'} as const;

const require = createRequire(import.meta.url);

/** Its bare `session.run`, on a model of one operator with the weights inside. In wasm it has one thread. */
export function onnxruntimeEntry(name: 'onnxruntime-node' | 'onnxruntime-web'): Entry {
  return async (p, data) => {
    const {batch, time, features, units} = p;
    const given = 'initial.h' in data.canonical;
    const options = {returns: 'sequence', initial: given} as const;
    const call = {...options, batch, time, features, masked: p.masked, save: p.training};
    const reason = refusal(data.recurrence, call);
    if (reason !== undefined) return reason;
    const {InferenceSession, Tensor, env} = require(name) as Runtime;
    if (name === 'onnxruntime-web') env.wasm.numThreads = 1;
    const weights = onnxWeights(data.recurrence, features, weight => data.canonical[weight]);
    const model = recurrenceModel(data.recurrence, options, features, weights);
    const session = await InferenceSession.create(model, {
      executionProviders: [PROVIDERS[name]],
      logSeverityLevel: 3,
    });
    const feeds: Record<string, object> = {
      x: new Tensor('float32', data.x.values as Float32Array, data.x.shape),
    };
    for (const state of given ? ['h', 'c'] : [])
      feeds[`initial_${state}`] = new Tensor('float32', new Float32Array(batch * units), [1, batch, units]);
    return {
      name,
      block: calls => timed(() => session.run(feeds), calls),
      compute: async () => Float32Array.from((await session.run(feeds)).y!.data),
      dispose: () => {
        void session.release();
      },
    };
  };
}
