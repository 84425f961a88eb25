import {badFormat} from '../format-error';
import {crc32c, maskCrc, showCrc} from './crc32c';

/*
 * Strings of a bundle (core/util/tensor_bundle/tensor_bundle.cc, `WriteStringTensor`): a varint length each, the masked
 * CRC-32C of the lengths (as u32, or u64 where they need it), then the bytes of all. The tensor's own sum goes over the
 * lengths as such numbers, the stored sum, and the bytes.
 */

/**
 * @param stored all of the tensor's bytes
 * @param count its number of elements
 * @throws CarryoverError E_FORMAT when it is damaged
 */
export function readStrings(
  stored: Uint8Array,
  count: number,
  crc: number,
  bigEndian: boolean,
  where: string,
): Uint8Array[] {
  if (count === 0) return [];
  // A length takes a byte at least: no count beyond the file's size gets any further.
  if (count > stored.length) throw badFormat(where, `${stored.length} bytes cannot hold ${count} strings`);
  const lengths: number[] = [];
  let at = 0;
  for (let k = 0; k < count; k++) {
    let length = 0;
    let scale = 1;
    for (;;) {
      const byte = stored[at++];
      if (byte === undefined || scale > 2 ** 49)
        throw badFormat(where, `the length of string ${k + 1} of ${count} is damaged`);
      length += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) break;
    }
    lengths.push(length);
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (at + 4 + total !== stored.length) {
    throw badFormat(where, `${count} strings of ${total} bytes in all do not fill ${stored.length} bytes`);
  }
  let sum = crc32c(lengthBytes(lengths, bigEndian));
  const own = new DataView(stored.buffer, stored.byteOffset).getUint32(at, !bigEndian);
  if (maskCrc(sum) !== own) {
    throw badFormat(
      where,
      `damaged: CRC-32C ${showCrc(maskCrc(sum))} of the strings' lengths, expected ${showCrc(own)}`,
    );
  }
  sum = crc32c(stored.subarray(at), sum);
  if (maskCrc(sum) !== crc) {
    throw badFormat(
      where,
      `damaged: CRC-32C ${showCrc(maskCrc(sum))} of the strings, expected ${showCrc(crc)}`,
    );
  }
  at += 4;
  return lengths.map(length => {
    at += length;
    return stored.subarray(at - length, at);
  });
}

/** A tensor of strings as it is stored, and its masked sum. */
export function writeStrings(strings: readonly Uint8Array[]): {stored: Uint8Array; crc: number} {
  if (strings.length === 0) return {stored: new Uint8Array(0), crc: maskCrc(0)};
  const lengths = strings.map(({length}) => length);
  const varints = lengths.flatMap(length => {
    const out: number[] = [];
    let rest = length;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
    out.push(rest);
    return out;
  });
  const stored = new Uint8Array(varints.length + 4 + lengths.reduce((sum, length) => sum + length, 0));
  stored.set(varints);
  const sum = crc32c(lengthBytes(lengths, false));
  new DataView(stored.buffer).setUint32(varints.length, maskCrc(sum), true);
  let at = varints.length + 4;
  for (const bytes of strings) {
    stored.set(bytes, at);
    at += bytes.length;
  }
  return {stored, crc: maskCrc(crc32c(stored.subarray(varints.length), sum))};
}

function lengthBytes(lengths: readonly number[], bigEndian: boolean): Uint8Array {
  const wide = (length: number) => length > 0xffffffff;
  const view = new DataView(
    new ArrayBuffer(lengths.reduce((sum, length) => sum + (wide(length) ? 8 : 4), 0)),
  );
  let at = 0;
  for (const length of lengths) {
    if (wide(length)) view.setBigUint64(at, BigInt(length), !bigEndian);
    else view.setUint32(at, length, !bigEndian);
    at += wide(length) ? 8 : 4;
  }
  return new Uint8Array(view.buffer);
}
