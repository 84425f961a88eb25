import {entriesOf} from './records';
import type {Recurrence} from './types';

/** A decision for each field of a recurrence. A new field does not compile before all that decide have decided. */
export type PerField<Decision> = {
  readonly [F in keyof Recurrence]-?: (value: Recurrence[F], r: Recurrence) => Decision;
};

/** What something can run: for each field, why it cannot run a value; undefined where it can. */
export type Support = PerField<string | undefined>;

/** A field whose values can all be run. */
export const anyValue = (): undefined => undefined;

/** A field of which these values alone can be run. */
export const only =
  (values: readonly unknown[], reason: string) =>
  (value: unknown): string | undefined =>
    values.includes(value) ? undefined : reason;

/** A field that may not be set. */
export const unset = (reason: string) => only([undefined, false], reason);

/** Peepholes as Gers and Schmidhuber 2000 have them: added, the output gate's of the new cell, the others of the old. */
export const addedPeepholes: Support['peepholes'] = peepholes => {
  for (const [gate, peephole] of entriesOf(peepholes ?? {})) {
    if (!peephole) continue;
    if (peephole.rule !== 'add') return `the ${gate} gate's peephole replaces its pre-activation`;
    const reads = gate === 'o' ? 'new' : 'previous';
    if (peephole.reads !== reads) return `the ${gate} gate's peephole does not read the ${reads} cell`;
  }
  return undefined;
};

/** Why a recurrence cannot be run: the reason that the first of its fields gives; undefined where it can. */
export function unsupported(support: Support, r: Recurrence): string | undefined {
  for (const [field, reasonOf] of entriesOf(support)) {
    const reason = (reasonOf as (value: unknown, r: Recurrence) => string | undefined)(r[field], r);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
