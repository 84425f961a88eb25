import type {Id, Node} from '../../../recurrence/expression';
import {operandsOf, usesOf, type Width, widthsOf} from '../../../recurrence/nodes';
import {type Action, type Blocks, homeOf, type Operand, type Value} from './actions';
import {cached} from './cached';
import type {Compilation} from './compilation';
import {elementsOf} from './layout';
import type {Leaves} from './leaves';
import {type ElementNode, type Operation, operationOf, slopeOf} from './operations';
import type {Place} from './program';

/** A step's actions, and the blocks of its nodes' values. */
export interface Lowered {
  readonly actions: readonly Action[];
  blocks(id: Id): Blocks;
}

/**
 * Lowers a step's graph to actions of the kernel, whose values are one gate wide: parts and joints of gates cost nothing.
 *
 * @param wanted nodes whose values are read after the step
 * @param saved widths of the forward step's values, which a backward step reads
 */
export function lower(
  c: Compilation,
  nodes: readonly Node[],
  wanted: readonly Id[],
  leaves: Leaves,
  saved?: readonly Width[],
): Lowered {
  const {recurrence: r} = c.sizes;
  const elements = widthsOf(nodes, r, saved).map(width => elementsOf(width, r));
  const lowering = new Lowering(c, nodes, elements, usesOf(nodes, wanted), leaves);
  for (const [id, node] of nodes.entries()) lowering.add(id, node);
  return lowering;
}

type NodeOf<O extends Node['op']> = Extract<Node, {readonly op: O}>;
/** Lowers a node; undefined where its value is made when it is read. */
type Rules = {readonly [O in Node['op']]: (node: NodeOf<O>, id: Id) => Blocks | undefined};

class Lowering implements Lowered {
  readonly actions: Action[] = [];
  private readonly values = new Map<Id, Blocks>();
  /** Values that are one number per row, along rows of so many elements. */
  private readonly rowValues = new Map<string, Operand>();
  /** Factors of products that are read once, by an addition: one operation multiplies and adds. */
  private readonly factors = new Map<Id, readonly Blocks[]>();
  /** Products h·U that are added to an input that nothing else reads: they are added where the input is. */
  private readonly ontoInputs: ReadonlyMap<Id, Id>;

