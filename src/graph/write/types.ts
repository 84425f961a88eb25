import type {GraphDef, GraphFunction} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {bodiesOf} from '../freeze/inline';
import {attr, byName, dataInputs, isControl, nodeName, outputIndex} from '../nodes';

/*
 * Variables that became constants change the types of what reads them: a resource becomes the value. What was put in the
 * place of another node has no type of its own yet.
 */

/** Operations that hand their first input on, of type `T`. */
const PASSING: ReadonlySet<string> = new Set([
  'Identity',
  'Switch',
  'Merge',
  'Enter',
  'Exit',
  'NextIteration',
  'StopGradient',
]);

/** Operations whose outputs are truths, whatever they compare. */
const TRUTHS =
  /^(Less|LessEqual|Greater|GreaterEqual|Equal|NotEqual|Logical(And|Or|Not)|LoopCond|Is(Nan|Inf|Finite)|All|Any)$/;

/** A graph in which each node that hands on a value has that value's type, in functions as well. */
export function typed({nodes, functions}: GraphDef): GraphDef {
  const retyped = new Retyping(nodes).all();
  return {nodes: retyped.map(withTypes(retyped)), functions: new Bodies(retyped, functions).all()};
}

class Retyping {
  private readonly nodes: Map<string, GraphNode>;
  /** What was a variable and is a value: constants, and nodes that hand them on. */
  private readonly values = new Set<string>();

  constructor(all: readonly GraphNode[]) {
    this.nodes = byName(all);
    for (const {name, op} of all) if (op === 'Const') this.values.add(name);
  }

  /** Until no type changes; each change takes a resource, or nothing, out of the graph. */
  all(): GraphNode[] {
    let changed = true;
    while (changed) {
      changed = false;
      for (const node of this.nodes.values()) {
        const type = isOpen(node) ? this.inputType(node) : undefined;
        if (type === undefined) continue;
        if (type === DataType.DT_RESOURCE && attribute(node, 'T')) continue;
        this.nodes.set(node.name, withAttribute(node, 'T', type));
        this.values.add(node.name);
        changed = true;
      }
    }
    return [...this.nodes.values()];
  }

  private inputType(node: GraphNode): number | undefined {
    for (const ref of dataInputs(node)) {
      const from = this.nodes.get(nodeName(ref));
      if (!from || isOpen(from)) continue;
      const type = outputType(from, outputIndex(ref));
      // Other resources than variables (lists of tensors, tables) stay what they are.
      if (!attribute(node, 'T') || this.values.has(from.name)) return type;
    }
    return undefined;
  }
}

/** Whether a node hands on what has no type yet, or what was a variable. */
function isOpen(node: GraphNode): boolean {
  if (!PASSING.has(node.op)) return false;
  const type = attribute(node, 'T')?.type;
  return type === undefined || type === DataType.DT_RESOURCE;
}

/** The type of a node's output, as its attributes say it; undefined where they do not. */
export function outputType(node: GraphNode, output: number): number | undefined {
  if (TRUTHS.test(node.op)) return DataType.DT_BOOL;
  if (node.op === 'Merge' && output === 1) return DataType.DT_INT32;
  if (/^TensorArray(Grad)?V3$/.test(node.op)) return output === 0 ? DataType.DT_RESOURCE : DataType.DT_FLOAT;
  for (const name of ['output_types', 'Tout', 'T']) {
    const list = node.attributes.get(name)?.list?.type;
    if (list && list.length > 0) return list[output];
  }
  return ['DstT', 'dtype', 'output_type', 'out_type', 'Tparams', 'T']
    .map(name => attribute(node, name)?.type)
    .find(type => type !== undefined);
}

const withAttribute = (node: GraphNode, name: string, type: number): GraphNode => ({
  ...node,
  attributes: new Map([...node.attributes, [name, attr({type})]]),
});

/** How the loops and branches of the second kind list the types of what they are given. */
const LISTS = ['T', 'Tin', 'Tout'] as const;

