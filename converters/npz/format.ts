import type {Format} from '../format';
import {firstMember, isZip} from '../zip/magic';

export const npzFormat: Format = {
  name: 'npz',
  title: 'a NumPy archive (.npz)',
  holds: ['weights'],
  recognises({head, name}) {
    if (!isZip(head)) return false;
    const member = firstMember(head);
    return member.endsWith('.npy') || (member === '' && /\.npz$/i.test(name));
  },
  open: async source => (await import('./read')).openNpz(source.bytes(), source.name, source.limits),
};
