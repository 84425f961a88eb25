import {CONSTANTS, type InstructionName} from '../isa';
import {Arena, type Sizes} from './layout';
import {
  Assembler,
  type InstructionWords,
  moved,
  type Place,
  type Program,
  placesFrom,
  type Section,
} from './program';
import {type MatrixSpec, type PackedMatrix, WeightLayout} from './weight-layout';

const {ITERATION} = CONSTANTS;

/** A place and its strides: from step to step, from row to row. */
export interface Strided {
  readonly at: Place;
  readonly step: number;
  readonly row: number;
}

/** A program, the sizes it was compiled for, and the memory it needs. */
export interface Compiled {
  readonly program: Program;
  readonly sizes: Sizes;
  readonly weights: WeightLayout;
  /** Bytes of its own data. */
  readonly bytes: number;
}

/** A program under construction: its instructions, and its memory. */
export class Compilation {
  readonly data = new Arena('data');
  /** Where tensors lie: unit shards share them. */
  readonly tensors: Arena;
  readonly weights: WeightLayout;
  /** Makes the left side of a product whole; unit shards have some of its units each. */
  whole: (value: Place) => Place = value => value;
  private readonly assembler = new Assembler();

  constructor(
    readonly sizes: Sizes,
    /** The most steps of an iteration. */
    readonly iterationSteps: number,
  ) {
    this.tensors = sizes.shard ? new Arena('shared') : this.data;
    this.weights = new WeightLayout(sizes);
  }

  add<I extends InstructionName>(section: Section, instruction: I, words: InstructionWords<I>): void {
    this.assembler.add(section, instruction, words);
  }

  finish(steps: number): Compiled {
    const program = this.assembler.finish(steps, this.iterationSteps);
    return {program, sizes: this.sizes, weights: this.weights, bytes: this.data.bytes};
  }

  /** Allocates a value of so many elements, rows of whole vectors. */
  value(elements: number): Place {
    return this.data.allocate(this.sizes.value(elements));
  }

  /** Allocates values, one after the other. */
  values(count: number, elements: number): readonly Place[] {
    const bytes = this.sizes.value(elements);
    return placesFrom(this.data.allocate(count * bytes), count, bytes);
  }

  /** Sets values that lie one after the other to zero. */
  clear(section: Section, to: Place, elements: number, count = 1): void {
    this.add(section, 'zero', {to, bytes: count * this.sizes.value(elements)});
  }

  /** Allocates a tensor `[rows, steps, elements]`, with all units. */
  tensor(elements: number, steps = 1): Place {
    return this.tensors.allocate(this.sizes.rows * steps * this.sizes.inTensor(elements) * 4);
  }

  /** Allocates a buffer of so many bytes for each step of an iteration. */
  buffer(bytes: number, arena = this.data): Place {
    return {...arena.allocate(this.iterationSteps * bytes), step: bytes, reset: true};
  }

  /** Copies rows of so many elements. */
  copy(
    section: Section,
    words: Pick<InstructionWords<'stridedCopy'>, 'to' | 'toRow' | 'from' | 'fromRow' | 'elements'>,
  ): void {
    this.add(section, 'stridedCopy', {...words, toOuter: 0, fromOuter: 0, outer: 1, rows: this.sizes.rows});
  }

  /** Copies rows of so many elements at all steps of an iteration. */
  copySteps(section: Section, to: Strided, from: Strided, elements: number): void {
    this.add(section, 'stridedCopy', {
      to: to.at,
      toOuter: to.step,
      toRow: to.row,
      from: from.at,
      fromOuter: from.step,
      fromRow: from.row,
      outer: ITERATION,
      rows: this.sizes.rows,
      elements,
    });
  }

  /** Copies a tensor `[rows, elements]` into a value: of a shard, its own units. */
  load(section: Section, to: Place, from: Place, elements: number): void {
    const {sizes} = this;
    const [own, fromRow] = this.ownUnits(from, elements);
    this.copy(section, {to, toRow: sizes.row(elements), from: own, fromRow, elements});
  }

  /** Copies a value into a tensor `[rows, elements]`. */
  store(section: Section, to: Place, from: Place, elements: number): void {
    const {sizes} = this;
    const [own, toRow] = this.ownUnits(to, elements);
    this.copy(section, {to: own, toRow, from, fromRow: sizes.row(elements), elements});
  }

  private ownUnits(tensor: Place, elements: number): [own: Place, row: number] {
    const {sizes} = this;
    return [moved(tensor, sizes.first * 4), sizes.inTensor(elements) * 4];
  }

  /** Adds A·B to C at each step. */
  product(a: Place, matrix: PackedMatrix, c: Place): void {
    const {sizes} = this;
    this.add('step', 'product', {
      ...matrix,
      a,
      aOuter: 0,
      aRow: sizes.row(matrix.depth),
      outer: 1,
      rows: sizes.rows,
      c,
      cOuter: 0,
      cRow: sizes.row(matrix.columns),
      cGate: sizes.value(matrix.columns),
    });
  }

  /** Adds A·B to C at all steps of an iteration, for places that move with the iterations. */
  productOfSteps(section: Section, a: Strided, spec: MatrixSpec, c: Strided, cGate: number): void {
    const {rows} = this.sizes;
    const counts = {step: ITERATION, row: rows};
    // The longer loop is the inner one.
    const [outer, inner] =
      rows >= this.iterationSteps ? (['step', 'row'] as const) : (['row', 'step'] as const);
    this.add(section, 'product', {
      ...this.weights.matrix(spec),
      a: a.at,
      aOuter: a[outer],
      aRow: a[inner],
      outer: counts[outer],
      rows: counts[inner],
      c: c.at,
      cOuter: c[outer],
      cRow: c[inner],
      cGate,
    });
  }
}
