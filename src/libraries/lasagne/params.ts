import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../../../converters/arrays';
import {RecurrentLayer} from '../../layers/recurrent-layer';

/**
 * All arrays of a model as Lasagne's `get_all_param_values` lists them: layer by layer, each layer's in the
 * library's order, trained or not. With `writeNpz` they make the `.npz` that `np.savez(file, *values)` makes.
 *
 * Source: lasagne/layers/helper.py, get_all_param_values, at 5d3c63c.
 * @returns `arr_0`, `arr_1`, ... with their arrays
 */
export function getAllParamValues(model: LayersModel): [string, NdArray][] {
  const values = model.layers.flatMap(layer => {
    const tensors = layer.getWeights();
    if (!(layer instanceof RecurrentLayer)) return tensors;
    const specs = layer.dialect.arrays(layer.args, layer.version);
    return specs.map(({name}) => tensors[layer.arrayNames.indexOf(name)]!);
  });
  return values.map((tensor, k) => [
    `arr_${k}`,
    {dtype: 'float32', shape: tensor.shape, values: Float32Array.from(tensor.dataSync())},
  ]);
}
