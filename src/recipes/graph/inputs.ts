import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {freshName} from '../../model/fresh-name';
import type {DraftInput, DraftLayer} from '../draft';

/** The inputs of a recipe, from a graph's placeholders. */
export class RecipeInputs {
  private readonly inputs: DraftInput[] = [];
  private readonly names = new Map<string, string>();
  /** Of lengths and states, which layers take by their names. */
  private readonly roles = new Set<string>();

  get list(): readonly DraftInput[] {
    return this.inputs;
  }

  /** Data: the first are `x`, others have their own names. */
  data(node: GraphNode, shape: readonly (number | null)[]): DraftInput {
    const first = !this.inputs.some(({name}) => name === 'x');
    return this.add(node.name, first ? 'x' : node.name.split('/').at(-1)!, shape, dtypeName(node));
  }

  /** Lengths and states, which go by the names of their roles, and data that a graph computes by ways of its own. */
  named(key: string, name: string, shape: readonly (number | null)[], dtype: string): string {
    const {name: found} = this.add(key, name, shape, dtype);
    this.roles.add(found);
    return found;
  }

  isKnown(node: GraphNode): boolean {
    return this.names.has(node.name);
  }

  /** Says that a placeholder is the input of this name. */
  alsoFrom({name: node}: GraphNode, name: string): void {
    this.names.set(node, name);
  }

  /** What the input from a node is called. */
  nameOf(node: string): string | undefined {
    return this.names.get(node);
  }

  /** Sizes of data that layers tell: the width of what is read, or the number of steps. */
  settle(name: string, axis: number, size: number): void {
    const at = this.inputs.findIndex(input => input.name === name);
    const input = this.inputs[at];
    const place = axis < 0 ? (input?.shape.length ?? 0) + axis : axis;
    if (input?.shape[place] !== null) return;
    this.inputs[at] = {...input, shape: input.shape.map((old, k) => (k === place ? size : old))};
  }

  /** The inputs that layers read; the first data are called `x`, whatever else was tried before. */
  used(layers: readonly DraftLayer[]): {inputs: DraftInput[]; rename(name: string): string} {
    const read = new Set(layers.flatMap(({from}) => from ?? []));
    const inputs = this.inputs.filter(({name}) => read.has(name) || this.roles.has(name));
    const first = inputs.find(({name}) => !this.roles.has(name) || /^x(_\d+)?$/.test(name));
    const taken = !first || inputs.some(({name}) => name === 'x');
    const rename = (name: string): string => (!taken && name === first.name ? 'x' : name);
    return {inputs: inputs.map(input => ({...input, name: rename(input.name)})), rename};
  }

  private add(key: string, wanted: string, shape: readonly (number | null)[], dtype: string): DraftInput {
    const known = this.inputs.find(({name}) => name === this.names.get(key));
    if (known) return known;
    const name = freshName(wanted, taken => this.inputs.some(input => input.name === taken));
    const input = {name, shape, dtype};
    this.inputs.push(input);
    this.names.set(key, name);
    return input;
  }
}

/** A placeholder's type; whole numbers are int32 here. */
export function dtypeName(node: GraphNode): string {
  const code = attribute(node, 'dtype')?.type ?? attribute(node, 'T')?.type ?? 1;
  const dtype = dtypeOf(code) ?? 'float32';
  return /^u?int/.test(dtype) ? 'int32' : dtype;
}

export const isPlaceholder = ({op}: GraphNode): boolean =>
  op === 'Placeholder' || op === 'PlaceholderV2' || op === 'PlaceholderWithDefault';

/** Undefined where the rank is not known. */
export function placeholderShape(node: GraphNode): readonly (number | null)[] | undefined {
  return attribute(node, 'shape')?.shape ?? undefined;
}
