import type {NdArray} from '../../../converters/arrays';
import type {GraphNode} from '../../../converters/graph-def/node';

/*
 * What a tensor is made of, as an expression. Two tensors that are made alike are one term, whatever the nodes are called; so
 * what a loop computes can be compared with what a cell computes, and nothing that it does is overlooked.
 */

/** An expression over a graph's tensors. */
export interface Term {
  readonly id: number;
  /** An operation in one spelling for all releases (`add`, `part`), or TensorFlow's own; `#…` for what has no parts. */
  readonly op: string;
  /** What else decides what it computes. */
  readonly data: string;
  readonly args: readonly Term[];
  /** The node that makes it, the first of them. */
  readonly node: GraphNode;
  /** Which of its outputs. */
  readonly output: number;
  /** Of constants that are small, and of weights. */
  readonly value?: NdArray;
}

/** The one number that a constant has; undefined of others. */
export function numberOf(term: Term | undefined): number | undefined {
  if (term?.value === undefined || term.value.dtype === 'string') return undefined;
  return term.value.values.length === 1 ? Number(term.value.values[0]) : undefined;
}

/** The numbers of a small constant, or of several put together. */
export function numbersOf(term: Term | undefined): number[] | undefined {
  if (term?.op === 'concat' && term.data === '0') {
    const parts = term.args.map(numbersOf);
    return parts.includes(undefined) ? undefined : parts.flatMap(part => part ?? []);
  }
  if (term?.op === 'Range') {
    const [start, limit, step] = term.args.map(scalarOf);
    if (start === undefined || limit === undefined || step !== 1 || limit - start > MOST_NUMBERS)
      return undefined;
    return Array.from({length: Math.max(limit - start, 0)}, (_, k) => start + k);
  }
  if (term?.value === undefined || term.value.dtype === 'string') return undefined;
  return Array.from(term.value.values as ArrayLike<number | bigint>, Number);
}

const MOST_NUMBERS = 1 << 16;

/** A number alone, without axes. */
export function scalarOf(term: Term | undefined): number | undefined {
  return term?.value?.shape.length === 0 ? numberOf(term) : undefined;
}

/** All that is added up to a term. */
export function summands(term: Term): Term[] {
  return term.op === 'add' ? term.args.flatMap(summands) : [term];
}

/** A product's factors in both orders. */
export const factors = (term: Term): [Term, Term][] => pairs(term, 'mul');

/** What is added up, in both orders. */
export const addends = (term: Term): [Term, Term][] => pairs(term, 'add');

function pairs(term: Term, op: string): [Term, Term][] {
  const [a, b] = term.args;
  return term.op === op && a && b
    ? [
        [a, b],
        [b, a],
      ]
    : [];
}

/** `zeros`, in whatever way it is written. */
export function isZero(term: Term): boolean {
  if (term.op === 'ZerosLike') return true;
  if (term.op === 'Fill') return scalarOf(term.args[1]) === 0;
  return numbersOf(term)?.every(value => value === 0) === true;
}

/** Whether a term has any of these in it. */
export function contains(term: Term, wanted: ReadonlySet<Term>): boolean {
  const seen = new Set<Term>();
  const waiting = [term];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    if (wanted.has(at)) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    waiting.push(...at.args);
  }
  return false;
}
