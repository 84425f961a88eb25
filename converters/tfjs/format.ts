import type {Format} from '../format';
import {hasMember} from '../json/format';

export const tfjsFormat: Format = {
  name: 'tfjs',
  title: 'a TensorFlow.js model',
  holds: ['architecture', 'weights'],
  recognises: async source =>
    (source.entries.includes('model.json') && source.entries.some(name => name.endsWith('.bin'))) ||
    hasMember(source, 'modelTopology'),
  write: async model => (await import('./write')).tfjsFiles(model),
  advice: "load it with tf.loadLayersModel, after import 'carryover'",
};
