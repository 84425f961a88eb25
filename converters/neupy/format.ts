import type {Format} from '../format';
import {hdf5Of, isHdf5} from '../hdf5/format';
import {isJson, jsonOf} from '../json/format';
import {isPickle, pickleOf} from '../pickle/format';

const holds = ['architecture', 'weights'] as const;

export const neupyHdf5Format: Format = {
  name: 'neupy-hdf5',
  title: 'a neupy network (HDF5)',
  holds,
  recognises: async source =>
    isHdf5(source) && (await import('./hdf5')).isNeupyHdf5(await source.share(hdf5Of)),
  open: async source => (await import('./hdf5')).readNeupyHdf5(await source.share(hdf5Of), source.limits),
};

export const neupyPickleFormat: Format = {
  name: 'neupy-pickle',
  title: 'a neupy network (pickle)',
  holds,
  recognises: async source =>
    isPickle(source) && (await import('./pickle')).isNeupyPickle(await source.share(pickleOf)),
  open: async source =>
    (await import('./pickle')).neupyFromPickle(await source.share(pickleOf), source.name, source.limits),
};

export const neupyJsonFormat: Format = {
  name: 'neupy-json',
  title: 'a neupy network (JSON)',
  holds,
  recognises: async source =>
    isJson(source) && (await import('./network')).isNeupyData(await source.share(jsonOf)),
  open: async source =>
    (await import('./json')).neupyFromJson(await source.share(jsonOf), source.name, source.limits),
};
