// Text as pickles write it: Python's Lib/pickle.py and pickletools.py.

/** Characters at a time: the most arguments that engines take. */
const CHUNK = 8192;

/** One character per byte. (`TextDecoder('latin1')` is Windows-1252.) */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  }
  return parts.join('');
}

/** The bytes of such a text; undefined where a character is beyond U+00FF. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/** UTF-8, undefined where it is none. A byte order mark is a character like others. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** A quoted literal of Python 2's `str`, one character per byte; undefined where it is malformed. */
export function stringLiteral(line: string): string | undefined {
  const text = line.trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return undefined;
  let wrong = false;
  const body = text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S]|$)/g, (whole, code: string) => {
      if (/^x../.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
      if (code === 'x' || code === '') wrong = true;
      // What is no escape stands for itself, backslash included.
      return SIMPLE.get(code) ?? whole;
    });
  return wrong ? undefined : body;
}

/** Python's `raw-unicode-escape`: Latin-1 with \uXXXX and \UXXXXXXXX; undefined where it is malformed. */
export function rawUnicode(line: string): string | undefined {
  let wrong = false;
  // A run of backslashes is matched whole, so that a long one is not tried over and over.
  const text = line.replace(/(\\+)(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[uU])?/g, (whole, slashes, code) => {
    // An even number of backslashes is so many backslashes.
    if (code === undefined || slashes.length % 2 === 0) return whole;
    const point = Number.parseInt(code.slice(1), 16);
    if (point <= 0x10ffff) return slashes.slice(1) + String.fromCodePoint(point);
    wrong = true;
    return whole;
  });
  return wrong ? undefined : text;
}

/** A safe integer as number, others as bigint. */
export function integer(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A decimal integer; Python 2's long ones end in L. Undefined where it is none. */
export function decimal(line: string): number | bigint | undefined {
  if (!/^\s*[+-]?\d+L?\s*$/.test(line)) return undefined;
  return integer(BigInt(line.replace(/[\s+L]/g, '')));
}

/** A float as Python's repr writes it; undefined where it is none. */
export function float(line: string): number | undefined {
  const text = line.trim().toLowerCase();
  if (/^[+-]?(inf|infinity)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(text)) return Number.NaN;
  return text.length < 400 && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Two's complement, little-endian, of any length. */
export function twosComplement(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return integer(BigInt.asIntN(8 * bytes.length, value));
}
