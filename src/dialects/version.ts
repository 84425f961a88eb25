/** A release comes before another one: `before('0.2.0', '0.3')`. Missing parts count as 0. */
export function before(version: string, other: string): boolean {
  return compare(version, other) < 0;
}

/** Below 0 where a release comes before another one, 0 where they are the same. */
export function compare(version: string, other: string): number {
  const [a, b] = [parts(version), parts(other)];
  for (let k = 0; k < Math.max(a.length, b.length); k++) {
    const difference = (a[k] ?? 0) - (b[k] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parts(version: string): number[] {
  return version.split(/[.\-+]/).map(part => Number.parseInt(part, 10) || 0);
}

/** What changed with releases: each value holds from its release to the next one in the table. */
export type Since<T> = Readonly<Record<string, T>>;

/** The value of a release: `since({'0': 1e-6, '1': 1e-3})('0.3.3')` is 1e-6. The oldest holds before all others. */
export function since<T>(table: Since<T>): (version: string) => T {
  const releases = Object.keys(table).sort((a, b) => (before(a, b) ? -1 : 1));
  return version => table[releases.findLast(release => !before(version, release)) ?? releases[0]!]!;
}
