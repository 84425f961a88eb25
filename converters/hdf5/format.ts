import type {Format, Source} from '../format';
import {hasMember} from '../json/format';
import type {Hdf5File} from './file';
import {findSuperblock} from './superblock';

export const isHdf5 = ({head}: Source): boolean => findSuperblock(head) !== undefined;

/** A source as HDF5. */
export async function hdf5Of(source: Source): Promise<Hdf5File> {
  const {openHdf5} = await import('./open');
  const file = await openHdf5(source.file!, source.name, source.limits);
  source.onClose(() => file.close());
  return file;
}

const openKeras = async (source: Source) =>
  (await import('./keras')).readKeras(await source.share(hdf5Of), source.limits);

export const kerasModelFormat: Format = {
  name: 'keras-h5',
  title: 'a whole Keras model (HDF5)',
  holds: ['architecture', 'weights'],
  recognises: async source =>
    isHdf5(source) && (await import('./keras')).isWholeModel(await source.share(hdf5Of)),
  open: openKeras,
};

/** The JSON that names the parts of weights in several files. */
const isShardIndex = (source: Source): Promise<boolean> => hasMember(source, 'weight_map');

/** HDF5 of other kinds is refused on opening, with what was found in it. */
export const kerasWeightsFormat: Format = {
  name: 'keras-h5-weights',
  title: 'a Keras weight file (HDF5)',
  holds: ['weights'],
  recognises: async source => isHdf5(source) || (await isShardIndex(source)),
  open: async source => (isHdf5(source) ? openKeras(source) : (await import('./shards')).openShards(source)),
};
