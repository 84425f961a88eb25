import type {Recurrence} from './types';

/**
 * What `make` makes of a recurrence, made once per object: layers hand in the same object at every call of the same
 * kind, so that only the first one pays for looking into it.
 */
export function memoized<T, R extends object = Recurrence>(make: (r: R) => T): (r: R) => T {
  const known = new WeakMap<R, {readonly value: T}>();
  return r => {
    let entry = known.get(r);
    if (!entry) {
      entry = {value: make(r)};
      known.set(r, entry);
    }
    return entry.value;
  };
}

/** A short key for what a recurrence says, of what `part` takes of it: equal ones have the same. */
export function keyed(part: (r: Recurrence) => unknown): (r: Recurrence) => string {
  const numbers = new Map<string, string>();
  return memoized(r => {
    const said = JSON.stringify(part(r));
    const key = numbers.get(said) ?? String(numbers.size);
    numbers.set(said, key);
    return key;
  });
}
