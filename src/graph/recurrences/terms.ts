import {constantOf} from '../../../converters/graph-def/frozen';
import type {GraphFunction} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {flatIndex} from '../freeze/output-names';
import {byName, dataInputs, nodeName, outputIndex} from '../nodes';
import {constantValue, type ModelGraph, type Ref} from '../types';
import {ACTIVATIONS, passed, spelledOut} from './canonical';
import {numberOf, numbersOf, type Term} from './term';

/** Nodes that are told apart though they are made alike: what they give is not decided by their inputs. */
const OWN =
  /Random|Multinomial|Placeholder|^TensorArray(V\d)?$|^Stack|Queue|^Exit$|While$|^If$|^StatelessIf$|TensorListReserve|EmptyTensorList/;

/** Where names are looked up: the whole graph, or a function that a loop runs. */
interface Scope {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly terms: Map<string, Term>;
  /** Spells a reference as `node:0`. */
  readonly spell: (ref: string) => Ref;
  /** A function's arguments. */
  readonly given: ReadonlyMap<string, Term>;
  /** What tells its nodes that have terms of their own from those of other calls; none in the whole graph. */
  readonly place: string | undefined;
}

/** The terms of a graph. */
export class Terms {
  private readonly known = new Map<string, Term>();
  private readonly whole: Scope;
  private readonly loops: ReadonlySet<string>;
  private readonly sources = new Map<Term, Ref[]>();

  constructor(
    private readonly graph: ModelGraph,
    loopMerges: ReadonlySet<string>,
  ) {
    this.loops = loopMerges;
    this.whole = {
      nodes: byName(graph.nodes),
      terms: new Map(),
      spell: ref => ref,
      given: new Map(),
      place: undefined,
    };
  }

  /** What a tensor of the whole graph is. */
  of(ref: Ref): Term {
    return this.build(ref, this.whole);
  }

  /** The tensors of the whole graph that are this, as far as they have been looked at. */
  refsOf(term: Term): readonly Ref[] {
    return this.sources.get(term) ?? [];
  }

  /** What a function's results are, given its arguments. */
  results(
    {nodes: list, inputs, outputs, returns}: GraphFunction,
    given: readonly Term[],
    place: string,
  ): Term[] {
    const nodes = byName(list);
    const spell = (ref: string): Ref => {
      const [name = '', output, index] = ref.split(':');
      const node = nodes.get(name);
      return output === undefined || !node ? ref : `${name}:${flatIndex(node, output, Number(index ?? 0))}`;
    };
    const scope = {
      nodes,
      terms: new Map(),
      spell,
      given: new Map(inputs.map((name, k) => [name, given[k]!])),
      place,
    };
    return outputs.map(name => this.build(returns.get(name) ?? name, scope));
  }

  /** Another output of the node that makes a term. */
  sibling(term: Term, output: number): Term {
    return this.term({...term, data: term.data.replace(/^\d+/, String(output)), output});
  }

  /** A tensor that stands for itself. */
  leaf(name: string, node: GraphNode): Term {
    return this.term({op: '#leaf', data: name, args: [], node, output: 0});
  }

  /** From the inputs on, without recursion: unrolled layers are thousands of nodes deep. */
  private build(wanted: string, scope: Scope): Term {
    const start = scope.spell(wanted);
    const waiting = [start];
    const opened = new Set<Ref>();
    while (waiting.length > 0) {
      const ref = waiting.at(-1)!;
      if (this.lookUp(ref, scope)) {
        waiting.pop();
        continue;
      }
      const node = scope.nodes.get(nodeName(ref));
      const inputs = node && !this.isLeaf(node, scope) ? this.inputsOf(node, scope) : [];
      const missing = inputs.filter(input => !this.lookUp(input, scope));
      // What leads back to itself other than through a loop is damage.
      if (missing.length > 0 && !opened.has(ref)) {
        opened.add(ref);
        waiting.push(...missing);
        continue;
      }
      const args = missing.length > 0 ? [] : inputs.map(input => this.lookUp(input, scope)!);
      const term = missing.length > 0 ? this.unknown(ref, scope) : this.make(ref, node, args, scope);
      scope.terms.set(ref, term);
      if (scope === this.whole) this.sources.set(term, [...(this.sources.get(term) ?? []), ref]);
      waiting.pop();
    }
    return this.lookUp(start, scope)!;
  }

