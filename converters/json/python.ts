import {badFormat} from '../format-error';

const LITERALS = [
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['NaN', Number.NaN],
] as const;

/**
 * Parses JSON as Python's `json.dumps` writes it: standard JSON plus the literals NaN, Infinity and -Infinity,
 * which become numbers.
 *
 * @param where the file or attribute, for messages
 * @throws CarryoverError E_FORMAT when the text is not such JSON
 */
export function parsePythonJson(text: string, where = 'JSON'): unknown {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return JSON.parse(source);
  } catch (strict) {
    // Configs are small enough to be parsed twice, and few hold such literals.
    const marker = unusedMarker(source);
    const marked = markLiterals(source, marker);
    if (marked === undefined) throw notJson(source, where, strict);
    try {
      return JSON.parse(marked, (_key, value: unknown) =>
        typeof value === 'string' && value.startsWith(marker)
          ? LITERALS[Number(value.slice(marker.length))]![1]
          : value,
      );
    } catch (error) {
      throw notJson(source, where, error);
    }
  }
}

function notJson(source: string, where: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
  const start = source.length > 40 ? `${source.slice(0, 40)}…` : source;
  return badFormat(where, `not JSON (${reason}); it begins with ${JSON.stringify(start)}`);
}

function unusedMarker(text: string): string {
  let marker = '#number';
  while (text.includes(marker)) marker += '#';
  return marker;
}

/** The text with each literal outside strings replaced by a marked string; undefined where there is none. */
function markLiterals(text: string, marker: string): string | undefined {
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"') {
      at = endOfString(text, at);
      continue;
    }
    const index = LITERALS.findIndex(([literal]) => text.startsWith(literal, at));
    if (index < 0) {
      at++;
      continue;
    }
    parts.push(text.slice(from, at), `"${marker}${index}"`);
    at += LITERALS[index]![0].length;
    from = at;
  }
  if (parts.length === 0) return undefined;
  return parts.join('') + text.slice(from);
}

function endOfString(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
