import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import type {GraphLayersModel} from '../graph/model';
import {registerGraphOps} from '../graph/registered';
import {inputTensors} from '../verify/verify';

/** A graph model that was written for TensorFlow.js, run by TensorFlow.js. */
export async function graphCopy(
  artifacts: tf.io.ModelArtifacts,
  original: GraphLayersModel,
): Promise<{run(inputs: Record<string, NdArray>): Promise<NdArray[]>; dispose(): void}> {
  const converter = await import('@tensorflow/tfjs-converter');
  registerGraphOps(converter);
  const copy = await converter.loadGraphModel({load: async () => artifacts});
  const {node} = artifacts.modelTopology as {readonly node: readonly {readonly op: string}[]};
  const turns = node.some(({op}) => /^(Enter|Switch|Merge|(Stateless)?(While|If))$/.test(op));
  const {inputs: doors, outputs} = original.graph;
  return {
    async run(inputs) {
      const tensors = inputTensors(original, inputs);
      const typed = tensors.map((tensor, k) => tf.cast(tensor, original.inputs[k]!.dtype));
      const given = Object.fromEntries(doors.map(({ref}, k) => [ref.replace(/:0$/, ''), typed[k]!]));
      const names = outputs.map(({ref}) => ref.replace(/:0$/, ''));
      const results = [
        await (turns ? copy.executeAsync(given, names).catch(refused) : copy.execute(given, names)),
      ].flat();
      const arrays = results.map(
        (tensor): NdArray => ({
          dtype: 'float32',
          shape: tensor.shape,
          values: Float32Array.from(tensor.dataSync()),
        }),
      );
      tf.dispose([tensors, typed, results]);
      return arrays;
    },
    dispose: () => copy.dispose(),
  };
}

function refused(error: Error): never {
  throw new CarryoverError(
    'E_UNSUPPORTED',
    `TensorFlow.js does not run what was written, so nothing is kept: ${error.message.split('\n')[0]}; write it without --portable, or as a SavedModel (--to saved-model)`,
    {cause: error},
  );
}
