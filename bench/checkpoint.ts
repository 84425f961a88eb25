/**
 * One small variable out of a checkpoint of 1 GB: time, and memory taken. Also its large ones, whole and in part, and
 * the writing.
 *
 *     npm run bench -- checkpoint [folder for the 1 GB, by default the system's temporary one]
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {NamedArray} from '../converters/arrays';
import type {Writable} from '../converters/checkpoint/values';
import {writeCheckpointFile} from '../src/node/files/write-checkpoint';
import {readWeights} from '../src/node/load';

const LARGE = [4096, 4096] as const;
/** 15 of 64 MiB are 1.0 GB. */
const COUNT = 15;

function variables(): Map<string, Writable> {
  const large = (seed: number): Writable => ({
    dtype: 'float32',
    shape: LARGE,
    read: () => {
      const values = new Float32Array(LARGE[0] * LARGE[1]);
      for (let k = 0; k < values.length; k++) values[k] = (k * 2654435761 + seed) % 1000;
      return {dtype: 'float32', shape: LARGE, values};
    },
  });
  const all = Array.from({length: COUNT}, (_, k) => [`layer_${k}/kernel`, large(k)] as const);
  const small: Writable = {
    dtype: 'float32',
    shape: [512],
    values: Float32Array.from({length: 512}, (_, k) => k),
  };
  return new Map<string, Writable>([...all, ['layer_7/bias', small]]);
}

interface Taken {
  readonly ms: number;
  /** Growth of what the process holds in arrays. */
  readonly megabytes: number;
}

async function measure(work: () => Promise<unknown>): Promise<Taken> {
  globalThis.gc?.();
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  const held = await work();
  const ms = performance.now() - start;
  globalThis.gc?.();
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6;
  // Named here, so that it is not collected before.
  if (held === undefined) throw new Error('nothing was read');
  return {ms, megabytes};
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

async function report(what: string, repeat: number, work: () => Promise<unknown>): Promise<void> {
  const taken: Taken[] = [];
  for (let k = 0; k < repeat; k++) taken.push(await measure(work));
  const ms = median(taken.map(one => one.ms));
  const megabytes = median(taken.map(one => one.megabytes));
  process.stdout.write(
    `${what.padEnd(64)} ${ms.toFixed(1).padStart(9)} ms ${megabytes.toFixed(2).padStart(9)} MB\n`,
  );
}

async function opened<T>(prefix: string, name: string, use: (array: NamedArray) => T): Promise<T> {
  const file = await readWeights(prefix);
  try {
    return use(file.groups[0]!.arrays.find(array => array.name === name)!);
  } finally {
    file.close();
  }
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'carryover-bench-'));
try {
  for (const version of [2, 1] as const) {
    const prefix = join(folder, `v${version}.ckpt`);
    await report(`V${version}: write 1 GB`, 1, async () =>
      writeCheckpointFile(prefix, variables(), {version}),
    );
    await report(`V${version}: open`, 9, async () => opened(prefix, 'layer_7/bias', array => array));
    await report(`V${version}: open and read one variable of 2 KB`, 9, async () =>
      opened(prefix, 'layer_7/bias', array => array.read()),
    );
    await report(`V${version}: open and read one variable of 67 MB`, 5, async () =>
      opened(prefix, 'layer_3/kernel', array => array.read()),
    );
    await report(`V${version}: open and read 10 rows of one of 67 MB`, 5, async () =>
      opened(prefix, 'layer_3/kernel', array => array.slice!([100, 0], [10, -1])),
    );
  }
  const {rss} = process.memoryUsage();
  process.stdout.write(
    `peak resident ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB, now ${(rss / 1e6).toFixed(0)} MB\n`,
  );
} finally {
  rmSync(folder, {recursive: true, force: true});
}
