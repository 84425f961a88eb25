import type {NdArray} from '../../converters/arrays';
import type {FileSet} from '../../converters/files';
import {readNpy} from '../../converters/npy/read';
import {readFile} from '../../converters/open';
import type {Files} from './case';

export async function loadArray(files: FileSet, folder: string, file: string): Promise<NdArray> {
  return readNpy(await readFile(files, `${folder}/${file}`), file);
}

/** The arrays of a case's folder, by the names of inputs or outputs. */
export async function loadArrays(
  files: FileSet,
  folder: string,
  names: Files,
): Promise<Record<string, NdArray>> {
  const entries = await Promise.all(
    Object.entries(names).map(async ([name, file]) => [name, await loadArray(files, folder, file)] as const),
  );
  return Object.fromEntries(entries);
}

/** An array as plain numbers. */
export function plain({shape, values}: NdArray): {shape: readonly number[]; values: Float64Array} {
  return {shape, values: Float64Array.from(values as ArrayLike<number | bigint>, Number)};
}
