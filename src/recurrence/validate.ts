import {CarryoverError} from '../errors';
import {entriesOf, keysOf} from './records';
import {GATES, type Gate, outputSize, type Recurrence, STATES, type StateName, stateSize} from './types';
import {type WeightName, weightShape, weightsOf} from './weights';

interface Shaped {
  readonly shape: readonly number[];
}

/** The tensors of a call, as far as their shapes go. */
interface Given {
  readonly x: Shaped;
  readonly mask?: Shaped;
  readonly initial: Readonly<Partial<Record<StateName, Shaped>>>;
  readonly weights: Readonly<Partial<Record<WeightName, Shaped>>>;
  readonly dropout: Readonly<Partial<Record<Gate | 'all', Shaped>>>;
}

/**
 * Checks every name and shape of a call, at the door: behind it, engines take them as right (a wrong one can crash a
 * native backend).
 * @throws CarryoverError `E_SHAPE`
 */
export function validate(r: Recurrence, given: Given): void {
  const {x, mask, initial, weights, dropout} = given;
  if (x.shape.length !== 3) fail('the input', x.shape, '[batch, time, features]');
  const [batch, time, features] = x.shape as [number, number, number];
  if (time < 1) fail('the input', x.shape, 'at least one time step');
  if (r.input === 'preactivations')
    expect('the input', x.shape, [batch, time, GATES[r.cell].length * r.units]);
  const specs = weightsOf(r);
  for (const spec of specs) {
    const weight = weights[spec.name];
    if (weight || !spec.optional) expect(spec.name, weight?.shape, weightShape(spec, r, features));
  }
  for (const name of keysOf(weights))
    if (!specs.some(spec => spec.name === name))
      unknown(
        r,
        'weight',
        name,
        specs.map(spec => spec.name),
      );
  if (mask) expect('the mask', mask.shape, [batch, time]);
  for (const [name, state] of entriesOf(initial)) {
    if (!STATES[r.cell].includes(name)) unknown(r, 'state', name, STATES[r.cell]);
    expect(`initial state '${name}'`, state.shape, [batch, stateSize(r, name)]);
  }
  for (const [gate, d] of entriesOf(dropout)) expect(`dropout '${gate}'`, d.shape, [batch, outputSize(r)]);
}

function unknown(
  {cell}: Recurrence,
  what: 'weight' | 'state',
  name: string,
  known: readonly string[],
): never {
  throw new CarryoverError('E_SHAPE', `this ${cell} has no ${what} '${name}'; it has ${known.join(', ')}`);
}

function expect(what: string, found: readonly number[] | undefined, wanted: readonly number[]): void {
  if (!found || found.length !== wanted.length || found.some((n, k) => n !== wanted[k]))
    fail(what, found, `[${wanted.join(', ')}]`);
}

function fail(what: string, found: readonly number[] | undefined, wanted: string): never {
  const shape = found ? `has shape [${found.join(', ')}]` : 'is missing';
  throw new CarryoverError('E_SHAPE', `${what} of the recurrence ${shape}; expected ${wanted}`);
}
