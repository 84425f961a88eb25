import {CarryoverError} from '../errors';
import {GATES, outputSize, type Recurrence, STATES, stateSize} from './types';

interface Shaped {
  readonly shape: readonly number[];
}

interface Given {
  readonly x: Shaped;
  readonly mask?: Shaped;
  readonly initial: Readonly<Record<string, Shaped>>;
  readonly weights: Readonly<Record<string, Shaped>>;
  readonly dropout: Readonly<Record<string, Shaped>>;
}

/**
 * Checks every shape of a call, at the door: behind it, engines take them as right (a wrong one can crash a
 * native backend).
 * @throws CarryoverError `E_SHAPE`
 */
export function validate(r: Recurrence, given: Given): void {
  const {x, mask, initial, weights, dropout} = given;
  if (x.shape.length !== 3) fail('the input', x.shape, '[batch, time, features]');
  const [batch, time, features] = x.shape as [number, number, number];
  if (time < 1) fail('the input', x.shape, 'at least one time step');
  const width = GATES[r.cell].length * r.units;
  if (r.input === 'preactivations') expect('the input', x.shape, [batch, time, width]);
  else expect('kernel', weights.kernel?.shape, [features, width]);
  expect(
    'recurrentKernel',
    weights.recurrentKernel?.shape,
    r.recurrent === 'diagonal' ? [width] : [outputSize(r), width],
  );
  if (r.projection !== undefined) expect('projection', weights.projection?.shape, [r.units, r.projection]);
  if (mask) expect('the mask', mask.shape, [batch, time]);
  for (const [name, state] of Object.entries(initial)) {
    if (!STATES[r.cell].includes(name)) {
      throw new CarryoverError('E_SHAPE', `a ${r.cell} has no state '${name}'; it has ${STATES[r.cell]}`);
    }
    expect(`initial state '${name}'`, state.shape, [batch, stateSize(r, name)]);
  }
  for (const [name, weight] of Object.entries(weights)) {
    if (name === 'bias' || name === 'recurrentBias' || name === 'stepBias')
      expect(name, weight.shape, [width]);
    if (/^(peephole|gain|shift)\./.test(name)) expect(name, weight.shape, [r.units]);
  }
  for (const [gate, d] of Object.entries(dropout))
    expect(`dropout '${gate}'`, d.shape, [batch, outputSize(r)]);
}

function expect(what: string, found: readonly number[] | undefined, wanted: readonly number[]): void {
  if (!found) fail(what, undefined, `[${wanted.join(', ')}]`);
  else if (found.length !== wanted.length || found.some((n, k) => n !== wanted[k])) {
    fail(what, found, `[${wanted.join(', ')}]`);
  }
}

function fail(what: string, found: readonly number[] | undefined, wanted: string): never {
  const shape = found ? `has shape [${found.join(', ')}]` : 'is missing';
  throw new CarryoverError('E_SHAPE', `${what} of the recurrence ${shape}; expected ${wanted}`);
}
