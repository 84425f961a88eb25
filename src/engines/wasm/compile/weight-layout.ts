import {gateColumns} from '../../../recurrence/cells';
import type {Gate} from '../../../recurrence/types';
import type {WeightName} from '../../../recurrence/weights';
import {cached} from './cached';
import {Arena, type Sizes} from './layout';
import {Assembler, moved, type Place, type Program} from './program';

/** These gates' columns of a weight matrix (all columns of one without gates), or their transpose. */
export interface MatrixSpec {
  readonly weight: WeightName;
  readonly gates: readonly Gate[];
  readonly transposed: boolean;
}

/** A packed matrix, by the words of the products that read it. */
export interface PackedMatrix {
  readonly b: Place;
  /** Rows that a product runs over. */
  readonly depth: number;
  readonly vectors: number;
  readonly gateVectors: number;
  /** Columns of a gate. */
  readonly columns: number;
}

/** A weight as it is given. */
const GIVEN: Place = {region: 'data', offset: 0};

/**
 * The weights that a program reads, as the kernel reads them, in one piece of memory; and the programs that pack them
 * there.
 */
export class WeightLayout {
  private readonly arena = new Arena('weights');
  private readonly matrices = new Map<string, PackedMatrix>();
  private readonly vectors = new Map<WeightName, Place>();
  private readonly assemblers = new Map<WeightName, Assembler>();
  private finished: ReadonlyMap<WeightName, Program> | undefined;
  private joined: string | undefined;

  constructor(private readonly sizes: Sizes) {}

  get bytes(): number {
    return this.arena.bytes;
  }

  /** What the layout contains, once the program is compiled: programs with equal keys share packed weights. */
  get key(): string {
    const {first, count} = this.sizes.shard ?? {};
    this.joined ??= [first, count, ...this.matrices.keys(), ...this.vectors.keys()].join();
    return this.joined;
  }

  /** For each weight a program that packs it, once this one is compiled. Region `data` holds the weight as it is given. */
  get programs(): ReadonlyMap<WeightName, Program> {
    this.finished ??= new Map(
      [...this.assemblers].map(([weight, assembler]) => [weight, assembler.finish(0, 1)]),
    );
    return this.finished;
  }

  matrix(spec: MatrixSpec): PackedMatrix {
    const key = `${spec.weight} ${spec.gates}${spec.transposed ? ' transposed' : ''}`;
    return cached(this.matrices, key, () => this.layOut(spec));
  }

  private layOut({weight, gates, transposed}: MatrixSpec): PackedMatrix {
    const {sizes} = this;
    const [first, count] = gates.length > 0 ? gateColumns(sizes.recurrence.cell, gates) : [0, 1];
    const {rows, gates: all, columns: own} = sizes.weight(weight);
    const gate = sizes.inTensor(own) * 4;
    const row = all * gate;
    const [depth, columns] = transposed ? [own, rows] : [rows, own];
    const gateVectors = sizes.vectors(columns);
    const vectors = count * gateVectors;
    const b = this.arena.allocate(Math.ceil(vectors / 2) * 2 * sizes.lanes * 4 * depth);
    this.assembler(weight).add('before', 'pack', {
      to: b,
      from: moved(GIVEN, first * gate + sizes.first * 4),
      depth,
      gates: count,
      columns,
      gateVectors,
      depthStride: transposed ? 4 : row,
      gateStride: transposed ? 0 : gate,
      columnStride: transposed ? row : 4,
    });
    return {b, depth, columns, gateVectors, vectors};
  }

  /** The whole of a vector, all of its gates: a row for each, filled up to whole vectors. */
  vector(weight: WeightName): Place {
    return cached(this.vectors, weight, () => {
      const {sizes} = this;
      const {gates} = sizes.weight(weight);
      const row = sizes.row(sizes.units);
      const to = this.arena.allocate(gates * row);
      const assembler = this.assembler(weight);
      assembler.add('before', 'zero', {to, bytes: gates * row});
      assembler.add('before', 'stridedCopy', {
        to,
        toOuter: 0,
        toRow: row,
        from: moved(GIVEN, sizes.first * 4),
        fromOuter: 0,
        fromRow: sizes.whole.units * 4,
        outer: 1,
        rows: gates,
        elements: sizes.units,
      });
      return to;
    });
  }

  private assembler(weight: WeightName): Assembler {
    return cached(this.assemblers, weight, () => new Assembler());
  }
}
