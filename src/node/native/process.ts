import {type ChildProcess, spawn} from 'node:child_process';
import {accessSync, constants, statSync} from 'node:fs';
import {delimiter, isAbsolute, join} from 'node:path';

export type Environment = Record<string, string | undefined>;

export interface Ran {
  /** Exit status; null when the program could not start, was killed, or ran out of time. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env: Environment;
  /** Milliseconds; the program is killed after them. */
  timeout: number;
}

// Enough for a compiler's first error and pip's last; a build can print megabytes.
const KEPT_OUTPUT = 64 * 1024;

const running = new Set<ChildProcess>();

function stopAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs a program to its end; never throws. A program still running when this process exits is killed. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeout,
      killSignal: 'SIGKILL',
    });
    const ran: Ran = {code: null, stdout: '', stderr: ''};
    if (running.size === 0) process.once('exit', stopAll);
    running.add(child);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text: string) => {
        ran[stream] = (ran[stream] + text).slice(-KEPT_OUTPUT);
      });
    }
    const finish = (code: number | null) => {
      running.delete(child);
      if (running.size === 0) process.removeListener('exit', stopAll);
      resolve({...ran, code});
    };
    child.once('error', error => {
      ran.stderr += error.message;
      finish(null);
    });
    child.once('close', finish);
  });
}

/** The last line of what a program printed: where pip, compilers and Node put the reason. */
export function lastLine(ran: Ran): string {
  const lines = `${ran.stdout}\n${ran.stderr}`.split('\n').filter(line => line.trim() !== '');
  return lines.at(-1)?.trim() ?? 'it printed nothing';
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first of these programs that is on `PATH` (an absolute path is taken as it is). */
export function findProgram(names: readonly (string | undefined)[], env: Environment): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  for (const name of names) {
    if (name === undefined || name === '') continue;
    const found = isAbsolute(name) ? [name] : folders.map(folder => join(folder, name));
    const program = found.find(isProgram);
    if (program !== undefined) return program;
  }
  return undefined;
}
