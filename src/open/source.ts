import {type Bytes, type FileSet, folderOf, isBytes, memoryFiles} from '../../converters/files';

/** The bytes of a file (`File`, `Blob`, `Uint8Array`, `ArrayBuffer`), or of several by their names or paths. */
export type MemorySource = Bytes | Readonly<Record<string, Bytes>> | ReadonlyMap<string, Bytes>;

/** A source among the files that belong to it. */
export interface Place {
  readonly files: FileSet;
  readonly name: string;
  /** The names of all files, where they are in memory. */
  readonly names?: readonly string[];
}

/** What bytes without a name are called in messages. */
const NAMELESS = 'source';

/** Whether a value is a source in memory; parsed JSON is none. */
export function isMemorySource(value: unknown): value is MemorySource {
  if (isBytes(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const files = value instanceof Map ? [...value.values()] : Object.values(value);
  return files.length > 0 && files.every(isBytes);
}

/** One file is the source itself, several are those of a folder. */
export function placeInMemory(source: MemorySource): Place {
  const files = isBytes(source)
    ? new Map([['name' in source ? String(source.name) : NAMELESS, source]])
    : new Map<string, Bytes>(source instanceof Map ? source : Object.entries(source));
  const names = [...files.keys()];
  return {files: memoryFiles(files), name: names.length === 1 ? names[0]! : commonFolder(names), names};
}

function commonFolder(names: readonly string[]): string {
  let folder = folderOf(names[0] ?? '');
  while (!names.every(name => name.startsWith(folder))) folder = folderOf(folder.slice(0, -1));
  return folder.replace(/\/$/, '');
}
