import type {Id, Node} from '../../../recurrence/expression';
import {usesOf, type Width, widthsOf} from '../../../recurrence/nodes';
import type {Action, Blocks, Normalization, Operand, Value} from './actions';
import type {Compilation} from './compilation';
import {elementsOf} from './layout';
import {activationOf, type Operation, slopeOf} from './operations';
import type {Place} from './program';

/** Where a step's leaves are. */
export interface LeafPlaces {
  /** A place for each block of a leaf that is not a mask. */
  leaf(node: Node): readonly Place[];
  /** The mask along rows of so many elements. */
  mask(of: 'this' | 'previous', elements: number): Place;
  /** Widths of the forward step's values, which a backward step reads. */
  readonly saved?: readonly Width[];
}

/** A step's actions, and the blocks of its nodes' values. */
export interface Lowered {
  readonly actions: readonly Action[];
  blocks(id: Id): Blocks;
}

/**
 * Lowers a step's graph to actions of the kernel, whose values are one gate wide: parts and joints of gates cost nothing.
 *
 * @param wanted nodes whose values are read after the step
 */
export function lower(
  c: Compilation,
  nodes: readonly Node[],
  wanted: readonly Id[],
  places: LeafPlaces,
): Lowered {
  const lowering = new Lowering(c, nodes, wanted, places);
  for (const [id, node] of nodes.entries()) lowering.add(id, node);
  return lowering;
}

type NodeOf<O extends Node['op']> = Extract<Node, {readonly op: O}>;
/** Lowers a node; undefined where its value is made when it is read. */
type Rules = {readonly [O in Node['op']]: (node: NodeOf<O>, id: Id) => Blocks | undefined};

class Lowering implements Lowered {
  readonly actions: Action[] = [];
  /** Elements of a row of each value's blocks; 0 of a value that is one number for the whole row. */
  private readonly elements: readonly number[];
  private readonly uses: readonly number[];
  private readonly values = new Map<Id, Blocks>();
  /** Values that are one number per row, along rows of so many elements. */
  private readonly rowValues = new Map<string, Operand>();
  /** Factors of products that are read once, by an addition: one operation multiplies and adds. */
  private readonly factors = new Map<Id, readonly [Blocks, Blocks]>();
  /** Products h·U that are added to an input that nothing else reads: they are added where the input is. */
  private readonly ontoInputs: ReadonlyMap<Id, Id>;

  constructor(
    private readonly c: Compilation,
    private readonly nodes: readonly Node[],
    wanted: readonly Id[],
    private readonly places: LeafPlaces,
  ) {
    const {recurrence: r} = c.sizes;
    this.elements = widthsOf(nodes, r, places.saved).map(width => elementsOf(width, r));
    this.uses = usesOf(nodes, wanted);
    this.ontoInputs = productsOntoInputs(nodes, this.uses);
  }

  add(id: Id, node: Node): void {
    const rule = this.rules[node.op] as (node: Node, id: Id) => Blocks | undefined;
    const blocks = rule(node, id);
    if (blocks) this.values.set(id, blocks);
  }

  blocks = (id: Id): Blocks => {
    const factors = this.factors.get(id);
    if (factors) {
      this.factors.delete(id);
      this.values.set(id, this.combine({operation: 'multiply'}, this.elements[id]!, ...factors));
    }
    return this.values.get(id)!;
  };

  private readonly leaf = (node: Node): Blocks => this.places.leaf(node);

  private readonly rules: Rules = {
    input: this.leaf,
    state: this.leaf,
    weight: this.leaf,
    dropout: this.leaf,
    saved: this.leaf,
    upstream: this.leaf,
    mask: () => undefined,
    slope: () => undefined,
    product: (node, id) => this.product(node, id),
    part: ({x, index, count}) => {
      const blocks = this.blocks(x);
      const each = blocks.length / count;
      return blocks.slice(index * each, (index + 1) * each);
    },
    join: ({parts}) => parts.flatMap(this.blocks),
    add: (node, id) => this.sum(node, id),
    mul: (node, id) => this.multiply(node, id),
    complement: ({x}, id) => (this.isRow(id) ? undefined : this.unary(x, {operation: 'complement'})),
    negate: ({x}) => this.unary(x, {operation: 'negate'}),
    offset: ({x, by}) => this.unary(x, {operation: 'offset', parameters: [by, 0]}),
    clip: ({x, limit}) => this.unary(x, {operation: 'clip', parameters: [limit, 0]}),
    inside: ({x, limit}) => this.unary(x, {operation: 'inside', parameters: [limit, 0]}),
    activate: ({x, activation}) => this.unary(x, activationOf(activation)),
    limitGradient: ({x}) => this.blocks(x),
    zeros: ({like}, id) => this.blocks(like).map(() => this.element({operation: 'zero'}, this.elements[id]!)),
    inverseDeviation: ({x, epsilon}, id) =>
      this.normalize(id, x, block => ({instruction: 'inverseDeviation', x: block, epsilon})),
    standardize: ({x, scale}, id) =>
      this.normalize(id, x, (block, k) => ({
        instruction: 'standardize',
        x: block,
        scale: this.blocks(scale)[k]!,
      })),
    standardizeGradient: ({dy, y, scale}, id) =>
      this.normalize(id, dy, (block, k) => ({
        instruction: 'standardizeGradient',
        dy: block,
        y: this.blocks(y)[k]!,
        scale: this.blocks(scale)[k]!,
      })),
  };

