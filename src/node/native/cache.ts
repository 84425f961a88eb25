import {randomBytes} from 'node:crypto';
import {existsSync, lstatSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {mkdir, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join, relative} from 'node:path';
import {isAlive} from './lock.mjs';

export const READY = 'ready.json';
const TEMPORARY = /\.tmp-(.+)-(\d+)-[0-9a-f]+$/;
// A temporary folder of another machine on a shared disk: no set-up takes a day.
const FOREIGN_LEFTOVER_MS = 24 * 60 * 60_000;

/** What a finished cache entry says of itself. */
export interface Ready {
  route: 'upstream' | 'wheel';
  /** TensorFlow's version, as the library itself reports it. */
  tensorflow: string;
  gpu: boolean;
  /** Bytes of every file, by path within the entry: a truncated one makes the entry void. */
  files: Record<string, number>;
}

/** A name that no other process uses, which tells who may be asked whether it is still in use. */
export function temporaryName(path: string): string {
  return `${path}.tmp-${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Removes what interrupted set-ups left in `folder`. */
export async function removeLeftovers(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    const [, host, pid] = TEMPORARY.exec(name) ?? [];
    if (host === undefined) continue;
    const path = join(folder, name);
    const changed = await stat(path).then(
      info => info.mtimeMs,
      () => 0,
    );
    const abandoned =
      host === hostname() ? !isAlive(Number(pid)) : Date.now() - changed > FOREIGN_LEFTOVER_MS;
    if (abandoned) await rm(path, {recursive: true, force: true});
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .map(name => join(folder, name))
    .filter(path => lstatSync(path).isFile());
}

/** The finished entry in `folder`, or undefined where there is none or a file of it is missing or cut short. */
export function readEntry(folder: string): Ready | undefined {
  try {
    const ready = JSON.parse(readFileSync(join(folder, READY), 'utf8')) as Ready;
    const whole = Object.entries(ready.files).every(
      ([name, bytes]) => statSync(join(folder, name)).size === bytes,
    );
    return whole ? ready : undefined;
  } catch {
    return undefined;
  }
}

/** Runs `fill` on an empty temporary folder beside `path`, and removes it with whatever is left in it. */
export async function makeStage<T>(path: string, fill: (stage: string) => Promise<T>): Promise<T> {
  const stage = temporaryName(path);
  await mkdir(stage, {recursive: true});
  try {
    return await fill(stage);
  } finally {
    await rm(stage, {recursive: true, force: true});
  }
}

/**
 * Makes `folder` by filling a temporary one beside it and renaming that, so that it is there whole or not at
 * all. `fill` says what the entry is, or why it cannot be had (a string).
 */
export async function makeEntry(
  folder: string,
  fill: (stage: string) => Promise<Omit<Ready, 'files'> | string>,
): Promise<Ready | string> {
  return makeStage(folder, async stage => {
    const filled = await fill(stage);
    if (typeof filled === 'string') return filled;
    const files = Object.fromEntries(
      filesBelow(stage).map(path => [relative(stage, path), statSync(path).size]),
    );
    const ready: Ready = {...filled, files};
    await writeFile(join(stage, READY), `${JSON.stringify(ready, null, 2)}\n`);
    try {
      await replaceFolder(stage, folder);
    } catch (error) {
      // Another set-up may have finished the same entry in the meantime.
      const other = readEntry(folder);
      if (other === undefined) throw error;
      return other;
    }
    return ready;
  });
}

/** Puts the finished folder `from` where `to` is; what stood there is moved aside first and then removed. */
export async function replaceFolder(from: string, to: string): Promise<void> {
  const aside = temporaryName(to);
  const stood = await rename(to, aside).then(
    () => true,
    () => false,
  );
  await rename(from, to);
  if (stood) await rm(aside, {recursive: true, force: true});
}
