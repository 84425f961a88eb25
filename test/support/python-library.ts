import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A Python with one of the old libraries. */
export interface PythonLibrary {
  /** Why there is none; undefined where there is one. */
  readonly missing: string | undefined;
  /** Runs a program; the JSON that it prints last. */
  ask(program: string, ...args: string[]): unknown;
}

/** Where CI is set the environment is made, and its absence is a failure; elsewhere it is used where it exists. */
export function pythonLibrary(name: 'epynn' | 'neupy-0.8.2'): PythonLibrary {
  const required = process.env.CI === 'true';
  const args = ['scripts/python-library.mjs', name, ...(required ? [] : ['--existing'])];
  const found = spawnSync(process.execPath, args, {encoding: 'utf8'});
  if (found.status !== 0 && required) throw new Error(`no Python with ${name}: ${found.stderr.trim()}`);
  return {
    missing: found.status === 0 ? undefined : `node scripts/python-library.mjs ${name} sets it up`,
    ask(program, ...values) {
      const env = {
        ...process.env,
        TF_CPP_MIN_LOG_LEVEL: '3',
        PYTHONDONTWRITEBYTECODE: '1',
        MPLBACKEND: 'Agg',
      };
      const ran = spawnSync(found.stdout.trim(), ['-W', 'ignore', '-c', program, ...values], {
        encoding: 'utf8',
        env,
      });
      if (ran.status !== 0) throw new Error(ran.stderr.slice(-2000));
      return JSON.parse(ran.stdout.trim().split('\n').at(-1)!);
    },
  };
}

/** Runs in a folder of its own, which is gone afterwards. */
export async function inFolder(work: (folder: string) => unknown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-python-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
