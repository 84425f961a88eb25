import {type ArraySpec, rowsOf} from '../../dialects/arrays';

/** How an array of a layer is laid out, in sizes that are still to be found. */
export interface Layout {
  readonly role: string;
  /** Blocks of rows from the top down; none for a vector. */
  readonly rows: readonly ('input' | 'units' | 'batch' | 1)[];
  /** How many blocks of `units` columns stand side by side. */
  readonly blocks: number;
}

/** The sizes that the shapes of a layer's arrays tell. */
export interface FoundSizes {
  readonly input: number;
  readonly units: number;
}

/** A dialect's array; none of those that stand in files of their own has a projection. */
export function layoutOf(spec: ArraySpec): Layout {
  const rows = rowsOf(spec).map(row => (row === 'output' ? 'units' : row));
  return {role: spec.name, rows, blocks: Math.max(1, spec.gates.length)};
}

/**
 * The sizes with which a layer's arrays have these shapes.
 * @returns undefined where none do
 */
export function fitShapes(
  layouts: readonly Layout[],
  shapes: readonly (readonly number[])[],
): FoundSizes | undefined {
  const units = (shapes[0]?.at(-1) ?? 0) / (layouts[0]?.blocks ?? 1);
  const known = new Map<string, number>([['units', units]]);
  const fits = layouts.every(({rows, blocks}, k) => {
    const shape = shapes[k]!;
    if (shape.at(-1) !== blocks * units || shape.length !== (rows.length === 0 ? 1 : 2)) return false;
    return rows.length === 0 || fitRows(rows, shape[0]!, known);
  });
  if (!fits || !Number.isInteger(units) || units < 1) return undefined;
  return {input: known.get('input') ?? units, units};
}

/** Whether blocks of rows make up so many; the one whose size is not known takes what the others leave. */
function fitRows(rows: Layout['rows'], count: number, known: Map<string, number>): boolean {
  const sizes = rows.map(row => (row === 1 ? 1 : known.get(row)));
  const left = count - sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const open = rows.filter((_, k) => sizes[k] === undefined);
  if (open.length === 0) return left === 0;
  if (open.length > 1 || left < 1) return false;
  known.set(String(open[0]), left);
  return true;
}
