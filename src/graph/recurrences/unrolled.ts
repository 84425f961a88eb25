import type {GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, downstream, nodeName, reach} from '../nodes';
import type {ModelGraph, Ref} from '../types';
import {type CellStep, partOf} from './cell';
import {cellOf} from './cells';
import {type Found, Refusal} from './found';
import type {Term} from './term';
import type {Terms} from './terms';

/** Operations that are the last of a cell, whatever the cell is. */
const LAST =
  /^(Mul|Add(V2)?|BiasAdd|MatMul|ClipByValue|Maximum|Tanh|Sigmoid|Relu6?|Elu|Selu|Softplus|Softsign)$/;

/** Which output of a cell that is one operation is its own output. */
const BLOCKS: ReadonlyMap<string, number> = new Map([
  ['LSTMBlockCell', 6],
  ['GRUBlockCell', 3],
]);

/** A cell once is no recurrence. */
const FEWEST = 2;

/**
 * Cells that a graph has one after the other, each with the states of the one before and all with the same weights, as
 * `static_rnn` makes them.
 */
export function unrolledOf(graph: ModelGraph, terms: Terms): (Found | Refusal)[] {
  return new UnrolledReader(graph, terms).read();
}

class UnrolledReader {
  private readonly nodes: ReadonlyMap<string, GraphNode>;
  /** What runs not once but as a loop or a branch says. */
  private readonly gated: ReadonlySet<string>;
  /** What a recurrence that is found reads, by the nodes that it takes the place of. */
  private readonly reads = new Map<string, readonly Ref[]>();

  constructor(
    private readonly graph: ModelGraph,
    private readonly terms: Terms,
  ) {
    this.nodes = byName(graph.nodes);
    this.gated = new Set([
      ...downstream(graph.nodes, /^(Ref)?Enter$/, /^(Ref)?Exit$/),
      ...downstream(graph.nodes, /^(Ref)?Switch$/),
    ]);
  }

  read(): (Found | Refusal)[] {
    return chainsOf(this.steps()).flatMap(chain => this.recurrenceOf(chain) ?? []);
  }

  private steps(): CellStep[] {
    const found = new Map<Term, CellStep>();
    for (const {name, op} of this.graph.nodes) {
      if (this.gated.has(name) || !(LAST.test(op) || BLOCKS.has(op))) continue;
      const term = this.terms.of(`${name}:${BLOCKS.get(op) ?? 0}`);
      // Its memory is another output.
      if (BLOCKS.has(op)) this.terms.of(`${name}:1`);
      const step = found.has(term) ? undefined : cellOf(term, this.terms);
      if (step) found.set(term, step);
    }
    return [...found.values()];
  }

  private recurrenceOf(chain: readonly CellStep[]): Found | Refusal | undefined {
    const [first, last] = [chain[0]!, chain.at(-1)!];
    const own = this.refs(first.output);
    const name = nodeName(own[0] ?? '').replace(/\/[^/]*$/, '');
    const x = chain.map(step => this.refs(step.x)[0]);
    const initial = first.previous.map(term => this.refs(term)[0]);
    if (x.includes(undefined) || initial.includes(undefined) || own.length === 0) return undefined;
    if (!sameRows(first.previous))
      return new Refusal(name, 'its states may differ in how many rows they have');
    const finals = last.next.map(term => this.refs(term));
    const put = new Set(finals.flat());
    const outputs = chain.map(step => this.refs(step.output).filter(ref => !put.has(ref)));
    const read = [...x, ...initial] as Ref[];
    const made = [...outputs.flat(), ...finals.flat(), ...chain.flatMap(({next}) => next.flatMap(this.refs))];
    // A decoder reads what it has put out.
    const before = reach(read, this.nodes, node => this.inputsOf(node));
    if (made.some(ref => before.has(nodeName(ref))))
      return new Refusal(name, 'its steps read what is made of earlier steps');
    for (const ref of made) this.reads.set(nodeName(ref), read);
    return {
      name,
      cells: [{step: first, residual: false, joined: false}],
      x: x as Ref[],
      initial: initial as Ref[],
      sequences: [],
      outputs,
      finals,
      inside: this.inside(chain, [...outputs.flat(), ...finals.flat()]),
    };
  }

