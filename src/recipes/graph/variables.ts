import {constantOf} from '../../../converters/graph-def/frozen';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {tensorHead} from '../../../converters/graph-def/tensor';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** A variable in a graph, or the constant that became of it. */
export interface GraphVariable {
  /** Its name in the checkpoint; the names of its parts where the graph puts it together itself. */
  readonly array: string | readonly string[];
  readonly shape: readonly number[];
}

const VARIABLES: ReadonlySet<string> = new Set([
  'Variable',
  'VariableV2',
  'VarHandleOp',
  'TemporaryVariable',
]);

/** The variables of a graph, under the names that its saver gives them. */
export class GraphVariables {
  private readonly saved: ReadonlyMap<string, string>;
  /** Variables became constants; where there are some, constants are no arrays of the checkpoint. */
  private readonly frozen: boolean;

  constructor(private readonly view: GraphView) {
    this.saved = savedNames(view);
    this.frozen = !view.nodes.some(({op}) => VARIABLES.has(op));
  }

  /** All that are arrays in the checkpoint. */
  all(): {name: string; shape: readonly number[]}[] {
    return this.view.nodes.flatMap(node => {
      const found = VARIABLES.has(node.op) || node.op === 'Const' ? this.of(outputRef(node)) : undefined;
      return found && typeof found.array === 'string' ? [{name: found.array, shape: found.shape}] : [];
    });
  }

  /** The variable that a tensor is the value of. */
  of(ref: Ref | undefined): GraphVariable | undefined {
    if (ref === undefined) return undefined;
    const node = this.view.source(ref);
    if (!node) return undefined;
    if (VARIABLES.has(node.op)) {
      const shape = attribute(node, 'shape')?.shape;
      return shape
        ? {array: this.saved.get(node.name) ?? node.name, shape: shape.map(size => size ?? 0)}
        : undefined;
    }
    if (node.op === 'Const') return this.frozen ? constant(node) : undefined;
    return node.op === 'ConcatV2' || node.op === 'Concat' ? this.parts(node) : undefined;
  }

  /** Sharded weights, put together on the first axis. */
  private parts(node: GraphNode): GraphVariable | undefined {
    const inputs = dataInputs(node);
    const [axis, values] =
      node.op === 'Concat' ? [inputs[0], inputs.slice(1)] : [inputs.at(-1), inputs.slice(0, -1)];
    if (this.view.number(axis) !== 0) return undefined;
    const parts = values.map(value => this.of(value));
    if (parts.length === 0 || parts.some(part => part === undefined)) return undefined;
    const found = parts as GraphVariable[];
    const rows = found.reduce((sum, {shape}) => sum + (shape[0] ?? 0), 0);
    // The slices of a partitioned variable are saved as one.
    const names = [...new Set(found.flatMap(({array}) => array))];
    return {array: names.length === 1 ? names[0]! : names, shape: [rows, ...found[0]!.shape.slice(1)]};
  }
}

/** Weights are no scalars. */
function constant(node: GraphNode): GraphVariable | undefined {
  const tensor = attribute(node, 'value')?.tensor;
  if (!tensor) return undefined;
  const {dtype, shape} = tensorHead(tensor, node.where);
  return shape.length > 0 && (dtype?.startsWith('float') || dtype === 'bfloat16')
    ? {array: node.name, shape}
    : undefined;
}

/** Variable node → its name in checkpoints, which a Saver may be told to choose. */
function savedNames(view: GraphView): Map<string, string> {
  const names = new Map<string, string>();
  const skipped: Readonly<Record<string, number>> = {SaveV2: 3, SaveSlices: 3, Save: 2};
  for (const node of view.nodes) {
    const skip = skipped[node.op];
    if (skip === undefined) continue;
    const inputs = dataInputs(node);
    const list = inputs[1] === undefined ? undefined : view.source(inputs[1]);
    const texts = list && constantOf(list)?.values;
    if (!texts) continue;
    for (const [k, input] of inputs.slice(skip).entries()) {
      const variable = view.source(input);
      if (variable && !names.has(variable.name) && texts[k] !== undefined)
        names.set(variable.name, String(texts[k]));
    }
  }
  return names;
}
