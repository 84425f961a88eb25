/** `PK\3\4`, or `PK\5\6` where a zip is empty. */
export function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 &&
    bytes[1] === 0x4b &&
    ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  );
}

/** The name of a zip's first member, from its local header. */
export function firstMember(bytes: Uint8Array): string {
  if (bytes.length < 30) return '';
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(26, true);
  return new TextDecoder().decode(bytes.subarray(30, 30 + length));
}
