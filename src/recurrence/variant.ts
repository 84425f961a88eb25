import type {Recurrence} from './types';

const known = new WeakMap<object, Map<string, object>>();

/**
 * A recurrence with some words said otherwise: for the same change of the same recurrence the same object, by which
 * engines know it again.
 */
export function variant<R extends Partial<Recurrence>, C extends Partial<Recurrence>>(
  of: R,
  change: C,
): R & C {
  let variants = known.get(of);
  if (!variants) {
    variants = new Map();
    known.set(of, variants);
  }
  const key = JSON.stringify(change);
  const made = variants.get(key) ?? {...of, ...change};
  variants.set(key, made);
  return made as R & C;
}
