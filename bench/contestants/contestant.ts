import type {Contestant as Timed} from '../../src/cli/bench/turns';
import type {Data} from '../data';
import type {Problem} from '../problem';

/** One of those that are timed, ready for a problem. */
export interface Contestant extends Timed {
  /** The outputs `[batch, time, units]` or, of a training step, what its first one adds to the recurrent kernel. */
  compute(): Promise<Float32Array>;
  /** What it says of itself once it has run: which engine `auto` took. */
  remark?(): string | undefined;
  dispose(): void;
}

/** Makes a contestant, or says why there is none for this problem. */
export type Entry = (problem: Problem, data: Data) => Promise<Contestant | string>;

/** Those who take part in a suite, by name. */
export type Entries = ReadonlyMap<string, Entry>;
