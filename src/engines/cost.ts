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

/** By engine; a training step is its forward and backward pass, of those that have one. */
const PRICES: Readonly<Record<string, {readonly forward?: Rates; readonly training?: Rates}>> = prices;

/** The amounts of work that `Rates` has prices for, in its order. */
export function work(r: Recurrence, {batch, time, features}: Call): number[] {
  const width = GATES[r.cell].length * r.units;
  const seen = r.input === 'features' ? features : 0;
  const recurrent = r.recurrent === 'diagonal' ? 1 : outputSize(r);
  const rows = batch * time;
  return [1, time, rows * width, rows * width * (seen + recurrent), time * width * recurrent];
}

/** About how long a call takes on an engine, in milliseconds; infinite where nobody has measured it. */
export function milliseconds(engine: string, r: Recurrence, call: Call): number {
  const rates = PRICES[engine]?.[call.save ? 'training' : 'forward'];
  if (!rates) return Infinity;
  const each = [rates.call, rates.step, rates.element, rates.multiply, rates.weight];
  return work(r, call).reduce((sum, amount, k) => sum + amount * each[k]!, 0) / 1e6;
}
