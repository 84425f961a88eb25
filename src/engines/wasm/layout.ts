import {GATES, outputSize, type Recurrence} from '../../recurrence/types';
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

/** How large everything of a call is. Rows inside the kernel are filled up to whole vectors. */
export class Sizes {
  readonly gates: readonly string[];
  /** Sizes of h and of the output. */
  readonly output: number;

  constructor(
    readonly recurrence: Recurrence,
    readonly rows: number,
    readonly time: number,
    /** Numbers of x at a step. */
    readonly width: number,
    /** Numbers of a vector. */
    readonly lanes: number,
  ) {
    this.gates = GATES[recurrence.cell];
    this.output = outputSize(recurrence);
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
}
