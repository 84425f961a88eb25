import type {Id, Node} from './expression';
import {type CarriedState, outputSize, type Recurrence} from './types';
import {weightOf} from './weights';

/**
 * How wide a value of a step is: so many blocks of columns side by side, each as wide as the cell has units or as h has
 * values. `row`: one number that counts for the whole row.
 */
export interface Width {
  readonly block: 'row' | 'units' | 'output';
  readonly blocks: number;
}

/** What a node's width follows from. */
interface Widths {
  readonly r: Recurrence;
  /** The width of an earlier node. */
  of(id: Id): Width;
  /** The width of a forward step's value, which a backward step reads. */
  saved(id: Id): Width;
}

type NodeOf<O extends Node['op']> = Extract<Node, {readonly op: O}>;

/** What there is to say of one kind of node, whatever computes it. */
interface NodeKind<O extends Node['op']> {
  /** The values that it reads. */
  operands(node: NodeOf<O>): readonly Id[];
  width(node: NodeOf<O>, widths: Widths): Width;
  /** Whether a column depends on other columns of an operand than its own, or its equals in other blocks. */
  readonly mixes: boolean;
}

const unit: Width = {block: 'units', blocks: 1};
const row: Width = {block: 'row', blocks: 1};

const stateWidth = ({name}: {readonly name: CarriedState | 'output'}): Width =>
  name === 'c' ? unit : {block: 'output', blocks: 1};

/** The width of two values that are combined element by element: one may be a number per row, or a single block. */
function together(a: Width, b: Width): Width {
  return {block: a.block === 'row' ? b.block : a.block, blocks: Math.max(a.blocks, b.blocks)};
}

const leaf = {operands: () => [], mixes: false} as const;
const likeX = {
  operands: ({x}: {readonly x: Id}) => [x],
  mixes: false,
  width: ({x}: {readonly x: Id}, {of}: Widths) => of(x),
} as const;
const pair = {
  operands: ({a, b}: {readonly a: Id; readonly b: Id}) => [a, b],
  mixes: false,
  width: ({a, b}: {readonly a: Id; readonly b: Id}, {of}: Widths) => together(of(a), of(b)),
} as const;

/** Every kind of node: the one place that says what each reads and how wide it is. */
const NODES: {readonly [O in Node['op']]: NodeKind<O>} = {
  input: {...leaf, width: ({gates}) => ({block: 'units', blocks: gates.length})},
  state: {...leaf, width: stateWidth},
  upstream: {...leaf, width: stateWidth},
  weight: {...leaf, width: ({gates}) => ({block: 'units', blocks: Math.max(1, gates.length)})},
  dropout: {...leaf, width: () => ({block: 'output', blocks: 1})},
  mask: {...leaf, width: () => row},
  saved: {...leaf, width: ({id}, {saved}) => saved(id)},
  product: {
    operands: ({x}) => [x],
    width: ({weight, gates, transposed}, {r}) => {
      const {rows, columns} = weightOf(r, weight)!;
      if (!transposed) return {block: columns, blocks: Math.max(1, gates.length)};
      return {block: rows === 'units' ? 'units' : 'output', blocks: 1};
    },
    mixes: true,
  },
  part: {...likeX, width: ({x, count}, {of}) => ({...of(x), blocks: of(x).blocks / count})},
  join: {
    operands: ({parts}) => parts,
    mixes: false,
    width: ({parts}, {of}) => ({...of(parts[0]!), blocks: parts.reduce((sum, id) => sum + of(id).blocks, 0)}),
  },
  add: pair,
  mul: pair,
  complement: likeX,
  negate: likeX,
  offset: likeX,
  activate: likeX,
  slope: {operands: ({y}) => [y], mixes: false, width: ({y}, {of}) => of(y)},
  normalCdf: likeX,
  softmax: {...likeX, mixes: true},
  softmaxGradient: {operands: ({dy, y}) => [dy, y], width: ({y}, {of}) => of(y), mixes: true},
  clip: likeX,
  inside: likeX,
  limitGradient: likeX,
  inverseDeviation: {...likeX, width: () => row, mixes: true},
  standardize: {operands: ({x, scale}) => [x, scale], width: ({x}, {of}) => of(x), mixes: true},
  standardizeGradient: {
    operands: ({dy, y, scale}) => [dy, y, scale],
    width: ({y}, {of}) => of(y),
    mixes: true,
  },
  zeros: {...leaf, width: ({like}, {of}) => of(like)},
};

const kindOf = (node: Node): NodeKind<Node['op']> => NODES[node.op] as NodeKind<Node['op']>;

/** The values that a node reads, earlier nodes of its graph. */
export function operandsOf(node: Node): readonly Id[] {
  return kindOf(node).operands(node as never);
}

/** Whether a column of a node's value depends on other columns of what it reads: products, sums over rows. */
export function mixesColumns(node: Node): boolean {
  return kindOf(node).mixes;
}

/**
 * The width of every node's value, in order.
 * @param saved of the forward step's values, which backward graphs read
 */
export function widthsOf(nodes: readonly Node[], r: Recurrence, saved: readonly Width[] = []): Width[] {
  const widths: Width[] = [];
  const context: Widths = {r, of: id => widths[id]!, saved: id => saved[id]!};
  for (const node of nodes) widths.push(kindOf(node).width(node as never, context));
  return widths;
}

/** How many columns a value of this width has. */
export function columnsOf({block, blocks}: Width, r: Pick<Recurrence, 'units' | 'projection'>): number {
  return block === 'row' ? 1 : blocks * (block === 'units' ? r.units : outputSize(r));
}

/** How often each value is read, by other nodes and from outside. */
export function usesOf(nodes: readonly Node[], outside: readonly Id[]): number[] {
  const uses = nodes.map(() => 0);
  for (const id of [...nodes.flatMap(operandsOf), ...outside]) uses[id]! += 1;
  return uses;
}
