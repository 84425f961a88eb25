const said = new Set<string>();

/** Warns the first time. */
export function warnOnce(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  console.warn(`carryover: ${message}`);
}