  private element(
    {operation, parameters = [0, 0]}: Operation,
    elements: number,
    ...operands: Operand[]
  ): Value {
    const to: Value = {elements};
    this.actions.push({kind: 'element', operation, parameters, to, operands, elements});
    return to;
  }

  private unary(x: Id, operation: Operation): Blocks {
    return this.blocks(x).map(block => this.element(operation, this.elements[x]!, block));
  }

  /** An operation block by block. A list of one block is combined with each block of the others. */
  private combine(operation: Operation, elements: number, ...lists: Blocks[]): Blocks {
    const count = Math.max(...lists.map(list => list.length));
    return Array.from({length: count}, (_, k) =>
      this.element(operation, elements, ...lists.map(list => list[Math.min(k, list.length - 1)]!)),
    );
  }

  /** Instructions of layer normalization, for each block of x. */
  private normalize(id: Id, x: Id, wordsOf: (block: Operand, k: number) => Normalization): Blocks {
    return this.blocks(x).map((block, k) => {
      const to: Value = {elements: this.elements[id]!};
      this.actions.push({kind: 'normalization', to, elements: this.elements[x]!, words: wordsOf(block, k)});
      return to;
    });
  }

  private isRow(id: Id): boolean {
    return this.elements[id] === 0;
  }

  /** A value that is one number per row, along so many elements. */
  private alongRow(id: Id, elements: number): Operand {
    const key = `${id} ${elements}`;
    const known = this.rowValues.get(key);
    if (known) return known;
    const node = this.nodes[id]!;
    let value: Operand;
    if (node.op === 'mask') value = this.places.mask(node.of, elements);
    else if (node.op === 'complement')
      value = this.element({operation: 'complement'}, elements, this.alongRow(node.x, elements));
    else throw new TypeError(`'${node.op}' is not one number per row`);
    this.rowValues.set(key, value);
    return value;
  }

  private pair(a: Id, b: Id): readonly [Blocks, Blocks] {
    const elements = Math.max(this.elements[a]!, this.elements[b]!);
    const blocksOf = (id: Id): Blocks => (this.isRow(id) ? [this.alongRow(id, elements)] : this.blocks(id));
    return [blocksOf(a), blocksOf(b)];
  }

  private product({x, weight, gates, transposed}: NodeOf<'product'>, id: Id): Blocks {
    const input = this.ontoInputs.get(id);
    const count = transposed ? 1 : Math.max(1, gates.length);
    const to =
      input === undefined ? this.zeros(count, this.elements[id]!) : this.places.leaf(this.nodes[input]!);
    for (const [k, block] of this.blocks(x).entries()) {
      // A product with a transpose runs back from each gate's block.
      const own = transposed && gates.length > 0 ? [gates[k]!] : gates;
      this.actions.push({kind: 'product', x: block, matrix: {weight, gates: own, transposed}, to});
    }
    return to;
  }

  private zeros(count: number, elements: number): readonly Place[] {
    const to = this.c.values(count, elements);
    this.actions.push({kind: 'zero', to: to[0]!, bytes: count * this.c.sizes.value(elements)});
    return to;
  }

  private sum({a, b}: NodeOf<'add'>, id: Id): Blocks {
    const elements = this.elements[id]!;
    // The product has been added where the input is.
    const onto = [a, b].find(one => this.ontoInputs.has(one));
    if (onto !== undefined) return this.blocks(onto);
    const deferred = [a, b].find(one => this.factors.has(one));
    if (deferred === undefined) return this.combine({operation: 'add'}, elements, ...this.pair(a, b));
    const factors = this.factors.get(deferred)!;
    this.factors.delete(deferred);
    const other = this.blocks(deferred === a ? b : a);
    return this.combine({operation: 'multiplyAdd'}, elements, ...factors, other);
  }

  private multiply({a, b}: NodeOf<'mul'>, id: Id): Blocks | undefined {
    const {nodes} = this;
    const elements = this.elements[id]!;
    const slope = [a, b].find(one => nodes[one]!.op === 'slope');
    if (slope !== undefined) {
      const {y, activation} = nodes[slope] as NodeOf<'slope'>;
      const dy = this.blocks(slope === a ? b : a);
      return this.combine(slopeOf(activation), elements, dy, this.blocks(y));
    }
    const factors = this.pair(a, b);
    const added =
      this.uses[id] === 1 && nodes.some(node => node.op === 'add' && (node.a === id) !== (node.b === id));
    if (!added) return this.combine({operation: 'multiply'}, elements, ...factors);
    this.factors.set(id, factors);
    return undefined;
  }
}

function productsOntoInputs(nodes: readonly Node[], uses: readonly number[]): Map<Id, Id> {
  const found = new Map<Id, Id>();
  for (const node of nodes) {
    if (node.op !== 'add') continue;
    for (const [x, y] of [
      [node.a, node.b],
      [node.b, node.a],
    ] as const) {
      const alone = uses[x] === 1 && uses[y] === 1;
      if (alone && nodes[x]!.op === 'product' && nodes[y]!.op === 'input') found.set(x, y);
    }
  }
  return found;
}
