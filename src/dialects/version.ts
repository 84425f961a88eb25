/** A release comes before another one: `before('0.2.0', '0.3')`. Missing parts count as 0. */
export function before(version: string, other: string): boolean {
  const [a, b] = [parts(version), parts(other)];
  for (let k = 0; k < Math.max(a.length, b.length); k++) {
    const difference = (a[k] ?? 0) - (b[k] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function parts(version: string): number[] {
  return version.split(/[.\-+]/).map(part => Number.parseInt(part, 10) || 0);
}
