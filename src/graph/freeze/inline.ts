import {badFormat, unsupported} from '../../../converters/format-error';
import type {GraphDef, GraphFunction} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {isControl, spelled} from '../nodes';
import type {Ref} from '../types';
import {flatIndex} from './output-names';

/** Functions that call functions; deeper is damage, or malice. */
const MOST_LEVELS = 32;
/** Nodes in all. */
const MOST_NODES = 1 << 21;

/**
 * A graph whose calls of functions have become their bodies, loops' and branches' bodies included. These stay functions;
 * calls within them are taken apart as well. Inputs of nodes are spelled out, and say no more what runs first.
 *
 * @throws CarryoverError `E_FORMAT` where functions call each other without end, or a function is missing
 */
export function withoutCalls({nodes, functions}: GraphDef): GraphDef & {
  /** What a tensor of the whole graph is called, past the calls that gave it. */
  readonly resolve: (ref: Ref) => Ref;
} {
  const library = new Map(functions.map(one => [one.name, one]));
  const flat = new Inliner(library, 'flat');
  flat.add(nodes);
  const kept = new Map<string, GraphFunction>();
  const waiting = flat.out.flatMap(bodiesOf);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (kept.has(name)) continue;
    const found = library.get(name);
    if (!found) throw badFormat(flat.out[0]!.where, `function '${name}' is called and not there`);
    const body = inlined(found, library);
    kept.set(name, body);
    waiting.push(...body.nodes.flatMap(bodiesOf));
  }
  return {
    nodes: flat.out.map(node => flat.resolved(node)),
    functions: [...kept.values()],
    resolve: ref => flat.resolve(ref),
  };
}

function inlined(body: GraphFunction, library: ReadonlyMap<string, GraphFunction>): GraphFunction {
  const inliner = new Inliner(library, 'named');
  inliner.add(body.nodes);
  return {
    ...body,
    nodes: inliner.out.map(node => inliner.resolved(node)),
    returns: new Map([...body.returns].map(([name, ref]) => [name, inliner.resolve(ref)])),
  };
}

/** The functions that a loop or a branch runs. */
export function bodiesOf(node: GraphNode): string[] {
  return ['cond', 'body', 'then_branch', 'else_branch'].flatMap(
    name => attribute(node, name)?.function ?? [],
  );
}

const isCall = ({op}: GraphNode): boolean => /^(Stateful)?PartitionedCall$/.test(op);

/** What a function's names are where it is called. */
interface Scope {
  readonly prefix: string;
  /** Its arguments, and what its caller gives for each. */
  readonly given: ReadonlyMap<string, string>;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly level: number;
}

/** Within functions tensors are called `node:output:0`, and outside `node:0`: `form` says which of both is made. */
class Inliner {
  readonly out: GraphNode[] = [];
  /** What the results of calls are. */
  private readonly results = new Map<string, string>();

  constructor(
    private readonly library: ReadonlyMap<string, GraphFunction>,
    private readonly form: 'flat' | 'named',
  ) {}

  add(nodes: readonly GraphNode[]): void {
    const scope = {prefix: '', given: new Map(), nodes: new Map(), level: 0};
    for (const node of nodes)
      this.place(node, scope, input => (this.form === 'flat' ? spelled(input) : input));
  }

  resolved(node: GraphNode): GraphNode {
    return {...node, inputs: node.inputs.map(input => this.resolve(input))};
  }

  /** A tensor, past the calls that hand it on. */
  resolve(ref: string): string {
    let at = ref;
    for (let next = this.results.get(at); next !== undefined; next = this.results.get(at)) at = next;
    return at;
  }

  private place(node: GraphNode, scope: Scope, refer: (input: string) => string): void {
    const inputs = node.inputs.filter(input => !isControl(input)).map(refer);
    const placed = {...node, name: scope.prefix + node.name, inputs};
    if (isCall(node)) this.call(placed, scope.level + 1);
    else {
      if (this.out.length >= MOST_NODES)
        throw badFormat(node.where, `functions that make more than ${MOST_NODES} nodes`);
      this.out.push(placed);
    }
  }

  private call(node: GraphNode, level: number): void {
    const name = attribute(node, 'f')?.function;
    const body = name === undefined ? undefined : this.library.get(name);
    if (!body) throw badFormat(node.where, `calls function '${name ?? ''}', which is not there`);
    if (level > MOST_LEVELS) throw badFormat(node.where, `functions nested more than ${MOST_LEVELS} deep`);
    const scope: Scope = {
      prefix: `${node.name}/`,
      given: new Map(body.inputs.map((argument, k) => [argument, node.inputs[k] ?? ''])),
      nodes: new Map(body.nodes.map(one => [one.name, one])),
      level,
    };
    const refer = (input: string): string => this.within(input, scope);
    for (const one of body.nodes) this.place(one, scope, refer);
    for (const [k, output] of body.outputs.entries()) {
      const returned = body.returns.get(output);
      if (returned === undefined)
        throw badFormat(node.where, `function '${body.name}' lacks its result '${output}'`);
      const result = this.within(returned, scope);
      this.results.set(this.form === 'flat' ? `${node.name}:${k}` : `${node.name}:output:${k}`, result);
    }
  }

  /** What a function's tensor is called where it has been called. */
  private within(input: string, {prefix, given, nodes}: Scope): Ref {
    const [name = '', output, index] = input.split(':');
    const argument = given.get(input);
    if (argument !== undefined) return argument;
    const node = nodes.get(name);
    if (!node) throw unsupported(prefix, `a tensor '${input}' that nothing in its function makes`);
    if (this.form === 'named') return prefix + input;
    return `${prefix}${name}:${output === undefined ? 0 : flatIndex(node, output, Number(index ?? 0))}`;
  }
}
