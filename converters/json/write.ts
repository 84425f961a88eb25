/**
 * JSON as Python's `json.dumps` writes it: NaN, Infinity and -Infinity as literals, -0 as a float.
 * @param value plain data; typed arrays are lists. What JSON has no words for (undefined, functions) is null.
 */
export function pythonJson(value: unknown): string {
  if (typeof value === 'number') return number(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return 'null';
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`);
  return `{${members.join(', ')}}`;
}

function number(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** Numbers in C order as nested lists, as NumPy's `tolist()` makes them. */
export function nestedList(values: ArrayLike<number | bigint>, shape: readonly number[]): string {
  let at = 0;
  function part(axis: number): string {
    if (axis === shape.length) {
      const value = values[at++]!;
      return typeof value === 'bigint' ? String(value) : number(value);
    }
    return `[${Array.from({length: shape[axis]!}, () => part(axis + 1)).join(', ')}]`;
  }
  return part(0);
}
