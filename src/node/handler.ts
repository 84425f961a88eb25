import type {io} from '@tensorflow/tfjs-core';
import {artifactsOf} from '../model/artifacts';
import {type LoadOptions, openModel} from './load';

/**
 * An `IOHandler` for `tf.loadLayersModel`: a model of an old library where tfjs takes its own.
 *
 * @param source and options: as for `loadModel`
 * @throws CarryoverError when it is loaded, see its codes
 */
export function kerasHandler(source: string, options: LoadOptions = {}): io.IOHandler {
  return {
    load: async () => {
      const {model} = await openModel(source, options);
      try {
        return await artifactsOf(model);
      } finally {
        model.dispose();
      }
    },
  };
}
