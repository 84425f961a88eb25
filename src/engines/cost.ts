import {GATES, outputSize, type Recurrence} from '../recurrence/types';
import prices from './prices.json';
import type {Call} from './types';

/** What an engine's work costs, in nanoseconds. `npm run bench -- fit` measures them and writes prices.json. */
export interface Rates {
  /** One call, whatever its size. */
  readonly call: number;
  /** One time step. */
  readonly step: number;
  /** One element of the gates at one step. */
  readonly element: number;
  /** One multiplication of the products with x and h. */
  readonly multiply: number;
  /** One weight of the recurrent kernel, read at each step. */
  readonly weight: number;
}

/** A training step is its forward and backward pass, of engines that have one. */
export type Mode = 'forward' | 'training';

/** By engine, the tfjs backend in use, and how many threads the engine had. */
export type Prices = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, Partial<Record<Mode, Rates>>>>>>>
>;

/** Where an engine would run a call. */
export interface Place {
  /** The tfjs backend in use, then others whose prices will do where there are none for it. */
  readonly backends: readonly string[];
  /** How many threads it would have; as many as it was measured with where that is not known. */
  readonly threads?: number;
}

/** The amounts of work that `Rates` has prices for, in its order. */
export function work(r: Recurrence, {batch, time, features}: Call): number[] {
  const width = GATES[r.cell].length * r.units;
  const inputs = r.input === 'features' ? features : 0;
  const recurrent = r.recurrent === 'diagonal' ? 1 : outputSize(r);
  const rows = batch * time;
  return [1, time, rows * width, rows * width * (inputs + recurrent), time * width * recurrent];
}

/** The rates of one engine, backend and mode, in the order of the threads that they were measured with. */
type Measured = readonly {readonly threads: number; readonly rates: Rates}[];

/** Prices by engine, backend and mode, as `milliseconds` looks them up. */
export type PriceTable = ReadonlyMap<string, Measured>;

const keyOf = (engine: string, backend: string, mode: Mode): string => `${engine} ${backend} ${mode}`;

/** Lays prices out for look-ups. */
export function priceTable(known: Prices): PriceTable {
  const table = new Map<string, Measured>();
  for (const [engine, backends] of Object.entries(known)) {
    for (const [backend, counts] of Object.entries(backends)) {
      for (const mode of ['forward', 'training'] as const) {
        const measured = Object.entries(counts).flatMap(([count, {[mode]: rates}]) =>
          rates ? [{threads: Number(count), rates}] : [],
        );
        table.set(
          keyOf(engine, backend, mode),
          measured.sort((one, other) => one.threads - other.threads),
        );
      }
    }
  }
  return table;
}

const TABLE = priceTable(prices);

/**
 * About how long a call takes on an engine, in milliseconds; infinite where nobody has measured it, so that whatever has
 * been measured goes first, and `ops` on a backend without prices comes last.
 *
 * Between numbers of threads that were measured, and beyond, one part of a time is shared among threads and the rest is
 * not (Amdahl 1967).
 */
export function milliseconds(
  engine: string,
  r: Recurrence,
  call: Call,
  {backends, threads}: Place,
  table = TABLE,
): number {
  const mode = call.save ? 'training' : 'forward';
  const measured = backends
    .map(backend => table.get(keyOf(engine, backend, mode)))
    .find(list => list?.length);
  const [fewest, most] = [measured?.[0], measured?.at(-1)];
  if (!fewest || !most) return Infinity;
  const amounts = work(r, call);
  const last = total(amounts, most.rates);
  if (threads === undefined || fewest === most) return last;
  const first = total(amounts, fewest.rates);
  // time = alone + shared / threads
  const shared = (first - last) / (1 / fewest.threads - 1 / most.threads);
  return Math.max(0, first - shared / fewest.threads) + shared / threads;
}

function total(amounts: readonly number[], {call, step, element, multiply, weight}: Rates): number {
  const each = [call, step, element, multiply, weight];
  return amounts.reduce((sum, amount, k) => sum + amount * each[k]!, 0) / 1e6;
}