/** The types that a node with bodies is really given. */
function givenTypes(node: GraphNode, names: ReadonlyMap<string, GraphNode>): (number | undefined)[] {
  return dataInputs(node).map(ref => {
    const from = names.get(nodeName(ref));
    return from && outputType(from, outputIndex(ref));
  });
}

function withTypes(nodes: readonly GraphNode[]): (node: GraphNode) => GraphNode {
  const names = byName(nodes);
  return node => withListed(node, givenTypes(node, names));
}

/** A loop or branch whose lists of types say what it is really given. */
function withListed(node: GraphNode, given: readonly (number | undefined)[]): GraphNode {
  if (bodiesOf(node).length === 0) return node;
  const attributes = new Map(node.attributes);
  const types = isBranch(node) ? given.slice(1) : given;
  for (const name of LISTS) {
    const value = attributes.get(name);
    const list = value?.list;
    if (!value || !list || (isBranch(node) && name === 'Tout')) continue;
    const type = list.type.map((own, k) => (own === DataType.DT_RESOURCE ? (types[k] ?? own) : own));
    attributes.set(name, {...value, list: {...list, type}});
  }
  return {...node, attributes};
}

const isBranch = ({op}: GraphNode): boolean => /^(Stateless)?If$/.test(op);

/** The functions of a library, their arguments of the types that they are really given. */
class Bodies {
  private readonly functions: Map<string, GraphFunction>;
  private readonly seen = new Set<string>();

  constructor(
    private readonly nodes: readonly GraphNode[],
    functions: readonly GraphFunction[],
  ) {
    this.functions = new Map(functions.map(one => [one.name, one]));
  }

  all(): GraphFunction[] {
    const names = byName(this.nodes);
    for (const node of this.nodes) this.give(node, givenTypes(node, names));
    return [...this.functions.values()];
  }

  private give(node: GraphNode, given: readonly (number | undefined)[]): void {
    const types = isBranch(node) ? given.slice(1) : given;
    for (const name of bodiesOf(node)) {
      const body = this.functions.get(name);
      if (!body?.definition || this.seen.has(name)) continue;
      this.seen.add(name);
      const own = withArguments(body, types);
      // Within functions arguments go by their names alone.
      const within = (one: GraphNode): (number | undefined)[] =>
        one.inputs.filter(ref => !isControl(ref)).map(ref => own.types.get(ref));
      const nodes = own.body.nodes.map(one => withListed(one, within(one)));
      this.functions.set(name, {...own.body, nodes});
      for (const one of nodes) this.give(one, within(one));
    }
  }
}

/**
 * A function whose arguments that were variables are values; so are results that hand them on.
 * @returns the types as well, by the tensors' names in it, of its arguments and what hands them on
 */
function withArguments(
  body: GraphFunction,
  types: readonly (number | undefined)[],
): {body: GraphFunction; types: ReadonlyMap<string, number>} {
  const {signature} = body.definition!;
  const inputArg = signature.inputArg.map((argument, k) =>
    argument.type === DataType.DT_RESOURCE ? {...argument, type: types[k] ?? argument.type} : argument,
  );
  const byArgument = new Map(inputArg.map(({name, type}) => [name, type]));
  const nodes = body.nodes.map(node => {
    const [first] = node.inputs;
    const type = isOpen(node) && first !== undefined ? byArgument.get(first) : undefined;
    return type === undefined ? node : withAttribute(node, 'T', type);
  });
  const passed = new Map(byArgument);
  for (const {name, op, inputs} of nodes)
    if (op === 'Identity' && passed.has(inputs[0]!)) passed.set(`${name}:output:0`, passed.get(inputs[0]!)!);
  const outputArg = signature.outputArg.map(result => {
    const type = passed.get(body.returns.get(result.name) ?? '');
    return result.type === DataType.DT_RESOURCE && type !== undefined ? {...result, type} : result;
  });
  const definition = {...body.definition!, signature: {...signature, inputArg, outputArg}};
  return {body: {...body, nodes, definition}, types: passed};
}
