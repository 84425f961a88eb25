import type {NdArray} from '../../../converters/arrays';
import {constantOf} from '../../../converters/graph-def/frozen';
import type {GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, inPlaceOf, isControl, nodeName, outputIndex, spelled} from '../nodes';
import type {Ref} from '../types';
import type {Freezing} from './freezing';

const isSwitch = ({op}: GraphNode): boolean => op === 'Switch' || op === 'RefSwitch';
const isMerge = ({op}: GraphNode): boolean => op === 'Merge' || op === 'RefMerge';

/**
 * Branches (`tf.cond` of the first kind) whose condition is a constant are gone: what is taken is in their place. Of all
 * others a constant in a branch goes through a `Switch` of its own, so that a `Merge` can tell by its inputs which branch
 * each is of, where before only the order of running (`^`) told it.
 */
export function withoutConstantBranches(
  nodes: readonly GraphNode[],
  {values}: Pick<Freezing, 'values'>,
): GraphNode[] {
  return new Branches(nodes, values).folded();
}

class Branches {
  private readonly nodes: Map<string, GraphNode>;
  /** The output that is alive of each `Switch` whose condition is known. */
  private readonly taken = new Map<string, 0 | 1>();
  private readonly dead = new Set<string>();

  constructor(
    private readonly all: readonly GraphNode[],
    private readonly values: ReadonlyMap<string, NdArray>,
  ) {
    this.nodes = byName(all);
    for (const node of all) {
      const condition = isSwitch(node) ? this.truth(dataInputs(node)[1]) : undefined;
      if (condition !== undefined) this.taken.set(node.name, condition ? 1 : 0);
    }
    this.spread();
  }

  folded(): GraphNode[] {
    return this.all.flatMap(node => {
      if (this.dead.has(node.name)) return [];
      const inputs = node.inputs.filter(input => !isControl(input) || !this.dead.has(input.slice(1)));
      const renamed = inputs.map(input => this.renamed(input));
      if (this.taken.has(node.name)) return [inPlaceOf(node, 'Identity', {inputs: [renamed[0]!]})];
      if (!isMerge(node)) return [{...node, inputs: renamed}];
      const alive = renamed.filter((_, k) => isControl(inputs[k]!) || !this.isDead(inputs[k]!));
      const [only, ...others] = alive.filter(input => !isControl(input));
      if (others.length === 0 && dataInputs(node).length > 1)
        return [inPlaceOf(node, 'Identity', {inputs: [only!]})];
      return this.marked({...node, inputs: alive});
    });
  }

  /** A merge of branches, each constant among its inputs behind a `Switch`. */
  private marked(node: GraphNode): GraphNode[] {
    const added: GraphNode[] = [];
    const inputs = node.inputs.map((input, k) => {
      const branch = isControl(input) || this.hasSwitch(input) ? undefined : this.branchOf(input);
      if (!branch) return input;
      const name = `${node.name}/branch_${k}`;
      added.push(inPlaceOf(node, 'Switch', {name, inputs: [spelled(input), branch.condition]}));
      return `${name}:${branch.output}`;
    });
    return [...added, {...node, inputs}];
  }

  /** The one output of a `Switch` that became an `Identity`. */
  private renamed(input: string): string {
    return !isControl(input) && this.taken.has(nodeName(input)) ? `${nodeName(input)}:0` : input;
  }

  /** Marks what hangs on outputs that are never alive. */
  private spread(): void {
    const users = new Map<string, GraphNode[]>();
    for (const node of this.all) {
      for (const input of node.inputs) {
        const name = nodeName(input.replace(/^\^/, ''));
        const list = users.get(name);
        if (list) list.push(node);
        else users.set(name, [node]);
      }
    }
    const waiting = [...this.taken.keys()].flatMap(name => users.get(name) ?? []);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (this.dead.has(node.name) || !this.dies(node)) continue;
      this.dead.add(node.name);
      waiting.push(...(users.get(node.name) ?? []));
    }
  }

  private dies(node: GraphNode): boolean {
    if (!isMerge(node)) return node.inputs.some(input => this.isDead(input));
    const data = dataInputs(node);
    return data.length > 0 && data.every(input => this.isDead(input));
  }

  private isDead(input: string): boolean {
    if (isControl(input)) return this.dead.has(input.slice(1));
    const taken = this.taken.get(nodeName(input));
    return this.dead.has(nodeName(input)) || (taken !== undefined && outputIndex(input) !== taken);
  }

  /** What a condition always is. */
  private truth(ref: Ref | undefined, hops = 16): boolean | undefined {
    const node = ref === undefined || hops === 0 ? undefined : this.nodes.get(nodeName(ref));
    if (!node) return undefined;
    const [first] = dataInputs(node);
    if (node.op === 'Identity') return this.truth(first, hops - 1);
    if (node.op === 'LogicalNot') {
      const other = this.truth(first, hops - 1);
      return other === undefined ? undefined : !other;
    }
    // Of a condition that a branch of it looks at again, whatever comes out is what it is.
    if (isSwitch(node)) return this.truth(first, hops - 1);
    const constant = this.values.get(node.name) ?? constantOf(node);
    return constant?.dtype === 'bool' && constant.values.length === 1
      ? Boolean(constant.values[0])
      : undefined;
  }

  private hasSwitch(ref: Ref): boolean {
    return this.ancestors(ref).some(node => isSwitch(node) || isMerge(node));
  }

  /** The branch in which a tensor is made, by what has to run before it. */
  private branchOf(ref: Ref): {readonly condition: Ref; readonly output: number} | undefined {
    for (const node of this.ancestors(ref)) {
      for (const input of node.inputs.filter(isControl)) {
        const pivot = this.nodes.get(input.slice(1));
        const source = pivot && dataInputs(pivot)[0];
        const choice = source === undefined ? undefined : this.nodes.get(nodeName(source));
        const condition = choice && isSwitch(choice) ? dataInputs(choice)[1] : undefined;
        if (condition !== undefined) return {condition, output: outputIndex(source!)};
      }
    }
    return undefined;
  }

  /** What a tensor is made from, as far as that is in its branch. */
  private ancestors(ref: Ref): GraphNode[] {
    const found = new Map<string, GraphNode>();
    const waiting = [nodeName(ref)];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const node = this.nodes.get(name);
      if (!node || found.has(name)) continue;
      found.set(name, node);
      if (!isSwitch(node) && !isMerge(node)) waiting.push(...dataInputs(node).map(nodeName));
    }
    return [...found.values()];
  }
}
