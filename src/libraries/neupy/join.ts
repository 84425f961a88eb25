import {
  input,
  type LayersModel,
  type layers,
  model,
  type Shape,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';

/** neupy's Input: the shape of one row of data; null where a dimension is open. */
export interface NeupyInput {
  readonly kind: 'input';
  readonly shape: readonly (number | null)[];
  readonly name?: string;
}

/** What `join` puts one after the other. */
export type Joinable = NeupyInput | layers.Layer;

const isInput = (part: Joinable): part is NeupyInput => 'kind' in part && part.kind === 'input';

/**
 * Layers one after the other as a model, an input first: `join(neupy.input(7), neupy.embedding(20, 5),
 * neupy.lstm({nUnits: 4}), neupy.sigmoid(1))`. Source: neupy/layers/graph.py, join, of 0.8.2.
 *
 * @throws CarryoverError `E_USAGE` where the first part is no input
 */
export function join(...parts: readonly Joinable[]): LayersModel {
  const [first, ...rest] = parts;
  if (!first || !isInput(first) || rest.some(isInput)) {
    throw new CarryoverError('E_USAGE', 'neupy.join: expected one input, first, and layers after it');
  }
  const shape = [null, ...first.shape] as Shape;
  const chain = rest as layers.Layer[];
  const dtype = chain[0]?.getClassName() === 'Embedding' ? 'int32' : 'float32';
  const start = input({batchShape: shape, name: first.name, dtype});
  const end = chain.reduce((data, layer) => layer.apply(data) as SymbolicTensor, start);
  return model({inputs: start, outputs: end});
}
