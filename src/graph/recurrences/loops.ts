import type {GraphFunction} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, nodeName} from '../nodes';
import type {ModelGraph, Ref} from '../types';
import type {Term} from './term';
import {Terms} from './terms';

/** What a loop carries from turn to turn. */
export interface LoopVariable {
  /** What it is in a turn. */
  readonly self: Term;
  /** What it is before the first turn. */
  readonly initial: Term;
  readonly initialRef: Ref;
  /** What a turn makes of it. */
  readonly next: Term;
  /** The tensors outside that are its value after the last turn. */
  readonly exits: readonly Ref[];
}

/** A loop, of either kind. */
export interface GraphLoop {
  readonly name: string;
  readonly variables: readonly LoopVariable[];
  /** Whether there is a further turn. */
  readonly condition: Term;
  /** The nodes that run in it, as far as they are in the whole graph. */
  readonly inside: ReadonlySet<string>;
  /** Within another loop. */
  readonly nested: boolean;
}

const isNext = (node: GraphNode | undefined): boolean => node?.op === 'NextIteration';

/** The terms of a graph, and its loops in the order in which they come in it. */
export function loopsOf(graph: ModelGraph): {terms: Terms; loops: GraphLoop[]} {
  const nodes = byName(graph.nodes);
  const merges = graph.nodes.filter(
    node => node.op === 'Merge' && dataInputs(node).some(ref => isNext(nodes.get(nodeName(ref)))),
  );
  const terms = new Terms(graph, new Set(merges.map(({name}) => name)));
  const users = usersOf(graph.nodes);
  const frames = new Map<string, GraphNode[]>();
  for (const merge of merges) {
    const frame = frameOf(merge, nodes);
    frames.set(frame, [...(frames.get(frame) ?? []), merge]);
  }
  const first = [...frames].flatMap(([name, own]) => framed({name, own, nodes, users, terms, graph}) ?? []);
  return {terms, loops: [...first, ...functional(graph, terms)]};
}

type Users = ReadonlyMap<string, readonly GraphNode[]>;

function usersOf(nodes: readonly GraphNode[]): Users {
  const users = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of new Set(dataInputs(node).map(nodeName))) {
      const list = users.get(name);
      if (list) list.push(node);
      else users.set(name, [node]);
    }
  }
  return users;
}

function frameOf(merge: GraphNode, nodes: ReadonlyMap<string, GraphNode>): string {
  const enter = dataInputs(merge)
    .map(ref => nodes.get(nodeName(ref)))
    .find(node => node?.op === 'Enter');
  return (enter && attribute(enter, 'frame_name')?.text) ?? '';
}

interface Frame {
  readonly name: string;
  readonly own: readonly GraphNode[];
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly users: Users;
  readonly terms: Terms;
  readonly graph: ModelGraph;
}

/** A loop of the first kind: `Enter`, `Merge`, `Switch`, `NextIteration`, `Exit`. */
function framed({name, own, nodes, users, terms, graph}: Frame): GraphLoop | undefined {
  const enters = graph.nodes.filter(
    node => node.op === 'Enter' && attribute(node, 'frame_name')?.text === name,
  );
  const inside = new Set<string>();
  const waiting = [...enters];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (inside.has(node.name)) continue;
    inside.add(node.name);
    if (node.op !== 'Exit') waiting.push(...(users.get(node.name) ?? []));
  }
  let condition: Ref | undefined;
  const variables = own.map((merge): LoopVariable | undefined => {
    const inputs = dataInputs(merge).map(ref => nodes.get(nodeName(ref)));
    const [enter, next] = [inputs.find(node => node?.op === 'Enter'), inputs.find(isNext)];
    const gate = (users.get(merge.name) ?? []).find(({op}) => op === 'Switch');
    if (!enter || !next) return undefined;
    if (gate) condition ??= dataInputs(gate)[1];
    const initialRef = dataInputs(enter)[0]!;
    const exits = gate ? (users.get(gate.name) ?? []).filter(({op}) => op === 'Exit') : [];
    return {
      self: terms.of(`${merge.name}:0`),
      initial: terms.of(initialRef),
      initialRef,
      next: terms.of(dataInputs(next)[0]!),
      exits: exits.map(exit => `${exit.name}:0`),
    };
  });
  const loopCondition = condition === undefined ? undefined : nodes.get(nodeName(condition));
  const test = loopCondition?.op === 'LoopCond' ? dataInputs(loopCondition)[0] : undefined;
  if (variables.includes(undefined) || test === undefined) return undefined;
  const doors = enters.map(enter => dataInputs(enter)[0]!);
  return {
    name: own[0]!.name.replace(/\/[^/]*$/, ''),
    variables: variables as LoopVariable[],
    condition: terms.of(test),
    inside,
    nested: doors.some(ref => isInLoop(ref, nodes)),
  };
}

/** Whether a tensor is made in a turn of a loop of the first kind. */
function isInLoop(ref: Ref, nodes: ReadonlyMap<string, GraphNode>): boolean {
  const seen = new Set<string>();
  const waiting = [nodeName(ref)];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = nodes.get(name);
    if (!node || seen.has(name) || node.op === 'Exit') continue;
    if (node.op === 'Enter') return true;
    seen.add(name);
    waiting.push(...dataInputs(node).map(nodeName));
  }
  return false;
}

/** Loops of the second kind: a node that runs functions. */
function functional(graph: ModelGraph, terms: Terms): GraphLoop[] {
  const functions = new Map(graph.functions.map(one => [one.name, one]));
  return graph.nodes.flatMap(node => {
    if (!/While$/.test(node.op)) return [];
    const body = functions.get(attribute(node, 'body')?.function ?? '');
    const test = functions.get(attribute(node, 'cond')?.function ?? '');
    return body && test ? [whileLoop(node, body, test, terms)] : [];
  });
}

function whileLoop(node: GraphNode, body: GraphFunction, test: GraphFunction, terms: Terms): GraphLoop {
  const initials = dataInputs(node);
  const handed = initials.map((_, k) => isHanded(body, k));
  const own = initials.map((ref, k) => (handed[k] ? terms.of(ref) : terms.leaf(`${node.name} ${k}`, node)));
  const results = terms.results(body, own, `${node.name}/body`);
  return {
    name: node.name,
    variables: initials.flatMap((initialRef, k) => {
      const exits = [`${node.name}:${k}`];
      return handed[k]
        ? []
        : [{self: own[k]!, initial: terms.of(initialRef), initialRef, next: results[k]!, exits}];
    }),
    condition: terms.results(test, own, `${node.name}/cond`)[0]!,
    inside: new Set([node.name]),
    nested: false,
  };
}

/** Whether a turn hands a variable on as it got it: then it is none. */
function isHanded(body: GraphFunction, k: number): boolean {
  const argument = body.inputs[k];
  let at = body.returns.get(body.outputs[k] ?? '') ?? '';
  for (let hops = 0; hops < 4; hops++) {
    if (at.split(':')[0] === argument) return true;
    const node = body.nodes.find(({name}) => name === at.split(':')[0]);
    if (node?.op !== 'Identity') return false;
    at = node.inputs[0]!;
  }
  return false;
}
