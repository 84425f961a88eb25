import {type GraphWriter, INT} from './graph-def';

/** A value in the graph, or a number that is known as the graph is written. */
export type Int = string | number;

/** Integer arithmetic as graph nodes: shapes, places, counters. */
export interface Integers {
  ref(value: Int): string;
  add(a: Int, b: Int): Int;
  sub(a: Int, b: Int): Int;
  mul(a: Int, b: Int): Int;
  div(a: Int, b: Int): Int;
  min(a: Int, b: Int): Int;
  max(a: Int, b: Int): Int;
  /** `count` of them from `begin` on, each so much after the one before. */
  range(begin: Int, count: Int, step: number): string;
  /** A vector of them. */
  vector(...values: Int[]): string;
}

/** @param enter brings a value from outside into the loop where the nodes are; itself outside of loops */
export function integers(g: GraphWriter, enter: (outside: string) => string = value => value): Integers {
  const ref = (value: Int): string => (typeof value === 'number' ? enter(g.constant(value, 'int32')) : value);
  const op =
    (name: string, known: (a: number, b: number) => number) =>
    (a: Int, b: Int): Int =>
      typeof a === 'number' && typeof b === 'number' ? known(a, b) : g.add(name, [ref(a), ref(b)], INT);
  const add = op('AddV2', (a, b) => a + b);
  const mul = op('Mul', (a, b) => a * b);
  return {
    ref,
    range: (begin, count, step) => {
      const end = add(begin, mul(count, step));
      const range = g.add('Range', [ref(begin), ref(end), ref(step)], {Tidx: {type: 'int32'}});
      g.setType(range, 'int32');
      return range;
    },
    add,
    sub: op('Sub', (a, b) => a - b),
    mul,
    div: op('FloorDiv', (a, b) => Math.floor(a / b)),
    min: op('Minimum', Math.min),
    max: op('Maximum', Math.max),
    vector: (...values) => {
      const numbers = values.filter((value): value is number => typeof value === 'number');
      if (numbers.length === values.length) return enter(g.constant(numbers, 'int32'));
      return g.add('Pack', values.map(ref), {...INT, N: {int: values.length}, axis: {int: 0}});
    },
  };
}
