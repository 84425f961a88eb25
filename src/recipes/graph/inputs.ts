import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import type {DraftInput} from '../draft';

/** The inputs of a recipe, from a graph's placeholders. */
export class RecipeInputs {
  readonly list: DraftInput[] = [];
  private readonly names = new Map<string, string>();

  /** Data: the first are `x`, others have their own names. */
  data(node: GraphNode, shape: readonly (number | null)[]): string {
    const known = this.names.get(node.name);
    if (known !== undefined) return known;
    const first = !this.list.some(({name}) => name === 'x');
    return this.add(node.name, first ? 'x' : node.name.split('/').at(-1)!, shape, dtypeName(node));
  }

  /** Lengths and states, which go by the names of their roles. */
  named(key: string, name: string, shape: readonly (number | null)[], dtype: string): string {
    return this.names.get(key) ?? this.add(key, name, shape, dtype);
  }

  private add(key: string, wanted: string, shape: readonly (number | null)[], dtype: string): string {
    let name = wanted;
    for (let k = 2; this.list.some(input => input.name === name); k++) name = `${wanted}_${k}`;
    this.list.push({name, shape, dtype});
    this.names.set(key, name);
    return name;
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
