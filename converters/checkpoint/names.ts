/** Endings of the files that a checkpoint is made of, after its prefix. */
const DATA = /\.data-\d{5}-of-\d{5}$/;
export const SHARD = /-(\d{5}|\?{5})-of-(\d{5})$/;

/**
 * The prefix that a file of a checkpoint belongs to: `model.ckpt` of `model.ckpt.index`,
 * `model.ckpt.data-00000-of-00001`, `model.ckpt.meta` and `model.ckpt-00000-of-00002`.
 */
export function checkpointPrefix(name: string): string {
  return name
    .replace(/\.(index|meta)$/, '')
    .replace(DATA, '')
    .replace(SHARD, '');
}

/** Whether a file beside a checkpoint has its graph, by its name. */
export const isGraphName = (name: string): boolean => name.endsWith('.meta');

/** Whether a name alone tells that a file is a part of a checkpoint. Graphs (`.meta`) are kept by themselves as well. */
export function isPartName(name: string): boolean {
  return name.endsWith('.index') || (checkpointPrefix(name) !== name && !isGraphName(name));
}