  private lookUp(ref: string, scope: Scope): Term | undefined {
    return scope.given.get(ref) ?? scope.terms.get(ref);
  }

  private inputsOf(node: GraphNode, scope: Scope): Ref[] {
    return scope === this.whole ? dataInputs(node) : node.inputs.map(scope.spell);
  }

  private isLeaf(node: GraphNode, scope: Scope): boolean {
    return OWN.test(node.op) || (scope === this.whole && this.loops.has(node.name));
  }

  private unknown(ref: Ref, scope: Scope): Term {
    return this.leaf(`${scope.place ?? ''} ${ref}`, scope.nodes.values().next().value!);
  }

  private make(ref: Ref, node: GraphNode | undefined, args: readonly Term[], scope: Scope): Term {
    if (!node) return this.unknown(ref, scope);
    const output = outputIndex(ref);
    const common = {node, output};
    if (node.op === 'Const') return this.constant(node, common, scope);
    // A loop's variable is the same at both ends of its switch.
    const name = this.loops.has(node.name) ? nodeName(ref) : ref;
    if (this.isLeaf(node, scope) || args.length === 0)
      return this.term({op: '#leaf', data: `${scope.place ?? ''} ${name}`, args: [], ...common});
    const same = passed(node, args);
    if (same) return same;
    const {op, data = '', args: sorted} = spelledOut(node, output, args);
    const [whole] = sorted;
    const element = op === 'StridedSlice' ? elementOf(sorted, node) : undefined;
    if (element !== undefined) return this.setting(element, node);
    if (op === 'part' && whole && ACTIVATIONS.has(whole.op)) {
      const cut = this.term({op, data, args: whole.args, ...common});
      return this.term({...common, op: whole.op, data: whole.data, args: [cut]});
    }
    return this.term({op, data, args: sorted, ...common});
  }

  /** Settings are told by their values, weights by their nodes. */
  private constant(node: GraphNode, common: Pick<Term, 'node' | 'output'>, scope: Scope): Term {
    const value = scope === this.whole ? constantValue(this.graph, node) : constantOf(node);
    if (!value)
      return this.term({op: '#leaf', data: `${scope.place ?? ''} ${node.name}`, args: [], ...common});
    const {dtype, shape, values} = value;
    const setting = shape.length === 0 || (values.length <= MOST_SETTINGS && !/float/.test(dtype));
    const data = setting
      ? `${dtype} [${shape}] ${Array.from(values as ArrayLike<unknown>).join()}`
      : `${scope.place ?? ''} ${node.name}`;
    return this.term({op: '#const', data, args: [], ...common, value});
  }

  /** A whole number that the graph takes from a constant. */
  private setting(value: number, node: GraphNode): Term {
    const array = {dtype: 'int32', shape: [], values: Int32Array.of(value)} as const;
    return this.term({op: '#const', data: `int32 [] ${value}`, args: [], node, output: 0, value: array});
  }

  private term({op, data, args, node, output, value}: Omit<Term, 'id'>): Term {
    const key = `${op}|${data}|${args.map(({id}) => id).join()}`;
    const known = this.known.get(key);
    if (known) return known;
    const made = {id: this.known.size, op, data, args, node, output, value};
    this.known.set(key, made);
    return made;
  }
}

/** The one number that a slice takes of a constant. */
function elementOf([whole, begin]: readonly Term[], node: GraphNode): number | undefined {
  const numbers = whole?.value?.dtype === 'int32' ? numbersOf(whole) : undefined;
  const index = numberOf(begin);
  const single = attribute(node, 'shrink_axis_mask')?.int === 1 && attribute(node, 'begin_mask')?.int !== 1;
  return single && index !== undefined ? numbers?.at(index) : undefined;
}

/** Constants of settings are small. */
const MOST_SETTINGS = 64;
