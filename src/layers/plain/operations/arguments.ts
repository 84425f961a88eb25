import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../../errors';

/** start, stop and step of a slice; null where Python leaves one out. */
export interface Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

/** An argument of an operation: a tensor, plain JSON, a slice, or a list of them. */
export type Value = tf.Tensor | Slice | unknown;

/** The arguments of an operation by its own names. What an operation does not read is not there. */
export class Arguments {
  private readonly read = new Set<string>();

  constructor(
    private readonly values: ReadonlyMap<string, Value>,
    private readonly where: string,
  ) {}

  /** Whether an argument is there, and not None. */
  has(name: string): boolean {
    return this.get(name) !== null;
  }

  /** Arguments that are there, and that nobody has asked for. */
  get unread(): string[] {
    return [...this.values.keys()].filter(name => !this.read.has(name));
  }

  get(name: string): Value {
    this.read.add(name);
    return this.values.get(name) ?? null;
  }

  /** A tensor, or numbers as one: whole numbers beside integers are integers, others float32. */
  tensor(name: string, beside?: tf.Tensor): tf.Tensor {
    const value = this.get(name);
    if (value instanceof tf.Tensor) return value;
    const flat = [value].flat(Number.POSITIVE_INFINITY);
    if (flat.every(one => typeof one === 'boolean')) return tf.tensor(value as boolean[], undefined, 'bool');
    if (!flat.every(one => typeof one === 'number')) throw this.odd(name, 'a tensor or numbers');
    const whole = beside?.dtype === 'int32' && flat.every(Number.isInteger);
    return tf.tensor(value as number[], undefined, whole ? 'int32' : 'float32');
  }

  /** Two tensors, either of which may be given as numbers. */
  pair(a: string, b: string): [tf.Tensor, tf.Tensor] {
    const other = [a, b].map(name => this.get(name)).find(value => value instanceof tf.Tensor);
    return [this.tensor(a, other), this.tensor(b, other)];
  }

  /** Several tensors; one alone is a list of one. */
  tensors(name: string): tf.Tensor[] {
    const value = this.get(name);
    const list = Array.isArray(value) ? value : [value];
    const first = list.find(one => one instanceof tf.Tensor) as tf.Tensor | undefined;
    return list.map(one => new Arguments(new Map([[name, one as Value]]), this.where).tensor(name, first));
  }

  number(name: string, fallback?: number): number {
    const value = this.get(name) ?? fallback;
    if (typeof value === 'number') return value;
    throw this.odd(name, 'a number');
  }

  flag(name: string, fallback = false): boolean {
    const value = this.get(name) ?? fallback;
    if (typeof value === 'boolean' || value === 0 || value === 1) return Boolean(value);
    throw this.odd(name, 'true or false');
  }

  text(name: string, fallback: string): string {
    const value = this.get(name) ?? fallback;
    if (typeof value === 'string') return value;
    throw this.odd(name, 'a name');
  }

  /** Whole numbers; one alone is a list of one, and None the fallback. */
  integers(name: string, fallback?: readonly number[]): number[] {
    const value = this.get(name) ?? fallback;
    const list = Array.isArray(value) ? value : [value];
    if (list.every(Number.isInteger)) return list as number[];
    throw this.odd(name, 'whole numbers');
  }

  /** Axes of a tensor, none of them negative; None is all of them. */
  axes(name: string, rank: number): number[] {
    const all = Array.from({length: rank}, (_, axis) => axis);
    return this.integers(name, all).map(axis => this.within(axis, rank, name));
  }

  /** One axis, not negative. */
  axis(name: string, rank: number, fallback?: number): number {
    return this.within(this.number(name, fallback), rank, name);
  }

  private within(axis: number, rank: number, name: string): number {
    const result = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(result) && result >= 0 && result < rank) return result;
    throw this.odd(name, `an axis of ${rank}`);
  }

  odd(name: string, expected: string): CarryoverError {
    const value = this.get(name);
    const found = value instanceof tf.Tensor ? 'a tensor' : JSON.stringify(value);
    return new CarryoverError('E_LAYER', `${this.where}: ${name} is ${found}; expected ${expected}`);
  }
}

/** What an operation computes of its arguments. */
export type Operation = (args: Arguments) => tf.Tensor | tf.Tensor[];

/** Operations by name. */
export type Operations = Readonly<Record<string, Operation>>;
