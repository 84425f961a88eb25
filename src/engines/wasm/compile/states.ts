import type {Id} from '../../../recurrence/expression';
import {STATES, stateSize} from '../../../recurrence/types';
import type {Compilation} from './compilation';
import type {Sink} from './emit';
import type {Lowered} from './lower';
import type {Place} from './program';

/** Places of states, or of their gradients, by the states' names. */
export type StatePlaces = Readonly<Record<string, Place>>;

/** Allocates tensors of states. */
export function stateTensors(c: Compilation, names: readonly string[]): StatePlaces {
  return Object.fromEntries(names.map(name => [name, c.tensor(stateSize(c.sizes.recurrence, name))]));
}

/** Allocates the values of carried states, loads those that have a tensor, and clears the others. */
export function loadStates(c: Compilation, carried: readonly string[], tensors: StatePlaces): StatePlaces {
  return Object.fromEntries(
    carried.map(name => {
      const elements = stateSize(c.sizes.recurrence, name);
      const to = c.value(elements);
      if (tensors[name]) c.load('before', to, tensors[name], elements);
      else c.clear('before', to, elements);
      return [name, to];
    }),
  );
}

/** Stores the values of the cell's states into new tensors. */
export function storeStates(c: Compilation, values: StatePlaces): StatePlaces {
  const {recurrence: r} = c.sizes;
  const tensors = stateTensors(c, STATES[r.cell]);
  for (const [name, to] of Object.entries(tensors)) c.store('after', to, values[name]!, stateSize(r, name));
  return tensors;
}

/** Puts the step's results into the places of the states that it has read. */
export function stateSinks(
  c: Compilation,
  carried: readonly string[],
  results: Readonly<Record<string, Id>>,
  lowered: Lowered,
  values: StatePlaces,
): Sink[] {
  return carried
    .filter(name => results[name] !== undefined)
    .map(name => ({
      value: lowered.blocks(results[name]!)[0]!,
      to: values[name]!,
      elements: stateSize(c.sizes.recurrence, name),
      direct: false,
    }));
}
