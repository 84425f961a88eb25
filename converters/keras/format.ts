import type {Format} from '../format';
import {firstMember, isZip} from '../zip/magic';
import {ARCHITECTURE, METADATA, WEIGHTS} from './members';

export const kerasZipFormat: Format = {
  name: 'keras-zip',
  title: 'a Keras model (.keras)',
  holds: ['architecture', 'weights'],
  recognises: ({head, name}) =>
    isZip(head) && ([METADATA, ARCHITECTURE, WEIGHTS].includes(firstMember(head)) || /\.keras$/i.test(name)),
  open: async source => (await import('./open')).openKerasZip(source),
};

/** What is in a `.keras`, in a folder (`model.save(..., zipped=False)`). */
export const kerasFolderFormat: Format = {
  name: 'keras-dir',
  title: "a Keras model's folder (an unzipped .keras)",
  holds: ['architecture', 'weights'],
  recognises: ({entries}) =>
    entries.includes(ARCHITECTURE) && entries.some(name => name.startsWith('model.weights.')),
  open: async source => (await import('./open')).openKerasFolder(source),
};
