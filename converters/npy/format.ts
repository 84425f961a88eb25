import type {Format} from '../format';
import {isNpy} from './magic';

export const npyFormat: Format = {
  name: 'npy',
  title: 'a NumPy array (.npy)',
  holds: ['weights'],
  mostlyData: true,
  recognises: ({head}) => isNpy(head),
  open: async source => (await import('./read')).openNpy(source.bytes(), source.name, source.limits),
};
