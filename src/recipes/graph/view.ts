import {constantOf} from '../../../converters/graph-def/frozen';
import type {GraphDef} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';

import {flatten} from './flatten';

/** An output of a node, `name:0` spelled out. */
export type Ref = string;

/** Operations that hand on their first input as it is. */
const PASSING: ReadonlySet<string> = new Set([
  'Identity',
  'RefIdentity',
  'Enter',
  'RefEnter',
  'Exit',
  'RefExit',
  'Switch',
  'RefSwitch',
  'NextIteration',
  'RefNextIteration',
  'StopGradient',
  'PreventGradient',
  'CheckNumerics',
  'EnsureShape',
  'Snapshot',
  'Print',
  'Cast',
  'ReadVariableOp',
]);

const LOOPS: ReadonlySet<string> = new Set(['NextIteration', 'RefNextIteration']);

/** Constants of settings are small. */
const MOST_SETTINGS = 64;

/** A graph to be asked who makes a tensor and who uses it. Nodes of gradients are as if they were not there. */
export class GraphView {
  readonly nodes: readonly GraphNode[];
  private readonly byName: ReadonlyMap<string, GraphNode>;
  private readonly users = new Map<Ref, GraphNode[]>();
  private readonly outputs = new Map<string, Ref[]>();

  constructor(graph: GraphDef) {
    this.nodes = flatten(graph).nodes.filter(({name}) => !/(^|\/)gradients(_\d+)?\//.test(name));
    this.byName = new Map(this.nodes.map(node => [node.name, node]));
    for (const node of this.nodes) {
      for (const input of new Set(dataInputs(node))) {
        const list = this.users.get(input);
        if (list) list.push(node);
        else {
          this.users.set(input, [node]);
          const name = input.slice(0, input.lastIndexOf(':'));
          this.outputs.set(name, [...(this.outputs.get(name) ?? []), input]);
        }
      }
    }
  }

  node(name: string): GraphNode | undefined {
    return this.byName.get(name);
  }

  /** The node that makes a tensor. */
  producer(ref: Ref): GraphNode | undefined {
    return this.byName.get(ref.slice(0, ref.lastIndexOf(':')));
  }

  /** The nodes that use a tensor directly. */
  consumers(ref: Ref): readonly GraphNode[] {
    return this.users.get(ref) ?? [];
  }

  /** A node's outputs, as far as others use them. */
  outputsOf({name}: GraphNode): readonly Ref[] {
    return this.outputs.get(name) ?? [];
  }

  input(node: GraphNode, index: number): Ref | undefined {
    return dataInputs(node)[index];
  }

  /** Where a tensor comes from, past operations that change nothing; the variable of a loop is its `Merge`. */
  resolve(ref: Ref): Ref {
    let at = ref;
    for (let steps = 0; steps < this.nodes.length; steps++) {
      const node = this.producer(at);
      if (!node) return at;
      const next = PASSING.has(node.op) ? this.input(node, 0) : this.pastBranch(node);
      if (next === undefined) return at;
      at = next;
    }
    return at;
  }

  /** A node's own producer past what changes nothing. */
  source(ref: Ref): GraphNode | undefined {
    return this.producer(this.resolve(ref));
  }

  /** A reference that several paths through `Switch` and `Merge` lead from to the same tensor. */
  private pastBranch(node: GraphNode): Ref | undefined {
    if (node.op !== 'Merge' || this.isLoop(node)) return undefined;
    const [first, ...others] = dataInputs(node);
    if (first === undefined) return undefined;
    const origin = this.shallow(first);
    return others.every(other => this.shallow(other) === origin) ? origin : undefined;
  }

  private shallow(ref: Ref): Ref {
    let at = ref;
    for (let node = this.producer(at); node && PASSING.has(node.op); node = this.producer(at)) {
      const next = this.input(node, 0);
      if (next === undefined) break;
      at = next;
    }
    return at;
  }

  isLoop(node: GraphNode): boolean {
    return node.op === 'Merge' && dataInputs(node).some(ref => LOOPS.has(this.producer(ref)?.op ?? ''));
  }

  /** Of a loop's variable: what it is at first, and what each turn makes of it. */
  loop(merge: GraphNode): {initial: Ref; next: Ref} | undefined {
    const inputs = dataInputs(merge);
    const next = inputs.find(ref => LOOPS.has(this.producer(ref)?.op ?? ''));
    const initial = inputs.find(ref => ref !== next);
    return next !== undefined && initial !== undefined ? {initial, next: this.shallow(next)} : undefined;
  }

  /** The numbers of a small constant, or of several put together. */
  numbers(ref: Ref | undefined): number[] | undefined {
    const node = ref === undefined ? undefined : this.source(ref);
    if (node?.op === 'ConcatV2') {
      const parts = dataInputs(node)
        .slice(0, -1)
        .map(part => (this.source(part)?.op === 'Const' ? this.numbers(part) : undefined));
      return parts.includes(undefined) ? undefined : parts.flatMap(part => part ?? []);
    }
    if (node?.op !== 'Const') return undefined;
    const constant = constantOf(node);
    if (!constant || constant.dtype === 'string' || constant.values.length > MOST_SETTINGS) return undefined;
    return Array.from(constant.values as ArrayLike<number | bigint>, Number);
  }

  /** The number that a constant is, of any shape with one element. */
  number(ref: Ref | undefined): number | undefined {
    const numbers = this.numbers(ref);
    return numbers?.length === 1 ? numbers[0] : undefined;
  }

  /** The one index along one axis that a `StridedSlice` takes of all the rest; undefined of other slices. */
  sliceAt(node: GraphNode): {axis: number; index: number} | undefined {
    const [, begin, end] = dataInputs(node).map(input => this.numbers(input));
    const shrinks = this.int(node, 'shrink_axis_mask') ?? 0;
    const axis = Math.log2(shrinks);
    const others = this.int(node, 'ellipsis_mask') || this.int(node, 'new_axis_mask');
    if (node.op !== 'StridedSlice' || !begin || !end || others || !Number.isInteger(axis)) return undefined;
    const masks = (this.int(node, 'begin_mask') ?? 0) & (this.int(node, 'end_mask') ?? 0);
    const whole = begin.every((_, k) => k === axis || (masks & (1 << k)) !== 0);
    return whole && begin[axis] !== undefined ? {axis, index: begin[axis]} : undefined;
  }

  /** The sum's or product's other operand. */
  other(node: GraphNode, ref: Ref): Ref | undefined {
    const [a, b] = dataInputs(node);
    return a === ref ? b : a;
  }

  /** The axes of a `Transpose`, given as such or put together from `[1, 0]` and a range; those left out stay. */
  permutation(ref: Ref | undefined): number[] | undefined {
    const given = ref === undefined ? undefined : this.source(ref);
    const joined = given?.op === 'ConcatV2' || given?.op === 'Concat';
    return (
      this.numbers(ref) ??
      (joined ? this.numbers(this.input(given, given.op === 'Concat' ? 1 : 0)) : undefined)
    );
  }

  /** Whether a node is a `Transpose` that leaves the axes where they are, as `tensordot` makes them. */
  keepsAxes(node: GraphNode): boolean {
    if (node.op !== 'Transpose') return false;
    const axes = this.numbers(dataInputs(node)[1]);
    return axes?.every((axis, k) => axis === k) === true;
  }

  flag(node: GraphNode, name: string): boolean {
    return attribute(node, name)?.bool === true;
  }

  int(node: GraphNode, name: string): number | undefined {
    return attribute(node, name)?.int;
  }

  float(node: GraphNode, name: string): number | undefined {
    return attribute(node, name)?.float;
  }
}

/** A node's inputs without those that only say what runs first. */
export function dataInputs({inputs}: GraphNode): Ref[] {
  return inputs
    .filter(input => !input.startsWith('^'))
    .map(input => (/:\d+$/.test(input) ? input : `${input}:0`));
}

export const isAdd = ({op}: GraphNode): boolean => op === 'Add' || op === 'AddV2' || op === 'BiasAdd';
export const outputRef = ({name}: GraphNode, output = 0): Ref => `${name}:${output}`;
