import {join} from 'node:path';
import type {NdArray} from '../../../converters/arrays';
import {readArray} from '../files/open';
import type {Files} from './case';

/** The arrays of a case's folder, by the names of inputs or outputs. */
export async function loadArrays(folder: string, files: Files): Promise<Record<string, NdArray>> {
  const entries = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, await readArray(join(folder, file))] as const),
  );
  return Object.fromEntries(entries);
}

/** An array as plain numbers. */
export function plain({shape, values}: NdArray): {shape: readonly number[]; values: Float64Array} {
  return {shape, values: Float64Array.from(values as ArrayLike<number | bigint>, Number)};
}
