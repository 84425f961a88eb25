import {CarryoverError} from '../../src/errors';
import type {WeightFile, WeightGroup} from '../arrays';
import {folderOf} from '../files';
import type {Source} from '../format';
import {badFormat, listFew} from '../format-error';
import {jsonOf} from '../json/format';
import {readKeras} from './keras';
import {openHdf5} from './open';

/** The member of the JSON that says which file has which object's arrays. */
export const SHARD_INDEX = 'weight_map';

/**
 * Opens weights that Keras wrote as several files (`save_weights('m.weights.json', max_shard_size=...)`): the JSON names
 * those beside it, each of the new layout; an object's arrays may be in more than one.
 *
 * Source: saving_lib.py, `ShardedH5IOStore`, of Keras 3.10 and 3.15.
 *
 * @throws CarryoverError `E_FORMAT` where the JSON or a file is damaged, or lacks what the JSON promises; `E_FILE` where a
 *   file is not there
 */
export async function openShards(source: Source): Promise<WeightFile> {
  const where = source.name;
  const places = placesOf(await source.share(jsonOf), where);
  const shards = new Map<string, readonly WeightGroup[]>();
  let facts: WeightFile['facts'] = {};
  for (const name of new Set([...places.values()].flat())) {
    const file = await openShard(source, name);
    shards.set(name, file.groups);
    facts = {...facts, ...file.facts};
  }
  for (const [path, files] of places) {
    for (const name of files) {
      const group = shards.get(name)!.find(group => `/${[...group.owner!.path, 'vars'].join('/')}` === path);
      if (!group || group.arrays.length === 0)
        throw badFormat(where, `says that '${name}' has arrays of ${path}; found none there`);
    }
  }
  return {format: 'keras-h5-weights', groups: merged([...shards.values()].flat()), facts, close() {}};
}

/** For each object the files with its arrays; what training keeps is passed over, as in a file of its own. */
function placesOf(json: unknown, where: string): Map<string, string[]> {
  const {[SHARD_INDEX]: map} = json as {[SHARD_INDEX]?: unknown};
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw badFormat(where, `${SHARD_INDEX} is no object; expected the file of each path`);
  const entries = Object.entries(map).map(([path, files]): [string, string[]] => {
    const names = [files].flat();
    const odd = names.find(name => typeof name !== 'string' || !/^[^/\\]+\.h5$/.test(name));
    if (names.length > 0 && odd === undefined) return [path, names as string[]];
    throw badFormat(
      where,
      `${SHARD_INDEX} gives ${path} to ${JSON.stringify(odd)}; expected the name of an .h5 file beside it`,
    );
  });
  return new Map(entries.filter(([path]) => !/^\/(?:optimizer|metrics)\//.test(path)));
}

async function openShard(source: Source, name: string): Promise<WeightFile> {
  const path = folderOf(source.name) + name;
  const bytes = await source.files.open(path);
  if (!bytes) {
    const beside = (await source.files.list(folderOf(source.name))).filter(file => file.endsWith('.h5'));
    throw new CarryoverError(
      'E_FILE',
      `${source.name}: its part '${name}' is not beside it; found ${listFew(beside)}`,
      {file: path},
    );
  }
  source.onClose(() => bytes.close?.());
  const file = await openHdf5(bytes, path, source.limits);
  source.onClose(() => file.close());
  const read = readKeras(file, source.limits);
  if (read.groups.every(({owner}) => owner)) return read;
  throw badFormat(path, "a weight file of Keras' old layout; expected a part of one in several files");
}

/** One group for each object, however many files have arrays of it. */
function merged(groups: readonly WeightGroup[]): WeightGroup[] {
  const byName = new Map<string, WeightGroup>();
  for (const group of groups) {
    const known = byName.get(group.name);
    const arrays = [...(known?.arrays ?? []), ...group.arrays];
    const inOrder = arrays.toSorted((a, b) => a.name.localeCompare(b.name, 'en', {numeric: true}));
    // The part that began the object has its name.
    const owner = known?.owner?.name === undefined ? group.owner : known.owner;
    byName.set(group.name, {name: group.name, owner, arrays: inOrder});
  }
  return [...byName.values()];
}
