import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** What a peer answers to an order; see peer.py and tfjs-peer.ts. */
export interface Answer {
  readonly versions?: Readonly<Record<string, string>>;
  /** Where a converted model is. */
  readonly folder?: string;
  /** The names of its inputs in order, where the files do not tell. */
  readonly inputs?: readonly string[] | null;
  /** A model that was saved anew, and what the converter calls its format. */
  readonly path?: string;
  readonly format?: string;
  /** The `.npy` of each output, call by call. */
  readonly outputs?: readonly (readonly string[])[];
  readonly kind?: 'layers' | 'graph';
  readonly error?: string;
  /** The class of the exception; `ended` where the process ended, `time` where it had to be ended. */
  readonly type?: string;
}

/** An order may take so long. */
const LIMIT_MS = 60_000;
const ERRORS = process.env.CARRYOVER_DEBUG === '1' ? 'inherit' : 'ignore';

/** A program that takes orders, one JSON object a line; it is started again where it ends. */
export class Peer {
  private child: ChildProcess | undefined;
  private lines: AsyncIterator<string> | undefined;

  constructor(
    private readonly program: string,
    private readonly args: readonly string[],
    /** What it says of itself when it starts. */
    public versions: Readonly<Record<string, string>> = {},
  ) {}

  /** Sends an order, and waits for its answer. */
  async ask(order: object): Promise<Answer> {
    if (!this.child) {
      const hello = await this.start();
      if (hello.error !== undefined) return hello;
      this.versions = hello.versions ?? {};
    }
    this.child!.stdin!.write(`${JSON.stringify(order)}\n`);
    return this.answer();
  }

  stop(): void {
    this.child?.kill();
    this.child = undefined;
  }

  private start(): Promise<Answer> {
    const env = {...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1'};
    this.child = spawn(this.program, this.args, {env, stdio: ['pipe', 'pipe', ERRORS]});
    this.child.on('error', () => {});
    this.child.stdin!.on('error', () => {});
    this.lines = createInterface({input: this.child.stdout!})[Symbol.asyncIterator]();
    return this.answer();
  }

  private async answer(): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>(resolve => {
      timer = setTimeout(() => resolve({error: `no answer in ${LIMIT_MS / 1000} s`, type: 'time'}), LIMIT_MS);
    });
    const line = this.lines!.next().then(
      ({value, done}): Answer =>
        done ? {error: 'the process ended', type: 'ended'} : (JSON.parse(value) as Answer),
    );
    const answer = await Promise.race([line, late]);
    clearTimeout(timer);
    if (answer.type === 'time' || answer.type === 'ended') this.stop();
    return answer;
  }
}
