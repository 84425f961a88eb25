import {badFormat} from '../../../converters/format-error';
import type {GraphDef, GraphFunction} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';

/** Functions that call functions; deeper is damage, or malice. */
const MOST_LEVELS = 16;
/** Nodes in all; a model unrolled over a thousand steps has some hundred thousand. */
const MOST_NODES = 1 << 21;

/** Prefix of the names within, and what the arguments of the function are there. */
interface Scope {
  readonly prefix: string;
  readonly arguments: ReadonlyMap<string, string>;
}

/**
 * A graph without functions: loops as `Merge` and `NextIteration`, branches as `Merge`, calls as their bodies, which is how
 * graphs were written before control flow of the second kind (TensorFlow 1.13 to 2.x). Graphs without functions come back as
 * they are.
 *
 * @throws CarryoverError E_FORMAT where functions call each other without end
 */
export function flatten({nodes, functions}: GraphDef): GraphDef {
  if (functions.length === 0) return {nodes, functions};
  return {nodes: new Flattener(functions).flatten(nodes), functions: []};
}

class Flattener {
  private readonly functions: ReadonlyMap<string, GraphFunction>;
  private readonly out: GraphNode[] = [];

  constructor(functions: readonly GraphFunction[]) {
    this.functions = new Map(functions.map(one => [one.name, one]));
  }

  flatten(nodes: readonly GraphNode[]): GraphNode[] {
    this.add(nodes, {prefix: '', arguments: new Map()}, 0);
    return this.out;
  }

  private add(nodes: readonly GraphNode[], scope: Scope, level: number): void {
    const calls = new Map(nodes.flatMap(node => (this.isCall(node) ? [[node.name, node] as const] : [])));
    const refer = (ref: string): string => {
      const [name, index] = split(ref);
      const argument = scope.arguments.get(ref.replace(/:.*$/, ''));
      if (argument !== undefined) return argument;
      return calls.has(name) ? `${scope.prefix}${name}/out_${index}:0` : `${scope.prefix}${name}:${index}`;
    };
    for (const node of nodes) {
      const inputs = node.inputs.filter(input => !input.startsWith('^')).map(refer);
      const renamed = {...node, name: scope.prefix + node.name, inputs};
      if (calls.has(node.name)) this.call(renamed, level + 1);
      else this.push(renamed);
    }
  }

  private push(node: GraphNode): void {
    if (this.out.length >= MOST_NODES)
      throw badFormat(node.where, `functions that make more than ${MOST_NODES} nodes`);
    this.out.push(node);
  }

  private isCall(node: GraphNode): boolean {
    return bodiesOf(node).some(name => this.functions.has(name));
  }

  private call(node: GraphNode, level: number): void {
    if (level > MOST_LEVELS) throw badFormat(node.where, `functions nested more than ${MOST_LEVELS} deep`);
    const bodies = bodiesOf(node).flatMap(name => this.functions.get(name) ?? []);
    if (/While$/.test(node.op)) this.loop(node, bodies[0]!, level);
    else this.branches(node, bodies, level);
  }

  /** What a turn hands on as it got it is no variable of the loop. */
  private loop(node: GraphNode, body: GraphFunction, level: number): void {
    const outputs = body.inputs.map((_, k) => `${node.name}/out_${k}:0`);
    const scope = {
      prefix: `${node.name}/body/`,
      arguments: new Map(body.inputs.map((name, k) => [name, outputs[k]!])),
    };
    for (const [k, name] of body.inputs.entries()) {
      const returned = body.returns.get(body.outputs[k] ?? '');
      const initial = node.inputs[k];
      if (initial === undefined || returned === undefined) continue;
      const out = `${node.name}/out_${k}`;
      if (this.isPassed(body, returned, name)) this.push(made(node, out, 'Identity', [initial]));
      else {
        this.push(made(node, out, 'Merge', [initial, `${node.name}/next_${k}:0`]));
        this.push(
          made(node, `${node.name}/next_${k}`, 'NextIteration', [this.within(body, returned, scope)]),
        );
      }
    }
    this.add(body.nodes, scope, level);
  }

  private isPassed(body: GraphFunction, returned: string, argument: string): boolean {
    let at = returned;
    for (let k = 0; k < 4; k++) {
      if (at.replace(/:.*$/, '') === argument) return true;
      const node = body.nodes.find(({name}) => name === split(at)[0]);
      if (node?.op !== 'Identity') return false;
      at = node.inputs[0]!;
    }
    return false;
  }

  /** The function of a call, or those of which a condition chooses one. */
  private branches(node: GraphNode, bodies: readonly GraphFunction[], level: number): void {
    const given = bodies.length > 1 || /If$|^Case$/.test(node.op) ? node.inputs.slice(1) : node.inputs;
    const scopes = bodies.map((body, k) => ({
      prefix: `${node.name}/branch_${k}/`,
      arguments: new Map(body.inputs.map((name, j) => [name, given[j] ?? ''])),
    }));
    for (const [j] of bodies[0]!.outputs.entries()) {
      const results = bodies.flatMap((body, k) => {
        const returned = body.returns.get(body.outputs[j] ?? '');
        return returned === undefined ? [] : [this.within(body, returned, scopes[k]!)];
      });
      this.push(made(node, `${node.name}/out_${j}`, bodies.length > 1 ? 'Merge' : 'Identity', results));
    }
    for (const [k, body] of bodies.entries()) this.add(body.nodes, scopes[k]!, level);
  }

  /** What a function's tensor is called outside. */
  private within(body: GraphFunction, ref: string, {prefix, arguments: given}: Scope): string {
    const argument = given.get(ref.replace(/:.*$/, ''));
    if (argument !== undefined) return argument;
    const [name, index] = split(ref);
    const node = body.nodes.find(one => one.name === name);
    return node && this.isCall(node) ? `${prefix}${name}/out_${index}:0` : `${prefix}${name}:${index}`;
  }
}

/** `name`, `name:1`, and within functions `name:output:1`. */
function split(ref: string): [name: string, index: number] {
  const [name, ...rest] = ref.split(':') as [string, ...string[]];
  return [name, Number(rest.at(-1) ?? 0) || 0];
}

/** The functions that a node runs. */
function bodiesOf(node: GraphNode): string[] {
  const attributes = /While$/.test(node.op)
    ? ['body']
    : /If$/.test(node.op)
      ? ['then_branch', 'else_branch']
      : /PartitionedCall$/.test(node.op)
        ? ['f']
        : [];
  return attributes.flatMap(name => attribute(node, name)?.function ?? []);
}

function made({where, device}: GraphNode, name: string, op: string, inputs: readonly string[]): GraphNode {
  return {name, op, inputs, device, where, attributes: new Map()};
}
