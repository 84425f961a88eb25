import type {layers} from '@tensorflow/tfjs-layers';
import type {KerasAge} from '../../../keras';

export interface LayerContext {
  readonly library: KerasAge;
  /** The release, where it is known: `0.2.0`. */
  readonly version?: string;
  /** What the model ran on: `theano`, `tensorflow`. It decides how convolutions and pooling work. */
  readonly backend?: string;
  readonly name: string;
  /** For error messages: `model.json: layer 3 'dense_1'`. */
  readonly where: string;
}

/** An array of a weight file. */
export interface LayerArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface BuiltLayer {
  readonly layer: layers.Layer;
  /** The library's own parameter names, in the order of its saved arrays: ['W', 'b'], ['kernel', 'bias']. */
  readonly roles: readonly string[];
  /** The library's arrays, as saved, to those that `layer.setWeights` takes. Absent where they are the same. */
  importArrays?(arrays: readonly LayerArray[]): {shape: number[]; values: Float32Array}[];
  /** What the user should know: settings that do not carry over, assumptions made. */
  readonly notes?: readonly string[];
}

/** A layer from its config: Python's own argument names, as in the JSON. */
export type PlainLayerFactory = (
  config: Readonly<Record<string, unknown>>,
  context: LayerContext,
) => BuiltLayer;