  constructor(
    private readonly c: Compilation,
    private readonly nodes: readonly Node[],
    /** Elements of a row of each value's blocks; 0 of a value that is one number for the whole row. */
    private readonly elements: readonly number[],
    private readonly uses: readonly number[],
    private readonly leaves: Leaves,
  ) {
    this.ontoInputs = productsOntoInputs(nodes, uses);
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
      this.values.set(id, this.combine({operation: 'multiply'}, this.elements[id]!, factors));
    }
    return this.values.get(id)!;
  };

  private readonly leaf = (node: Node): Blocks => this.leaves.places(node);

  private readonly elementwise = (node: ElementNode, id: Id): Blocks | undefined =>
    this.elements[id] === 0
      ? undefined
      : this.combine(operationOf(node), this.elements[id]!, this.together(operandsOf(node)));

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
    complement: this.elementwise,
    negate: this.elementwise,
    offset: this.elementwise,
    clip: this.elementwise,
    inside: this.elementwise,
    activate: this.elementwise,
    normalCdf: notInKernel,
    softmax: notInKernel,
    softmaxGradient: notInKernel,
    limitGradient: ({x}) => this.blocks(x),
    zeros: ({like}, id) =>
      this.blocks(like).map(() => this.element({operation: 'zero'}, this.elements[id]!, [])),
    inverseDeviation: ({x: of, epsilon}, id) =>
      this.normalize(id, [of], (rows, to, [x]) =>
        this.c.add('step', 'inverseDeviation', {...rows, to, x: x!, epsilon}),
      ),
    standardize: ({x: of, scale: by}, id) =>
      this.normalize(id, [of, by], (rows, to, [x, scale]) =>
        this.c.add('step', 'standardize', {...rows, to, x: x!, scale: scale!}),
      ),
    standardizeGradient: (node, id) =>
      this.normalize(id, [node.dy, node.y, node.scale], (rows, to, [dy, y, scale]) =>
        this.c.add('step', 'standardizeGradient', {...rows, to, dy: dy!, y: y!, scale: scale!}),
      ),
  };

  private element(operation: Operation, elements: number, operands: Blocks): Value {
    const to: Value = {elements};
    this.actions.push({kind: 'element', ...operation, to, operands, elements});
    return to;
  }

  /** An operation block by block. A list of one block is combined with each block of the others. */
  private combine(operation: Operation, elements: number, lists: readonly Blocks[]): Blocks {
    const count = Math.max(...lists.map(list => list.length));
    return Array.from({length: count}, (_, k) =>
      this.element(
        operation,
        elements,
        lists.map(list => list[Math.min(k, list.length - 1)]!),
      ),
    );
  }

  /** The blocks of values that are combined element by element: one number per row is spread along the row. */
  private together(ids: readonly Id[]): Blocks[] {
    const elements = Math.max(...ids.map(id => this.elements[id]!));
    return ids.map(id => (this.elements[id] === 0 ? [this.alongRow(id, elements)] : this.blocks(id)));
  }

  private alongRow(id: Id, elements: number): Operand {
    return cached(this.rowValues, `${id} ${elements}`, () => {
      const node = this.nodes[id]!;
      if (node.op === 'mask') return this.leaves.mask(node.of, elements);
      if (node.op === 'complement')
        return this.element({operation: 'complement'}, elements, [this.alongRow(node.x, elements)]);
      throw new TypeError(`'${node.op}' cannot be combined element by element`);
    });
  }

  /** An instruction of layer normalization for each block of values whose rows it reduces, the first of them. */
  private normalize(
    id: Id,
    ids: readonly Id[],
    write: (
      rows: Readonly<Record<'rows' | 'elements' | 'stride', number>>,
      to: Place,
      operands: readonly Place[],
    ) => void,
  ): Blocks {
    const {sizes} = this.c;
    const elements = this.elements[ids[0]!]!;
    const rows = {rows: sizes.rows, elements, stride: sizes.row(elements)};
    return this.blocks(ids[0]!).map((_, k) => {
      const to: Value = {elements: this.elements[id]!};
      const operands = ids.map(operand => this.blocks(operand)[k]!);
      this.actions.push({
        kind: 'instruction',
        operands,
        to,
        write: () => write(rows, homeOf(to), operands.map(homeOf)),
      });
      return to;
    });
  }

  private product({x, weight, gates, transposed}: NodeOf<'product'>, id: Id): Blocks {
    const {c} = this;
    const input = this.ontoInputs.get(id);
    const to =
      input === undefined
        ? this.zeros(transposed ? 1 : Math.max(1, gates.length), this.elements[id]!)
        : this.leaves.places(this.nodes[input]!);
    for (const [k, block] of this.blocks(x).entries()) {
      // A product with a transpose runs back from each gate's block.
      const own = transposed && gates.length > 0 ? [gates[k]!] : gates;
      const matrix = c.weights.matrix({weight, gates: own, transposed});
      const write = (): void => c.product(c.whole(homeOf(block)), matrix, to[0]!);
      this.actions.push({kind: 'instruction', operands: [block], to, write});
    }
    return to;
  }

  private zeros(count: number, elements: number): readonly Place[] {
    const to = this.c.values(count, elements);
    this.actions.push({
      kind: 'instruction',
      operands: [],
      to,
      write: () => this.c.clear('step', to[0]!, elements, count),
    });
    return to;
  }

  private sum(node: NodeOf<'add'>, id: Id): Blocks | undefined {
    const ids = [node.a, node.b];
    // The product has been added where the input is.
    const onto = ids.find(one => this.ontoInputs.has(one));
    if (onto !== undefined) return this.blocks(onto);
    const deferred = ids.find(one => this.factors.has(one));
    if (deferred === undefined) return this.elementwise(node, id);
    const factors = this.factors.get(deferred)!;
    this.factors.delete(deferred);
    const other = this.blocks(deferred === node.a ? node.b : node.a);
    return this.combine({operation: 'multiplyAdd'}, this.elements[id]!, [...factors, other]);
  }

  private multiply(node: NodeOf<'mul'>, id: Id): Blocks | undefined {
    const {a, b} = node;
    const slope = [a, b].find(one => this.nodes[one]!.op === 'slope');
    if (slope !== undefined) {
      const {y, activation} = this.nodes[slope] as NodeOf<'slope'>;
      const dy = this.blocks(slope === a ? b : a);
      return this.combine(slopeOf(activation), this.elements[id]!, [dy, this.blocks(y)]);
    }
    const added = this.nodes.some(other => other.op === 'add' && (other.a === id) !== (other.b === id));
    if (this.uses[id] !== 1 || !added) return this.elementwise(node, id);
    this.factors.set(id, this.together([a, b]));
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

/** The engine refuses recurrences with such nodes. */
function notInKernel({op}: Node): never {
  throw new TypeError(`the kernel has no '${op}'`);
}
