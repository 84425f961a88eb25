import type {Declaration, Enumeration, Field, Kind, Label, Scalar} from './declare';
import {SCALARS} from './scalars';

/** A field as the reader and the writer work with it. */
export interface FieldPlan {
  readonly key: string;
  readonly number: number;
  readonly label?: Label;
  /** Undefined of messages. */
  readonly scalar?: (typeof SCALARS)[Scalar];
  /** The message, undefined of scalars; asked for late, since messages may contain themselves. */
  readonly message?: () => MessagePlan;
}

export interface MessagePlan {
  readonly name: string;
  readonly located: boolean;
  /** In the order of the declaration. */
  readonly fields: readonly FieldPlan[];
  readonly byNumber: readonly (FieldPlan | undefined)[];
  /** A message without any field. */
  readonly empty: Readonly<Record<string, unknown>>;
}

/** Stand for what is absent; nobody writes into them. */
export const NO_LIST: readonly unknown[] = Object.freeze([]);
export const NO_MAP: ReadonlyMap<string, unknown> = new Map();

const plans = new WeakMap<Declaration, MessagePlan>();

/** What follows from a declaration, worked out once. */
export function planOf(declaration: Declaration): MessagePlan {
  const known = plans.get(declaration);
  if (known) return known;
  const fields = Object.entries(declaration.fields).map(([key, field]) => planField(key, field));
  const byNumber: FieldPlan[] = [];
  for (const field of fields) byNumber[field.number] = field;
  const empty = Object.fromEntries(fields.map(field => [field.key, absent(field)]));
  const {message: name, located = false} = declaration;
  const plan = {name, located, fields, byNumber, empty};
  plans.set(declaration, plan);
  return plan;
}

function planField(key: string, [number, kind, label]: Field): FieldPlan {
  if (typeof kind === 'function') return {key, number, label, message: () => planOf(kind())};
  return {key, number, label, scalar: SCALARS[scalarOf(kind)]};
}

function scalarOf(kind: Exclude<Kind, () => Declaration>): Scalar {
  return isEnumeration(kind) ? 'int32' : kind;
}

function isEnumeration(kind: Kind): kind is Enumeration {
  return typeof kind === 'object';
}

function absent({label, scalar}: FieldPlan): unknown {
  if (label === 'repeated') return NO_LIST;
  if (label === 'map') return NO_MAP;
  if (label === 'packed') return SCALARS.bytes.zero;
  return label === 'optional' ? undefined : scalar?.zero;
}
