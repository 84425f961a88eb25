import {mkdtempSync, readdirSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {NamedArray, NdArray} from '../converters/arrays';
import {type Checkpoint, openCheckpoint} from '../converters/checkpoint/open';
import {memoryFiles} from '../converters/files';

export const GOOD = 'fixtures/checkpoints';
export const HOSTILE = 'fixtures/hostile/checkpoint';

export const arraysOf = (file: Checkpoint) => file.groups[0]!.arrays;
export const byName = (file: Checkpoint, name: string): NamedArray =>
  arraysOf(file).find(a => a.name === name)!;

/** As make.py shows values. */
export function shown({values}: NdArray): unknown[] {
  return Array.from<unknown>(values).map(value => (typeof value === 'bigint' ? String(value) : value));
}

/** All files of a folder in memory, by their names alone. */
export function inMemory(folder: string): Record<string, Uint8Array> {
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]));
}

export async function readAll(
  files: Record<string, Uint8Array>,
  prefix = 'model.ckpt',
): Promise<Record<string, NdArray>> {
  const file = await openCheckpoint(prefix, memoryFiles(files));
  return Object.fromEntries(arraysOf(file).map(array => [array.name, array.read()]));
}

export function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'carryover-checkpoint-'));
}
