/** The keys of a record, as its type names them. */
export function keysOf<K extends string>(record: Readonly<Partial<Record<K, unknown>>>): K[] {
  return Object.keys(record) as K[];
}

/** The entries of a record, as its type names them. */
export function entriesOf<K extends string, T>(record: Readonly<Partial<Record<K, T>>>): [K, T][] {
  return Object.entries(record) as [K, T][];
}

/** A record with a value for each of these names. */
export function recordOf<K extends string, T>(
  names: readonly K[],
  value: (name: K, index: number) => T,
): Record<K, T> {
  return Object.fromEntries(names.map((name, k) => [name, value(name, k)])) as Record<K, T>;
}
