// Plain JavaScript, since scripts/setup.mjs needs it in a fresh clone, before anything is compiled.
import {randomUUID} from 'node:crypto';
import {mkdir, open, readFile, rename, rm, stat, utimes} from 'node:fs/promises';
import {hostname} from 'node:os';
import {dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
// Well beyond the heartbeat: a laptop's sleep or a stalled disk must not look like a dead owner.
const ABANDONED_MS = 60_000;
const POLL_MS = 250;
const PATIENCE_MS = 20 * 60_000;

/** Whether a process of this machine is alive. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function isAbandoned(path) {
  const [text, info] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
  let owner = {};
  try {
    owner = JSON.parse(text);
  } catch {
    // Its owner died between creating and writing it, or is about to write.
  }
  if (owner.host === hostname() && Number.isInteger(owner.pid)) return !isAlive(owner.pid);
  return Date.now() - info.mtimeMs > ABANDONED_MS;
}

async function acquire(path, token) {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify({pid: process.pid, host: hostname(), token}));
    await file.close();
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    if (!(await isAbandoned(path))) return false;
    // Renamed before it is deleted, so that of several waiters only one takes it away.
    const aside = `${path}.${token}`;
    await rename(path, aside);
    await rm(aside, {force: true});
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return acquire(path, token);
}

async function release(path, token) {
  try {
    if (JSON.parse(await readFile(path, 'utf8')).token === token) await rm(path);
  } catch {
    // Somebody thought it abandoned and took it: theirs now.
  }
}

export async function withLock(path, work, {onWait = () => {}, patience = PATIENCE_MS} = {}) {
  const token = randomUUID();
  const since = Date.now();
  await mkdir(dirname(path), {recursive: true});
  let waited = false;
  let held = await acquire(path, token);
  while (!held && Date.now() - since < patience) {
    if (!waited) onWait();
    waited = true;
    await sleep(POLL_MS);
    held = await acquire(path, token);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    if (held) utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (held) await release(path, token);
  }
}
