/*
 * What a bare word of YAML stands for, as PyYAML's resolver tells (YAML 1.1, `yaml/resolver.py` and `yaml/constructor.py`):
 * unlike in YAML's own schema, `y` and `n` are words, and floats have a dot.
 */

const WORDS = new Map<string, boolean | null>([
  ...['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(word => [word, true] as const),
  ...['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(word => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
]);

const INTEGER = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/;
const FLOAT =
  /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|\.(?:inf|Inf|INF))$/;
const NAN = /^\.(?:nan|NaN|NAN)$/;

/** The value of a word without quotes and without a tag: null, a boolean, a number, or the word itself. */
export function plainValue(word: string): string | number | boolean | null {
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  return integerOf(word) ?? floatOf(word) ?? word;
}

/** An integer as YAML 1.1 writes it: decimal, octal (`017`), `0x1f`, `0b11`, base 60 (`1:30`). */
export function integerOf(word: string): number | undefined {
  if (!INTEGER.test(word)) return undefined;
  const digits = word.replace(/^[-+]/, '').replaceAll('_', '');
  const size = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : baseSixty(digits, Number);
  return word.startsWith('-') ? -size : size;
}

/** A float as YAML 1.1 writes it, infinities and NaN among them. */
export function floatOf(word: string): number | undefined {
  if (NAN.test(word)) return Number.NaN;
  if (!FLOAT.test(word)) return undefined;
  const digits = word.replace(/^[-+]/, '').replaceAll('_', '');
  const size = /inf$/i.test(digits) ? Number.POSITIVE_INFINITY : baseSixty(digits, Number.parseFloat);
  return word.startsWith('-') ? -size : size;
}

const baseSixty = (digits: string, read: (part: string) => number): number =>
  digits.split(':').reduce((sum, part) => sum * 60 + read(part), 0);

/** What YAML 1.1 calls true and false. */
export function booleanOf(word: string): boolean | undefined {
  const known = WORDS.get(word);
  return known === null ? undefined : known;
}
