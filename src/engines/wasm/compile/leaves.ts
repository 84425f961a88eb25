import {gateColumns} from '../../../recurrence/cells';
import type {Node} from '../../../recurrence/expression';
import type {Gate} from '../../../recurrence/types';
import type {WeightName} from '../../../recurrence/weights';
import {cached} from './cached';
import type {Compilation} from './compilation';
import {moved, type Place} from './program';

type NodeOf<O extends Node['op']> = Extract<Node, {readonly op: O}>;

/** The places of leaves that only one direction has. */
export type DirectionLeaves = {
  readonly [O in 'input' | 'state' | 'saved' | 'upstream']?: (node: NodeOf<O>) => readonly Place[];
};

/** Tensors of dropout masks on h, by the gate that they are for. */
export type DropoutPlaces = Readonly<Partial<Record<Gate | 'all', Place>>>;

/** Values of a step's leaves; each is laid out once. */
export class Leaves {
  readonly dropoutTensors: {[G in Gate | 'all']?: Place} = {};
  private readonly known = new Map<string, Place>();

  /**
   * @param own places of the leaves that the direction alone has
   * @param maskTensor `[steps + 1, rows]`, as `writeMaskAndDropout` fills it
   * @param first the step that is processed first; later ones follow in `direction`
   */
  constructor(
    private readonly c: Compilation,
    private readonly own: DirectionLeaves,
    private readonly maskTensor: Place,
    private readonly first: number,
    private readonly direction: 1 | -1,
  ) {}

  /** A place for each block of a leaf that is not a mask. */
  places(node: Node): readonly Place[] {
    if (node.op === 'weight') return this.weight(node);
    if (node.op === 'dropout') return [this.dropout(node.gate)];
    const rule = this.own[node.op as keyof DirectionLeaves] as ((leaf: Node) => readonly Place[]) | undefined;
    if (!rule) throw new TypeError(`'${node.op}' is no leaf of this step`);
    return rule(node);
  }

  /** A weight vector along every row of the batch, a place for each gate. */
  private weight({name, gates}: NodeOf<'weight'>): readonly Place[] {
    const {sizes} = this.c;
    if (gates.length === 0) return [this.alongRows(name, 0)];
    const [first, count] = gateColumns(sizes.recurrence.cell, gates);
    return Array.from({length: count}, (_, k) => this.alongRows(name, first + k));
  }

  private alongRows(weight: WeightName, gate: number): Place {
    return cached(this.known, `${weight} ${gate}`, () => {
      const {c} = this;
      const {units} = c.sizes;
      const row = c.sizes.row(units);
      const to = c.value(units);
      const from = moved(c.weights.vector(weight), gate * row);
      c.copy('before', {to, toRow: row, from, fromRow: 0, elements: row / 4});
      return to;
    });
  }

  private dropout(gate: Gate | 'all' = 'all'): Place {
    return cached(this.known, `dropout ${gate}`, () => {
      const {c} = this;
      const {output} = c.sizes;
      const from = c.tensor(output);
      this.dropoutTensors[gate] = from;
      const to = c.value(output);
      c.load('before', to, from, output);
      return to;
    });
  }

  /** The mask along rows of so many elements, filled in at the beginning of each step. */
  mask(of: 'this' | 'previous', elements: number): Place {
    const {c, direction} = this;
    const {sizes} = c;
    return cached(this.known, `mask ${of} ${sizes.row(elements)}`, () => {
      const row = sizes.rows * 4;
      const to = c.value(elements);
      const first = moved(this.maskTensor, (this.first + (of === 'this' ? 1 : 0)) * row);
      const from = {...first, step: direction * row};
      c.add('step', 'broadcast', {to, from, rows: sizes.rows, vectors: sizes.vectors(elements)});
      return to;
    });
  }
}
