import {crc32c, maskCrc} from './crc32c';
import {FOOTER_SIZE, fromKey, type Key, MAGIC, TRAILER_SIZE} from './table';

/** TensorFlow's `table::Options`: a block is written once it is this large (256 KiB), a whole key every 16 entries. */
const BLOCK_SIZE = 1 << 18;
const RESTART_INTERVAL = 16;

/**
 * Writes a table, uncompressed as TensorFlow writes checkpoints, a part at a time.
 * @param entries in any order; no key twice
 */
export function* writeTable(entries: ReadonlyMap<Key, () => Uint8Array>): Generator<Uint8Array> {
  let offset = 0;
  function* block(contents: Uint8Array[]): Generator<Uint8Array, [offset: number, size: number]> {
    const start = offset;
    let size = 0;
    let sum = 0;
    for (const part of contents) {
      sum = crc32c(part, sum);
      size += part.length;
      yield part;
    }
    const trailer = new Uint8Array(TRAILER_SIZE);
    new DataView(trailer.buffer).setUint32(1, maskCrc(crc32c(trailer.subarray(0, 1), sum)), true);
    yield trailer;
    offset += size + TRAILER_SIZE;
    return [start, size];
  }

  const index = new BlockBuilder(1);
  const data = new BlockBuilder(RESTART_INTERVAL);
  let last: Key = '';
  function* flush(): Generator<Uint8Array> {
    if (data.size === 0) return;
    const handle = yield* block(data.finish());
    index.add(last, Uint8Array.from(handle.flatMap(varintBytes)));
  }
  for (const key of [...entries.keys()].sort(compareKeys)) {
    const value = entries.get(key)!();
    // A large value gets a block of its own, so that its neighbours can be read without it.
    if (key.length + value.length >= 2 * BLOCK_SIZE) yield* flush();
    data.add(key, value);
    last = key;
    if (data.size >= BLOCK_SIZE) yield* flush();
  }
  yield* flush();
  const metaindex = yield* block(new BlockBuilder(1).finish());
  const handles = [...metaindex, ...(yield* block(index.finish()))];
  const footer = new Uint8Array(FOOTER_SIZE);
  footer.set(handles.flatMap(varintBytes));
  footer.set(MAGIC, FOOTER_SIZE - MAGIC.length);
  yield footer;
}

function compareKeys(a: Key, b: Key): number {
  return a < b ? -1 : 1;
}

class BlockBuilder {
  private parts: Uint8Array[] = [];
  private restarts: number[] = [0];
  private entries = 0;
  private last: Key = '';
  /** Bytes of the entries so far. */
  size = 0;

  constructor(private readonly interval: number) {}

  add(key: Key, value: Uint8Array): void {
    let shared = 0;
    if (this.entries % this.interval === 0) {
      if (this.entries > 0) this.restarts.push(this.size);
    } else {
      while (shared < key.length && key[shared] === this.last[shared]) shared++;
    }
    const head = [shared, key.length - shared, value.length].flatMap(varintBytes);
    for (const part of [Uint8Array.from(head), fromKey(key.slice(shared)), value]) {
      this.parts.push(part);
      this.size += part.length;
    }
    this.entries++;
    this.last = key;
  }

  /** The block's parts; the builder is empty again. */
  finish(): Uint8Array[] {
    const tail = new DataView(new ArrayBuffer(4 * this.restarts.length + 4));
    this.restarts.forEach((restart, k) => {
      tail.setUint32(4 * k, restart, true);
    });
    tail.setUint32(4 * this.restarts.length, this.restarts.length, true);
    const parts = [...this.parts, new Uint8Array(tail.buffer)];
    this.parts = [];
    this.restarts = [0];
    this.entries = 0;
    this.size = 0;
    return parts;
  }
}

export function varintBytes(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  out.push(rest);
  return out;
}
