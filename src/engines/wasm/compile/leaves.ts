import {gateColumns} from '../../../recurrence/cells';
import type {Node} from '../../../recurrence/expression';
import type {Gate} from '../../../recurrence/types';
import type {WeightName} from '../../../recurrence/weights';
import type {Compilation} from './compilation';
import {moved, type Place} from './program';

/** Tensors of dropout masks on h, by the gate that they are for. */
export type DropoutPlaces = Readonly<Partial<Record<Gate | 'all', Place>>>;

/** Values of a step's leaves that forward and backward programs read alike; each is laid out once. */
export class Leaves {
  /** Tensors of dropout masks, by gate. */
  readonly dropoutTensors: {[G in Gate | 'all']?: Place} = {};
  private readonly known = new Map<string, Place>();

  /**
   * @param mask `[steps + 1, rows]`, as `writeMaskAndDropout` fills it
   * @param first the step that is processed first; later ones follow in `direction`
   */
  constructor(
    private readonly c: Compilation,
    private readonly maskTensor: Place,
    private readonly first: number,
    private readonly direction: 1 | -1,
  ) {}

  private once(key: string, make: () => Place): Place {
    let place = this.known.get(key);
    if (!place) {
      place = make();
      this.known.set(key, place);
    }
    return place;
  }

  /** The places of a leaf's blocks. */
  places(node: Node): readonly Place[] {
    if (node.op === 'weight') return this.weight(node);
    if (node.op === 'dropout') return [this.dropout(node.gate)];
    throw new TypeError(`'${node.op}' is no leaf of this step`);
  }

  /** A weight vector along every row of the batch, a place for each gate. */
  private weight({name, gates}: Extract<Node, {op: 'weight'}>): readonly Place[] {
    const {sizes} = this.c;
    if (gates.length === 0) return [this.alongRows(name, 0)];
    const [first, count] = gateColumns(sizes.recurrence.cell, gates);
    return Array.from({length: count}, (_, k) => this.alongRows(name, first + k));
  }

  private alongRows(weight: WeightName, gate: number): Place {
    return this.once(`${weight} ${gate}`, () => {
      const {c} = this;
      const {units} = c.sizes;
      const row = c.sizes.row(units);
      const to = c.value(units);
      const from = moved(c.weights.vector(weight), gate * row);
      c.copy('before', {to, toRow: row, from, fromRow: 0, elements: row / 4});
      return to;
    });
  }

  /** The dropout mask of a gate, or of all. */
  private dropout(gate: Gate | 'all' = 'all'): Place {
    return this.once(`dropout ${gate}`, () => {
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
    return this.once(`mask ${of} ${sizes.row(elements)}`, () => {
      const row = sizes.rows * 4;
      const to = c.value(elements);
      const from = {
        ...moved(this.maskTensor, (this.first + (of === 'this' ? 1 : 0)) * row),
        step: direction * row,
      };
      c.add('step', 'broadcast', {to, from, rows: sizes.rows, vectors: sizes.vectors(elements)});
      return to;
    });
  }
}
