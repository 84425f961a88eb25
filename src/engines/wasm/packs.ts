import {gateColumns} from '../../recurrence/cells';
import type {Gate} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {Room, type Sizes} from './layout';
import type {Place} from './program';

/** These gates' columns of a weight matrix (all columns of one without gates), or their transpose. */
export interface PackSpec {
  readonly weight: WeightName;
  readonly gates: readonly Gate[];
  readonly transposed: boolean;
}

/** How `packPanels` (`kernel/product.ts`) is to lay a matrix out. Strides in numbers of the weight as it is given. */
export interface PanelLayout {
  readonly weight: WeightName;
  readonly place: Place;
  /** Rows that a product runs over. */
  readonly depth: number;
  readonly gates: number;
  /** Of each gate. */
  readonly columns: number;
  readonly ofGate: number;
  readonly vectors: number;
  readonly first: number;
  readonly strides: {readonly depth: number; readonly gate: number; readonly column: number};
}

/** A weight vector, a row for each gate, filled up to whole vectors. */
export interface VectorLayout {
  readonly weight: WeightName;
  readonly place: Place;
  readonly gates: number;
}

/** The weights that a program reads, as the kernel wants them, in one piece of memory. */
export class Packs {
  readonly matrices = new Map<string, PanelLayout>();
  readonly vectors = new Map<WeightName, VectorLayout>();
  private readonly room = new Room('packs');
  private joined: string | undefined;

  constructor(private readonly sizes: Sizes) {}

  get bytes(): number {
    return this.room.bytes;
  }

  /** What is in there, once all has been asked for: programs of the same key share one. */
  get key(): string {
    const {first, count} = this.sizes.columns ?? {};
    this.joined ??= [first, count, ...this.matrices.keys(), ...this.vectors.keys()].join();
    return this.joined;
  }

  panels(spec: PackSpec): PanelLayout {
    const key = `${spec.weight} ${spec.gates}${spec.transposed ? ' transposed' : ''}`;
    const known = this.matrices.get(key);
    if (known) return known;
    const {sizes} = this;
    const {weight, gates, transposed} = spec;
    const [first, count] = gates.length > 0 ? gateColumns(sizes.recurrence.cell, gates) : [0, 1];
    const height = weight === 'projection' ? sizes.units : sizes.ofAll(sizes.output);
    const rows = weight === 'kernel' ? sizes.width : height;
    const ofOne = weight === 'projection' ? sizes.output : sizes.units;
    const ofGiven = sizes.ofAll(ofOne);
    const all = weight === 'projection' ? ofOne : sizes.gates.length * ofGiven;
    const [depth, columns] = transposed ? [ofOne, rows] : [rows, ofOne];
    const ofGate = sizes.vectors(columns);
    const vectors = count * ofGate;
    const panel = 2 * sizes.lanes * 4;
    const layout: PanelLayout = {
      weight,
      place: this.room.take(Math.ceil(vectors / 2) * panel * depth),
      depth,
      gates: count,
      columns,
      ofGate,
      vectors,
      first: first * ofGiven + sizes.first,
      strides: transposed ? {depth: 1, gate: 0, column: all} : {depth: all, gate: ofGiven, column: 1},
    };
    this.matrices.set(key, layout);
    return layout;
  }

  /** The whole of a vector, all of its gates. */
  vector(weight: WeightName, gates: number): VectorLayout {
    const known = this.vectors.get(weight);
    if (known) return known;
    const layout = {weight, place: this.room.take(gates * this.sizes.row(this.sizes.units)), gates};
    this.vectors.set(weight, layout);
    return layout;
  }
}
