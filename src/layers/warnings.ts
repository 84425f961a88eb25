const said = new Set<string>();
let silent = false;

/** Warns the first time. */
export function warnOnce(message: string): void {
  if (silent || said.has(message)) return;
  said.add(message);
  console.warn(`carryover: ${message}`);
}

/** Makes what is made without a word to whoever writes layers by hand: what a file says cannot be changed. */
export function withoutWarnings<T>(make: () => T): T {
  const before = silent;
  silent = true;
  try {
    return make();
  } finally {
    silent = before;
  }
}
