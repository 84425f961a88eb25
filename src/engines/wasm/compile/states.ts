import type {Id} from '../../../recurrence/expression';
import {entriesOf, recordOf} from '../../../recurrence/records';
import {type CarriedState, STATES, type StateName, stateSize} from '../../../recurrence/types';
import type {Compilation} from './compilation';
import type {Sink} from './emit';
import type {Lowered} from './lower';
import type {Place} from './program';

/** Places of states, or of their gradients. */
export type PlacesOf<Name extends string> = Readonly<Partial<Record<Name, Place>>>;

/** Allocates tensors of states. */
export function stateTensors(c: Compilation, names: readonly StateName[]): PlacesOf<StateName> {
  return recordOf(names, name => c.tensor(stateSize(c.sizes.recurrence, name)));
}

/** Allocates the values of carried states, loads those that have a tensor, and clears the others. */
export function loadStates(
  c: Compilation,
  carried: readonly CarriedState[],
  tensors: PlacesOf<CarriedState>,
): PlacesOf<CarriedState> {
  return recordOf(carried, name => {
    const elements = stateSize(c.sizes.recurrence, name);
    const to = c.value(elements);
    const from = tensors[name];
    if (from) c.load('before', to, from, elements);
    else c.clear('before', to, elements);
    return to;
  });
}

/** Stores the values of the cell's states into new tensors. */
export function storeStates(c: Compilation, values: PlacesOf<CarriedState>): PlacesOf<StateName> {
  const {recurrence: r} = c.sizes;
  const tensors = stateTensors(c, STATES[r.cell]);
  for (const [name, to] of entriesOf(tensors)) c.store('after', to, values[name]!, stateSize(r, name));
  return tensors;
}

/** Puts the step's results into the places of the states that it has read. */
export function stateSinks(
  c: Compilation,
  carried: readonly CarriedState[],
  results: Readonly<Partial<Record<CarriedState, Id>>>,
  lowered: Lowered,
  values: PlacesOf<CarriedState>,
): Sink[] {
  return carried.flatMap(name => {
    const id = results[name];
    if (id === undefined) return [];
    const elements = stateSize(c.sizes.recurrence, name);
    return [{value: lowered.blocks(id)[0]!, to: values[name]!, elements, direct: false}];
  });
}
