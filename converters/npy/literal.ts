/** What a Python literal in a .npy header can be; tuples and lists are arrays, and None is null. */
export type Literal = string | number | boolean | null | Literal[] | Map<string, Literal>;

/** Python's constants. */
const WORDS: Readonly<Record<string, Literal>> = {True: true, False: false, None: null};

/**
 * Parses the literals that NumPy writes in headers: dict with string keys, tuple, list, string, integer, True,
 * False, None. Python 2 wrote long integers with an L. Throws a SyntaxError with the position otherwise, and where it
 * nests deeper than `mostDepth`.
 */
export function parseLiteral(text: string, mostDepth: number): Literal {
  let at = 0;

  function fail(expected: string): never {
    const found = at < text.length ? JSON.stringify(text.slice(at, at + 12)) : 'the end';
    throw new SyntaxError(`expected ${expected} at ${at}, found ${found}`);
  }
  function space(): void {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  }
  function take(token: string): boolean {
    space();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  }

  function string(quote: string): string {
    let out = '';
    while (text[at] !== quote) {
      if (at >= text.length) fail(`a closing ${quote}`);
      // Type codes and field names need no other escape than these.
      if (text[at] === '\\') {
        at++;
        if (text[at] !== '\\' && text[at] !== "'" && text[at] !== '"') fail('a plain escape');
      }
      out += text[at++];
    }
    at++;
    return out;
  }

  function sequence(close: string, depth: number): Literal[] {
    const items: Literal[] = [];
    while (!take(close)) {
      items.push(value(depth));
      if (!take(',')) {
        if (!take(close)) fail(`',' or '${close}'`);
        return items;
      }
    }
    return items;
  }

  function dictionary(depth: number): Map<string, Literal> {
    const entries = new Map<string, Literal>();
    while (!take('}')) {
      const key = value(depth);
      if (typeof key !== 'string') fail('a string as key');
      if (entries.has(key)) fail(`'${key}' once`);
      if (!take(':')) fail("':'");
      entries.set(key, value(depth));
      if (!take(',')) {
        if (!take('}')) fail("',' or '}'");
        return entries;
      }
    }
    return entries;
  }

  function value(depth: number): Literal {
    if (depth > mostDepth) fail(`at most ${mostDepth} levels`);
    if (take('{')) return dictionary(depth + 1);
    if (take('(')) return sequence(')', depth + 1);
    if (take('[')) return sequence(']', depth + 1);
    if (take("'")) return string("'");
    if (take('"')) return string('"');
    const word = Object.keys(WORDS).find(take);
    if (word !== undefined) return WORDS[word]!;
    const digits = /^-?\d{1,20}/.exec(text.slice(at, at + 21))?.[0];
    if (digits === undefined) fail('a literal');
    at += digits.length;
    if (text[at] === 'L') at++;
    return Number(digits);
  }

  const result = value(0);
  space();
  if (at < text.length) fail('the end');
  return result;
}
