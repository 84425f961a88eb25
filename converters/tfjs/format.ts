import {type Format, Source} from '../format';
import {hasMember} from '../json/format';

const MODEL = 'model.json';

/** Whether the `model.json` of a folder is TensorFlow.js': Keras users call theirs so, too. */
async function holdsModel({files, name, entries, limits}: Source): Promise<boolean> {
  if (!entries.includes(MODEL)) return false;
  const model = await Source.look(files, name === '' ? MODEL : `${name}/${MODEL}`, limits);
  try {
    return await hasMember(model, 'modelTopology');
  } finally {
    model.close();
  }
}

export const tfjsFormat: Format = {
  name: 'tfjs',
  title: 'a TensorFlow.js model',
  holds: ['architecture', 'weights'],
  recognises: async source => (await holdsModel(source)) || hasMember(source, 'modelTopology'),
  open: async source => (await import('./open')).openTfjs(source),
  write: async model => (await import('./write')).tfjsFiles(model),
};
