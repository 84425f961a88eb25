/** `GCOL`. Layout: HDF5 File Format Specification 3.0, III.E, with lengths of 8 bytes (see checkSuperblock). */
const SIGNATURE = [0x47, 0x43, 0x4f, 0x4c] as const;
const HEADER_SIZE = 16;
const OBJECT_HEADER_SIZE = 16;

/** Enough to be sure that what is read is the beginning of a heap. */
const VERSION = 1;

/**
 * Watches what libhdf5 reads, for one fault of its own: it walks the objects of a global heap (where variable-length
 * strings are) by their sizes, and a size of 0, or one that wraps around 2^32, makes it walk for ever. A heap is read
 * from its first byte, and where it is longer than libhdf5 guessed, its rest after that.
 */
export class GlobalHeapGuard {
  private begun: {bytes: Uint8Array; next: number} | undefined;

  /**
   * @param bytes what was read
   * @param position where in the file
   * @throws an error where a heap in it is damaged
   */
  check(bytes: Uint8Array, position: number): void {
    const begun = this.begun;
    this.begun = undefined;
    if (begun !== undefined && begun.next === position)
      this.heap(join(begun.bytes, bytes), position + bytes.length);
    else if (isHeap(bytes)) this.heap(bytes, position + bytes.length);
  }

  private heap(bytes: Uint8Array, next: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = Number(view.getBigUint64(8, true));
    if (size > bytes.length) this.begun = {bytes: bytes.slice(), next};
    const end = Math.min(size, bytes.length);
    for (let at = HEADER_SIZE; at + OBJECT_HEADER_SIZE <= end; ) {
      const object = Number(view.getBigUint64(at + 8, true));
      // Object 0 is the free space, whose size includes its header; others are padded to 8 bytes.
      const length = view.getUint16(at, true) === 0 ? object : OBJECT_HEADER_SIZE + Math.ceil(object / 8) * 8;
      if (length === 0 || at + length > size) {
        throw new Error(`a damaged global heap: an object of ${length} bytes in one of ${size}`);
      }
      at += length;
    }
  }
}

function isHeap(bytes: Uint8Array): boolean {
  return (
    bytes.length >= HEADER_SIZE && SIGNATURE.every((byte, i) => bytes[i] === byte) && bytes[4] === VERSION
  );
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const out = new Uint8Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}
