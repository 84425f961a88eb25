import {CarryoverError} from '../../src/errors';
import type {WeightFile} from '../arrays';
import type {FileSet, RandomAccess} from '../files';
import {listFew} from '../format-error';
import {indexName, openBundle} from './bundle';
import {checkpointPrefix, isGraphName, SHARD} from './names';
import {openV1} from './v1';

/** An open checkpoint. Object-based ones (TensorFlow 2) have `objects`. */
export type Checkpoint = WeightFile;

/**
 * Opens a checkpoint by its prefix, as TensorFlow does: V2 (`PREFIX.index` and data files), V1 in one file
 * (`PREFIX`) or in shards (`PREFIX-00000-of-00002`). One group without a name holds every variable under its own.
 * float16 and bfloat16 are read as float32. Arrays are read, and their sums checked, when they are asked for.
 *
 * `facts`: `format_version`, `shards`; `missing` names data files that are not there, `unreadable` variables of types
 * that Carryover does not read.
 *
 * @param prefix also the name of one of the checkpoint's files
 * @throws CarryoverError E_FILE when there is no such checkpoint, E_FORMAT when it is damaged
 */
export async function openCheckpoint(prefix: string, files: FileSet): Promise<Checkpoint> {
  const base = checkpointPrefix(prefix);
  // A name may end like a shard's and be a whole checkpoint's.
  for (const candidate of new Set([prefix, base])) {
    const index = await files.open(indexName(candidate));
    if (index) return guarded([index], () => openBundle(candidate, index, files));
  }
  const single = prefix === base || isGraphName(prefix) ? await files.open(base) : undefined;
  if (single) return guarded([single], async () => openV1(new Map([[base, single]])));
  const shards = await shardNames(base, prefix, files);
  if (shards.length > 0) return openShards(shards, files);
  throw await notFound(base, files);
}

async function openShards(names: readonly string[], files: FileSet): Promise<Checkpoint> {
  const sources = new Map<string, RandomAccess>();
  return guarded(sources.values(), async () => {
    for (const name of names) {
      const source = await files.open(name);
      if (!source) {
        throw new CarryoverError(
          'E_FILE',
          `${name}: no such file; the checkpoint has ${names.length} shards, put all in one folder`,
        );
      }
      sources.set(name, source);
    }
    return openV1(sources);
  });
}

/** Names of every shard, there or not, in order; none where no shard is there. */
async function shardNames(base: string, prefix: string, files: FileSet): Promise<string[]> {
  const asked = SHARD.exec(prefix)?.[2];
  const totals = new Set<string>();
  for (const name of await files.list(`${base}-`)) {
    const [end, , total] = SHARD.exec(name) ?? [];
    if (end && total && name.length === base.length + end.length) totals.add(total);
  }
  const total = asked !== undefined && totals.has(asked) ? asked : [...totals].sort()[0];
  if (total === undefined) return [];
  if (asked === undefined && totals.size > 1) {
    throw new CarryoverError(
      'E_FILE',
      `${base}: shards of several checkpoints, ${listFew([...totals].sort().map(of => `-of-${of}`))}; give the name of one shard`,
    );
  }
  return Array.from(
    {length: Number(total)},
    (_, shard) => `${base}-${String(shard).padStart(5, '0')}-of-${total}`,
  );
}

async function notFound(base: string, files: FileSet): Promise<CarryoverError> {
  const folder = base.slice(0, base.lastIndexOf('/') + 1);
  const beside = await files.list(folder);
  const data = beside.find(name => name.startsWith(`${base}.data-`));
  if (data !== undefined) {
    return new CarryoverError(
      'E_FILE',
      `${indexName(base)}: no such file, although ${data} is there; put it beside`,
    );
  }
  const prefixes = new Set(
    beside.filter(name => name.endsWith('.index') || SHARD.test(name)).map(checkpointPrefix),
  );
  return new CarryoverError(
    'E_FILE',
    `${base}: no checkpoint with this prefix; expected ${indexName(base)} (V2), ${base} or ${base}-00000-of-0000N (V1); ` +
      `checkpoints there: ${listFew([...prefixes].sort())}`,
  );
}

/** What was opened is closed again where reading fails. */
async function guarded(
  sources: Iterable<RandomAccess>,
  open: () => Promise<Checkpoint>,
): Promise<Checkpoint> {
  try {
    return await open();
  } catch (error) {
    for (const source of sources) source.close?.();
    throw error;
  }
}
