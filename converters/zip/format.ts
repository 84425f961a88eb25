import type {Format} from '../format';
import {isZip} from './magic';

export const zipFormat: Format = {
  name: 'zip',
  title: 'a zip file',
  holds: [],
  recognises: ({head}) => isZip(head),
  advice: 'unpack it and give what is in it',
};
