import {layers} from '@tensorflow/tfjs-layers';
import type {Problem} from '../problem';
import type {Entry} from './contestant';
import {layerContestant} from './layer';

/** tfjs' own layers on one of its backends. */
export function tfjsEntry(name: string, backend: string): Entry {
  return async (p, data) => {
    const layer = plainLayer(p);
    return typeof layer === 'string' ? layer : layerContestant(name, layer, p, data, [1], {backend});
  };
}

/** tfjs' own layer for a problem, or what it lacks. */
function plainLayer({cell, units, gates, reset, peepholes}: Problem): layers.Layer | string {
  if (peepholes) return 'tfjs-layers has no peepholes';
  const args = {units, returnSequences: true, recurrentInitializer: 'glorotUniform'} as const;
  const gated = {...args, recurrentActivation: gates};
  if (cell === 'lstm') return layers.lstm(gated);
  if (cell === 'simple') return layers.simpleRNN(args);
  return reset === 'after' ? 'tfjs-layers has no GRU with reset after' : layers.gru(gated);
}
