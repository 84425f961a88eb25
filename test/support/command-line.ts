import {execFile} from 'node:child_process';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {build as bundle} from 'tsup';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /** Runs it in a process of its own. */
  carryover(...args: string[]): Promise<Result>;
  /** As `carryover`, with bytes on stdin and bytes on stdout. */
  piping(input: Uint8Array, ...args: string[]): Promise<{code: number; bytes: Uint8Array; stderr: string}>;
  build(): Promise<void>;
  remove(): Promise<void>;
}

/** The command line as a test file's processes see it: built once, at most two of them at a time. */
export function commandLine(): CommandLine {
  /** Within the project, where its dependencies are found. */
  const built = `.cache/cli-test-${process.pid}`;
  let free = 2;
  const waiting: (() => void)[] = [];
  return {
    async build() {
      await bundle({
        config: false,
        entry: {bin: 'src/cli/bin.ts'},
        outDir: built,
        format: ['esm'],
        target: 'node20',
        platform: 'neutral',
        external: [/^node:/, /^@tensorflow\//],
        silent: true,
      });
    },
    piping: (input, ...args) =>
      new Promise(resolve => {
        const all = [join(built, 'bin.js'), ...args];
        const child = execFile(process.execPath, all, {encoding: 'buffer'}, (error, stdout, stderr) => {
          resolve({code: error ? Number(error.code) : 0, bytes: stdout, stderr: stderr.toString()});
        });
        child.stdin!.end(input);
      }),
    remove: () => rm(built, {recursive: true, force: true}),
    async carryover(...args) {
      if (free === 0) await new Promise<void>(resolve => waiting.push(resolve));
      else free--;
      const all = [join(built, 'bin.js'), ...args];
      const result = await new Promise<Result>(resolve => {
        execFile(process.execPath, all, {encoding: 'utf8'}, (error, stdout, stderr) => {
          resolve({code: error ? Number(error.code) : 0, stdout, stderr});
        });
      });
      const next = waiting.shift();
      if (next) next();
      else free++;
      return result;
    },
  };
}
