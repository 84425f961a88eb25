// Plain JavaScript, since scripts/ needs it in a fresh clone, before anything is compiled.
import {homedir} from 'node:os';
import {join} from 'node:path';

export function cacheFolder(env) {
  if (env.CARRYOVER_CACHE) return env.CARRYOVER_CACHE;
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'carryover');
}