  /** Its inputs, and all that is read by the recurrence that takes its place. */
  private inputsOf(node: GraphNode): readonly Ref[] {
    return [...dataInputs(node), ...(this.reads.get(node.name) ?? [])];
  }

  /** The tensors of the whole graph that are this, outside of loops and branches. */
  private readonly refs = (term: Term): Ref[] =>
    this.terms.refsOf(term).filter(ref => !this.gated.has(nodeName(ref)));

  /** What runs for nothing but the steps: all that is made of their data and states on the way to what they put out. */
  private inside(chain: readonly CellStep[], ends: readonly Ref[]): Set<string> {
    const doors = new Set(
      [...chain.map(({x}) => x), ...chain[0]!.previous].flatMap(term => this.terms.refsOf(term)),
    );
    const inner = (node: GraphNode): Ref[] => dataInputs(node).filter(ref => !doors.has(ref));
    const names = reach(ends, this.nodes, inner);
    const found = new Set<string>();
    const waiting = [...names].filter(name => dataInputs(this.nodes.get(name)!).some(ref => doors.has(ref)));
    const users = new Map<string, string[]>();
    for (const name of names) {
      for (const ref of dataInputs(this.nodes.get(name)!)) {
        const list = users.get(nodeName(ref));
        if (list) list.push(name);
        else users.set(nodeName(ref), [name]);
      }
    }
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(...(users.get(name) ?? []));
    }
    return found;
  }
}

/** Steps of which each goes on with the states of the one before it. */
function chainsOf(steps: readonly CellStep[]): CellStep[][] {
  const byStates = new Map<string, CellStep[]>();
  for (const step of steps) {
    const key = keyOf(unjoined(step));
    const list = byStates.get(key);
    if (list) list.push(step);
    else byStates.set(key, [step]);
  }
  const following = new Map<CellStep, CellStep>();
  for (const step of steps) {
    const [next, ...more] = (byStates.get(keyOf(step.next)) ?? []).filter(other => isSameCell(step, other));
    // Where two go on from one, each is a layer of its own.
    if (next && more.length === 0) following.set(step, next);
  }
  const followers = new Set(following.values());
  return steps
    .filter(step => !followers.has(step))
    .map(step => {
      const chain = [step];
      for (let at = following.get(step); at; at = following.get(at)) chain.push(at);
      return chain;
    })
    .filter(({length}) => length >= FEWEST);
}

/** The states before a step, of one tensor that was put together of several those. */
function unjoined({previous, config}: CellStep): readonly Term[] {
  // Parts are equal, and so are the states where h is not made smaller.
  if ('num_proj' in config) return previous;
  return previous.map(term => {
    const cut = partOf(term);
    const joined = cut?.whole.op === 'concat' && /^-?1$/.test(cut.whole.data) ? cut.whole.args : [];
    return cut && joined.length === cut.count && joined.length === previous.length
      ? joined[cut.index]!
      : term;
  });
}

const keyOf = (states: readonly Term[]): string => states.map(({id}) => id).join();

function isSameCell(a: CellStep, b: CellStep): boolean {
  const roles = Object.keys(a.weights);
  return (
    a.className === b.className &&
    JSON.stringify(a.config) === JSON.stringify(b.config) &&
    roles.length === Object.keys(b.weights).length &&
    roles.every(role => a.weights[role] === b.weights[role])
  );
}

/** Whether the states have equally many rows: they are made alike. */
function sameRows(states: readonly Term[]): boolean {
  const [first] = states;
  return states.every(
    ({op, data, args, value}) =>
      op === first!.op &&
      (op === '#const' || op === '#leaf'
        ? value?.shape.join() === first!.value?.shape.join()
        : op === 'Fill' ||
          op === 'ZerosLike' ||
          (op === 'part' ? args[0] === first!.args[0] : data === first!.data)),
  );
}
