import {GATES, outputSize, type Recurrence} from '../recurrence/types';
import type {Call} from './types';

/** What an engine's work costs, in nanoseconds. Set by hand from what `npm run bench` prints. */
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
const RATES: Readonly<Record<string, {readonly forward: Rates; readonly training?: Rates}>> = {
  native: {
    forward: {call: 4e5, step: 1e4, element: 1, multiply: 0.011, weight: 0.1},
    training: {call: 3e6, step: 4e4, element: 3, multiply: 0.025, weight: 0.2},
  },
  onnx: {
    forward: {call: 2e5, step: 1e3, element: 0.5, multiply: 0.0095, weight: 0.02},
  },
  wasm: {
    forward: {call: 1e5, step: 5e2, element: 1.5, multiply: 0.06, weight: 0.01},
    training: {call: 3e5, step: 2e3, element: 6, multiply: 0.2, weight: 0.05},
  },
  ops: {
    forward: {call: 5e5, step: 5e5, element: 8, multiply: 0.03, weight: 0.1},
    training: {call: 2e6, step: 2.5e6, element: 25, multiply: 0.1, weight: 0.3},
  },
};

/** The amounts of work that `Rates` has prices for, in its order. */
function work(r: Recurrence, {batch, time, features}: Call): number[] {
  const width = GATES[r.cell].length * r.units;
  const seen = r.input === 'features' ? features : 0;
  const recurrent = r.recurrent === 'diagonal' ? 1 : outputSize(r);
  const rows = batch * time;
  return [1, time, rows * width, rows * width * (seen + recurrent), time * width * recurrent];
}

/** About how long a call takes on an engine, in milliseconds. */
export function milliseconds(engine: string, r: Recurrence, call: Call): number {
  const {forward, training} = RATES[engine]!;
  const rates = call.save ? training! : forward;
  const prices = [rates.call, rates.step, rates.element, rates.multiply, rates.weight];
  return work(r, call).reduce((sum, amount, k) => sum + amount * prices[k]!, 0) / 1e6;
}
