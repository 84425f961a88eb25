import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../../converters/arrays';
import {CarryoverError} from '../../errors';
import {withoutWarnings} from '../../layers/warnings';
import {buildLayer} from '../../model/layer';
import {parseLayer} from '../../recipes/records';
import type {GraphRecurrence} from '../types';

/** A recurrence of a graph, ready to run. */
export interface RecurrenceRunner {
  /**
   * @param inputs in the order of `GraphRecurrence.inputs`: x `[time, batch, features]`, lengths `[batch]`, states
   *   `[batch, size]`
   * @returns in the order of `GraphRecurrence.outputs`; they are the caller's to dispose of
   */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** Frees its weights; it is not run again. */
  dispose(): void;
}

/**
 * The layer that a recurrence is, with the arrays that the graph has. It is built at the first call, and runs on the engine
 * that is in force at each.
 */
export function recurrenceRunner(recurrence: GraphRecurrence): RecurrenceRunner {
  const lengths = recurrence.inputs.includes('lengths');
  const {record, layer, roles} = withoutWarnings(() => {
    const parsed = {...parseLayer({...recurrence.layer}, 0, 'a recurrence of the graph'), lengths};
    return {record: parsed, ...buildLayer(parsed, {}, noModel)};
  });
  const arrays = rolesOf(recurrence);
  const build = (features: number): void => {
    layer.setFastWeightInitDuringBuild(true);
    layer.build([null, null, features]);
    const weights = roles.map(role => tensorOf(arrays.get(role), role, record.where));
    layer.setWeights(weights);
    for (const weight of weights) weight.dispose();
  };
  return {
    run(inputs) {
      if (!layer.built) tf.tidy(() => build(inputs[0]!.shape[2]!));
      return layer.call([...inputs], {}) as tf.Tensor[];
    },
    dispose() {
      // A layer that is called by itself is no part of a model, and `dispose` refuses it.
      for (const weight of layer.weights) weight.dispose();
    },
  };
}

function noModel(): never {
  throw new CarryoverError('E_LAYER', 'a recurrence holds cells, no models');
}

/** Arrays by the names that the layer has for them. */
const rolesOf = ({weights}: GraphRecurrence): Map<string, NdArray> =>
  new Map(
    weights.flatMap((own, k) =>
      Object.entries(own).map(([role, array]): [string, NdArray] => [
        weights.length > 1 ? `cell_${k}/${role}` : role,
        array,
      ]),
    ),
  );

function tensorOf(array: NdArray | undefined, role: string, where: string): tf.Tensor {
  if (!array) throw new CarryoverError('E_WEIGHTS', `${where}: there is no array for '${role}'`);
  return tf.tensor(array.values as Float32Array, [...array.shape], 'float32');
}
