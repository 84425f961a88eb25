import {GATES, type Gate, outputSize, type Recurrence} from '../../recurrence/types';
import type {Place} from './program';

/** Cache lines: places begin on one. */
const ALIGNMENT = 64;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Hands out room in one region, from its beginning. */
export class Room {
  bytes = 0;

  constructor(private readonly region: Place['region']) {}

  take(bytes: number): Place {
    const place = {region: this.region, offset: this.bytes};
    this.bytes += align(bytes);
    return place;
  }
}

/** Some of the units, beginning with `first`. */
export interface Columns {
  readonly first: number;
  readonly count: number;
  /** How many programs have a share. */
  readonly shares: number;
  /** Whether the thread that has this one may sleep until the others are as far. */
  readonly maySleep: boolean;
}

/** How large everything of a call is. Rows inside the kernel are filled up to whole vectors. */
export class Sizes {
  /** Of a share of the columns: with no more units than that. */
  readonly recurrence: Recurrence;
  readonly gates: readonly Gate[];
  /** Sizes of h and of the output. */
  readonly output: number;

  constructor(
    /** With all units. */
    readonly whole: Recurrence,
    readonly rows: number,
    readonly time: number,
    /** Numbers of x at a step. */
    readonly width: number,
    /** Numbers of a vector. */
    readonly lanes: number,
    readonly columns?: Columns,
  ) {
    this.recurrence = columns ? {...whole, units: columns.count} : whole;
    this.gates = GATES[whole.cell];
    this.output = outputSize(this.recurrence);
  }

  get units(): number {
    return this.recurrence.units;
  }

  vectors(numbers: number): number {
    return Math.ceil(numbers / this.lanes);
  }

  /** Bytes of a row of so many numbers. */
  row(numbers: number): number {
    return this.vectors(numbers) * this.lanes * 4;
  }

  /** Bytes of a value: that row for each row of the batch. */
  value(numbers: number): number {
    return this.rows * this.row(numbers);
  }

  /** Bytes of the pre-activations of one step, gate after gate. */
  get step(): number {
    return this.gates.length * this.value(this.units);
  }

  /** How many numbers a row has in a tensor, of which it has so many here. */
  ofAll(numbers: number): number {
    return this.columns ? this.whole.units : numbers;
  }

  /** The first of them that is here. */
  get first(): number {
    return this.columns?.first ?? 0;
  }
}
