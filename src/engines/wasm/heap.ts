import {CarryoverError} from '../../errors';
import {align} from './layout';

const PAGE = 65536;
/** Bytes at the memory's beginning that are the kernel's own (`kernel/constants.ts`); the rest begins behind them. */
const RESERVED = 256;
/** What WebAssembly can address. */
export const MOST_PAGES = 65536;

/** Hands out pieces of a WebAssembly memory and takes them back; the memory grows when they do not suffice. */
export class Heap {
  /** Free pieces by address, in order, never side by side. */
  private readonly free: {at: number; bytes: number}[] = [];
  private readonly taken = new Map<number, number>();
  private floatView: Float32Array;
  private wordView: Int32Array;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.free.push({at: RESERVED, bytes: memory.buffer.byteLength - RESERVED});
    this.floatView = new Float32Array(memory.buffer);
    this.wordView = new Int32Array(memory.buffer);
  }

  /** The memory's numbers, also after it has grown. */
  get floats(): Float32Array {
    if (this.floatView.buffer !== this.memory.buffer) this.floatView = new Float32Array(this.memory.buffer);
    return this.floatView;
  }

  get words(): Int32Array {
    if (this.wordView.buffer !== this.memory.buffer) this.wordView = new Int32Array(this.memory.buffer);
    return this.wordView;
  }

  /** Bytes of the whole memory. */
  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Bytes that are handed out. */
  get used(): number {
    return [...this.taken.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * @returns the address of so many bytes, on a cache line; what is there is left from before
   * @throws CarryoverError `E_ENGINE` where the memory cannot grow so far
   */
  take(wanted: number): number {
    const bytes = Math.max(align(wanted), 64);
    const piece = this.free.find(each => each.bytes >= bytes) ?? this.grow(bytes);
    const {at} = piece;
    piece.at += bytes;
    piece.bytes -= bytes;
    if (piece.bytes === 0) this.free.splice(this.free.indexOf(piece), 1);
    this.taken.set(at, bytes);
    return at;
  }

  /** Bytes of a piece that is handed out. */
  sizeOf(at: number): number {
    return this.taken.get(at) ?? 0;
  }

  give(at: number): void {
    const bytes = this.taken.get(at);
    if (bytes === undefined) return;
    this.taken.delete(at);
    let next = this.free.findIndex(piece => piece.at > at);
    if (next < 0) next = this.free.length;
    const [before, after] = [this.free[next - 1], this.free[next]];
    const joined = before && before.at + before.bytes === at ? before : {at, bytes: 0};
    joined.bytes += bytes;
    if (joined !== before) this.free.splice(next, 0, joined);
    if (after?.at === at + bytes) {
      joined.bytes += after.bytes;
      this.free.splice(this.free.indexOf(after), 1);
    }
  }

  /** A free piece of at least so many bytes at the memory's end. */
  private grow(bytes: number): {at: number; bytes: number} {
    const end = this.bytes;
    const last = this.free.at(-1);
    const there = last && last.at + last.bytes === end ? last.bytes : 0;
    const pages = Math.ceil((bytes - there) / PAGE);
    const room = MOST_PAGES - end / PAGE;
    // Somewhat more than is needed where that can be had: growing is slow.
    const more = Math.min(room, Math.max(pages, Math.ceil(end / PAGE / 4)));
    const got = [more, pages].find(wanted => pages <= room && this.grows(wanted));
    if (got === undefined) {
      throw new CarryoverError(
        'E_ENGINE',
        `engine wasm: this call needs ${Math.round(bytes / 2 ** 20)} MB beside ${Math.round(this.used / 2 ** 20)} MB in use, more than WebAssembly gives it; ` +
          "run smaller batches, or choose another engine (setEngine('native') or 'ops')",
      );
    }
    if (there > 0) {
      last!.bytes += got * PAGE;
      return last!;
    }
    const piece = {at: end, bytes: got * PAGE};
    this.free.push(piece);
    return piece;
  }

  private grows(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}
