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
  return {
    ref,
    add: op('AddV2', (a, b) => a + b),
    sub: op('Sub', (a, b) => a - b),
    mul: op('Mul', (a, b) => a * b),
    div: op('FloorDiv', (a, b) => Math.floor(a / b)),
    vector: (...values) => {
      const numbers = values.filter((value): value is number => typeof value === 'number');
      if (numbers.length === values.length) return enter(g.constant(numbers, 'int32'));
      return g.add('Pack', values.map(ref), {...INT, N: {int: values.length}, axis: {int: 0}});
    },
  };
}
