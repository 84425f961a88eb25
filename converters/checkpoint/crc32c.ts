/** Castagnoli's polynomial, bits reversed (RFC 3720, section 12.1). */
const POLYNOMIAL = 0x82f63b78;
/** LevelDB and TensorFlow store sums rotated and shifted by this, since a sum over data with its own sum in it is weak. */
const MASK_DELTA = 0xa282ead8;

/** Eight tables of 256: table k steps a byte over k further zero bytes, so that 8 bytes are taken at a time. */
const TABLES = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    tables[byte] = sum;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!;
    tables[at] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}

/** CRC-32C of `bytes`, or of what `sum` is of followed by `bytes`. */
export function crc32c(bytes: Uint8Array, sum = 0): number {
  const T = TABLES;
  let crc = ~sum;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      T[0x700 + (low & 0xff)]! ^
      T[0x600 + ((low >>> 8) & 0xff)]! ^
      T[0x500 + ((low >>> 16) & 0xff)]! ^
      T[0x400 + (low >>> 24)]! ^
      T[0x300 + bytes[at + 4]!]! ^
      T[0x200 + bytes[at + 5]!]! ^
      T[0x100 + bytes[at + 6]!]! ^
      T[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ T[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** A sum as it is stored. */
export function maskCrc(sum: number): number {
  return (((sum >>> 15) | (sum << 17)) + MASK_DELTA) >>> 0;
}

/** For messages. */
export function showCrc(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
