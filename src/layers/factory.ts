import * as tf from '@tensorflow/tfjs-core';
import type {Dialect} from '../dialects/dialect';
import {type LayerConfig, RecurrentLayer} from './recurrent-layer';

/** A tfjs layer class of a dialect. */
export interface RecurrentLayerClass {
  new (config?: LayerConfig): RecurrentLayer;
  readonly className: string;
  readonly dialect: Dialect;
}

/**
 * Makes the tfjs layer class of a dialect and registers it, so that `tf.loadLayersModel` finds it. Its tfjs
 * name joins library and class (`Keras0LSTM`): tfjs' own names stay tfjs' own.
 */
export function layerClass(dialect: Dialect): RecurrentLayerClass {
  const name = dialect.library.charAt(0).toUpperCase() + dialect.library.slice(1) + dialect.className;
  class DialectLayer extends RecurrentLayer {
    static readonly className = name;
    static readonly dialect = dialect;
    override readonly dialect = dialect;
    constructor(config: LayerConfig = {}) {
      super(config, dialect);
    }
  }
  tf.serialization.registerClass(
    DialectLayer as unknown as Parameters<typeof tf.serialization.registerClass>[0],
  );
  return DialectLayer;
}
