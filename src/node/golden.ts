import {existsSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {CarryoverError} from '../errors';
import {type GoldenOptions, type GoldenReport, runGoldens} from '../golden/run';
import {ensureBackend} from './backend';
import {diskFiles} from './files/disk';

export type {GoldenOptions, GoldenReport, GoldenResult} from '../golden/run';

/**
 * Runs golden cases on disk; see `runGoldens`.
 * @param paths golden folders, or folders with such folders in them
 */
export async function runGoldenTree(
  paths: readonly string[],
  options: GoldenOptions = {},
): Promise<GoldenReport> {
  await ensureBackend();
  return runGoldens(diskFiles, findGoldens(paths), options);
}

/** The golden folders in these folders and below them, in order of name. */
export function findGoldens(paths: readonly string[]): string[] {
  return paths.flatMap(path => {
    if (!existsSync(path)) throw new CarryoverError('E_FILE', `${path}: no such folder`);
    const found = goldensIn(path);
    if (found.length > 0) return found;
    throw new CarryoverError('E_FILE', `${path}: no golden.json in this folder or below it`);
  });
}

/** The golden folders in a folder and below it; none for a file, or where there is nothing. */
export function goldensIn(path: string): string[] {
  return existsSync(path) ? search(path.replace(/(?<=.)[\\/]+$/, '')) : [];
}

function search(folder: string): string[] {
  if (!statSync(folder).isDirectory()) return [];
  if (existsSync(join(folder, 'golden.json'))) return [folder];
  return readdirSync(folder)
    .sort()
    .flatMap(name => search(join(folder, name)));
}
