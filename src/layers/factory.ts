import * as tf from '@tensorflow/tfjs-core';
import type {Dialect} from '../dialects/dialect';
import {type LayerConfig, RecurrentLayer} from './recurrent-layer';

/** A tfjs layer class of a dialect. */
export interface RecurrentLayerClass<T extends RecurrentLayer = RecurrentLayer> {
  new (config?: LayerConfig): T;
  readonly className: string;
  readonly dialect: Dialect;
}

/** A recurrent layer's class before it has a dialect; some libraries add methods of their own. */
export type LayerBase<T extends RecurrentLayer> = abstract new (config: LayerConfig, dialect: Dialect) => T;

/**
 * Makes the tfjs layer class of a dialect and registers it, so that `tf.loadLayersModel` finds it. Its tfjs
 * name joins library and class (`Keras0LSTM`): tfjs' own names stay tfjs' own.
 */
export function layerClass<T extends RecurrentLayer>(
  dialect: Dialect,
  base: LayerBase<T> = RecurrentLayer as unknown as LayerBase<T>,
): RecurrentLayerClass<T> {
  const name = dialect.library.charAt(0).toUpperCase() + dialect.library.slice(1) + dialect.className;
  // TypeScript cannot see through a base class that is a parameter.
  class DialectLayer extends (base as unknown as LayerBase<RecurrentLayer>) {
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
  return DialectLayer as unknown as RecurrentLayerClass<T>;
}
