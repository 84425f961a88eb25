import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';

export type PythonLibrary = 'keras' | 'torch';

/** What a peer answers; see peer.py. */
export interface Answer {
  readonly missing?: string;
  readonly versions?: Readonly<Record<string, string>>;
  readonly ready?: true;
  readonly refused?: string;
  readonly ms?: number;
}

const PROGRAM = 'bench/peers/peer.py';
const FIND = 'scripts/python-tensorflow.mjs';
/** Python's own complaints are shown where they are asked for. */
const ERRORS = process.env.CARRYOVER_DEBUG === '1' ? 'inherit' : 'ignore';
/** Threads of a library spin for a while after a call; idleness begins after that. */
const SPIN_MS = 25;
/** Linux counts a process's time in these. */
const TICK_MS = 10;

/** The Python that has TensorFlow, made where it is missing; or why there is none. */
export function tensorflowPython(): {readonly path?: string; readonly reason?: string} {
  const found = spawnSync(process.execPath, [FIND], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
  return found.status === 0 ? {path: found.stdout.trim()} : {reason: found.stderr.trim().split('\n').at(-1)};
}

/** A Python library in a process of its own, which waits for orders. */
export class PythonPeer {
  versions: Readonly<Record<string, string>> = {};
  private readonly waiting: ((answer: Answer | Error) => void)[] = [];
  private rest = '';
  private ended: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  private idleFrom: {readonly at: number; readonly cpu: number} | undefined;
  private idleMs = 0;
  private idleCpuMs = 0;

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop()!;
      for (const line of lines) this.waiting.shift()?.(JSON.parse(line) as Answer);
    });
    // An order to one that has ended is answered by its end.
    child.stdin!.on('error', () => {});
    child.once('error', error => this.fail(error));
    child.once('close', code => this.fail(new Error(`the Python process ended with exit code ${code}`)));
  }

  /** Starts one; gives the reason where that Python lacks the library. */
  static async start(python: string, library: PythonLibrary): Promise<PythonPeer | string> {
    const env = {...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1'};
    const child = spawn(python, ['-W', 'ignore', PROGRAM, library], {env, stdio: ['pipe', 'pipe', ERRORS]});
    const peer = new PythonPeer(child);
    try {
      const {missing, versions = {}} = await peer.answer();
      if (missing !== undefined) return missing;
      peer.versions = versions;
      return peer;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Sends an order and waits for its answer. */
  async ask(order: object): Promise<Answer> {
    this.endIdle();
    this.child.stdin!.write(`${JSON.stringify(order)}\n`);
    const answer = await this.answer();
    this.timer = setTimeout(() => this.beginIdle(), SPIN_MS);
    this.timer.unref();
    return answer;
  }

  /** The share of a core that it used while others had their turns; NaN where the system does not tell. */
  get idleShare(): number {
    return this.idleCpuMs / this.idleMs;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.child.stdin!.end();
  }

  private beginIdle(): void {
    this.idleFrom = {at: performance.now(), cpu: this.cpuMs()};
  }

  private endIdle(): void {
    clearTimeout(this.timer);
    if (!this.idleFrom) return;
    this.idleMs += performance.now() - this.idleFrom.at;
    this.idleCpuMs += this.cpuMs() - this.idleFrom.cpu;
    this.idleFrom = undefined;
  }

  /** Its user and system time so far. */
  private cpuMs(): number {
    try {
      const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    } catch {
      return Number.NaN;
    }
  }

  private async answer(): Promise<Answer> {
    if (this.ended) throw this.ended;
    const answer = await new Promise<Answer | Error>(resolve => this.waiting.push(resolve));
    if (answer instanceof Error) throw answer;
    return answer;
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const resolve of this.waiting.splice(0)) resolve(error);
  }
}
