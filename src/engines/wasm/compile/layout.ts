import {columnsOf, type Width} from '../../../recurrence/nodes';
import {GATES, type Gate, outputSize, type Recurrence} from '../../../recurrence/types';
import {type WeightName, weightOf} from '../../../recurrence/weights';
import type {Place, Region} from './program';

/** Bytes of a cache line: places begin on one. */
const ALIGNMENT = 64;

/** A number of bytes, rounded up to whole cache lines. */
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Allocates places in one region, one after the other. */
export class Arena {
  /** Bytes allocated so far. */
  bytes = 0;

  constructor(private readonly region: Region) {}

  allocate(bytes: number): Place {
    const place = {region: this.region, offset: this.bytes};
    this.bytes += align(bytes);
    return place;
  }
}

/** Elements of a row of each block; 0 of a value that is one number for the whole row. */
export function elementsOf(width: Width, r: Recurrence): number {
  return width.block === 'row' ? 0 : columnsOf({...width, blocks: 1}, r);
}

/** Some of the units, beginning with `first`: what one of several programs computes of every value. */
export interface UnitShard {
  readonly first: number;
  readonly count: number;
  /** How many shards there are. */
  readonly shards: number;
  /** Whether the thread that runs this shard may sleep at a barrier. */
  readonly maySleep: boolean;
}

/** The sizes of everything in a call. Rows in the kernel are filled up to whole vectors; rows of tensors are not. */
export class Sizes {
  /** The recurrence of the units that the program computes: all, or those of its shard. */
  readonly recurrence: Recurrence;
  readonly gates: readonly Gate[];
  /** Elements of h, and of the output. */
  readonly output: number;

  constructor(
    /** The recurrence with all units. */
    readonly whole: Recurrence,
    readonly rows: number,
    readonly time: number,
    /** Elements of x at a step. */
    readonly width: number,
    /** Elements of a vector. */
    readonly lanes: number,
    readonly shard?: UnitShard,
  ) {
    this.recurrence = shard ? {...whole, units: shard.count} : whole;
    this.gates = GATES[whole.cell];
    this.output = outputSize(this.recurrence);
  }

  get units(): number {
    return this.recurrence.units;
  }

  /** Vectors of a row of so many elements. */
  vectors(elements: number): number {
    return Math.ceil(elements / this.lanes);
  }

  /** Bytes of a row of so many elements; 0 stands for one number that counts for the whole row. */
  row(elements: number): number {
    return elements === 0 ? 4 : this.vectors(elements) * this.lanes * 4;
  }

  /** Bytes of a value: such a row for each row of the batch. */
  value(elements: number): number {
    return this.rows * this.row(elements);
  }

  /** Bytes of the pre-activations of one step, gate after gate. */
  get preactivations(): number {
    return this.gates.length * this.value(this.units);
  }

  /** The rows of a weight, its gates, and the columns of each gate that the program has; a vector has one row. */
  weight(name: WeightName): Readonly<Record<'rows' | 'gates' | 'columns', number>> {
    const {rows, gates, columns} = weightOf(this.whole, name)!;
    const {width: input, units, output} = this;
    return {
      rows: {input, units, output: this.inTensor(output), vector: 1}[rows],
      gates: Math.max(1, gates.length),
      columns: columns === 'units' ? units : output,
    };
  }

  /** Elements of a tensor's row, of which the program has so many: a shard has some of its units. */
  inTensor(elements: number): number {
    return this.shard ? this.whole.units : elements;
  }

  /** The first unit that the program computes. */
  get first(): number {
    return this.shard?.first ?? 0;
  }
}
