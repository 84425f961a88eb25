import type {Format} from '../format';
import {firstMember, isZip} from './magic';

/** Keras 3, `saving_lib.py`: these members, in this order. */
const KERAS_MEMBERS = ['metadata.json', 'config.json', 'model.weights.h5'];

export const kerasZipFormat: Format = {
  name: 'keras-zip',
  title: 'a Keras 3 model (.keras)',
  holds: ['architecture', 'weights'],
  recognises: ({head}) => isZip(head) && KERAS_MEMBERS.includes(firstMember(head)),
  advice: "save the model as '.h5' with that Keras",
};

export const zipFormat: Format = {
  name: 'zip',
  title: 'a zip file',
  holds: [],
  recognises: ({head}) => isZip(head),
  advice: 'unpack it and give what is in it',
};
