import {CarryoverError} from '../../../errors';
import {align} from '../compile/layout';
import {CONSTANTS} from '../isa';

const PAGE = 65536;
const {RESERVED} = CONSTANTS;
/** Pages that WebAssembly can address. */
export const MOST_PAGES = 65536;

/** Allocates pieces of a WebAssembly memory, which grows when it does not suffice. */
export class Heap {
  /** Free pieces by address, in order, never side by side. */
  private readonly pieces: {at: number; bytes: number}[] = [];
  private readonly allocated = new Map<number, number>();
  private floatView: Float32Array;
  private wordView: Int32Array;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.pieces.push({at: RESERVED, bytes: memory.buffer.byteLength - RESERVED});
    this.floatView = new Float32Array(memory.buffer);
    this.wordView = new Int32Array(memory.buffer);
  }

  /** The memory as float32, also after it has grown. */
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

  /** Bytes that are allocated. */
  get used(): number {
    return [...this.allocated.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * Allocates so many bytes, whose contents are left from before.
   * @returns their address, on a cache line
   * @throws CarryoverError `E_ENGINE` where the memory cannot grow so far
   */
  allocate(wanted: number): number {
    const bytes = Math.max(align(wanted), 64);
    const piece = this.pieces.find(each => each.bytes >= bytes) ?? this.grow(bytes);
    const {at} = piece;
    piece.at += bytes;
    piece.bytes -= bytes;
    if (piece.bytes === 0) this.pieces.splice(this.pieces.indexOf(piece), 1);
    this.allocated.set(at, bytes);
    return at;
  }

  /** Bytes of an allocated piece. */
  sizeOf(at: number): number {
    return this.allocated.get(at) ?? 0;
  }

  /** Frees an allocated piece; any other address is ignored. */
  free(at: number): void {
    const bytes = this.allocated.get(at);
    if (bytes === undefined) return;
    this.allocated.delete(at);
    let next = this.pieces.findIndex(piece => piece.at > at);
    if (next < 0) next = this.pieces.length;
    const [before, after] = [this.pieces[next - 1], this.pieces[next]];
    const joined = before && before.at + before.bytes === at ? before : {at, bytes: 0};
    joined.bytes += bytes;
    if (joined !== before) this.pieces.splice(next, 0, joined);
    if (after?.at === at + bytes) {
      joined.bytes += after.bytes;
      this.pieces.splice(this.pieces.indexOf(after), 1);
    }
  }

  /** A free piece of at least so many bytes at the memory's end. */
  private grow(bytes: number): {at: number; bytes: number} {
    const end = this.bytes;
    const last = this.pieces.at(-1);
    const there = last && last.at + last.bytes === end ? last.bytes : 0;
    const pages = Math.ceil((bytes - there) / PAGE);
    const left = MOST_PAGES - end / PAGE;
    // Somewhat more than is needed where that can be had: growing is slow.
    const more = Math.min(left, Math.max(pages, Math.ceil(end / PAGE / 4)));
    const grown = [more, pages].find(wanted => pages <= left && this.grows(wanted));
    if (grown === undefined) {
      throw new CarryoverError(
        'E_ENGINE',
        `engine wasm: this call needs ${Math.round(bytes / 2 ** 20)} MB beside ${Math.round(this.used / 2 ** 20)} MB in use, more than WebAssembly gives it; ` +
          "run smaller batches, or choose another engine (setEngine('native') or 'ops')",
      );
    }
    if (there > 0) {
      last!.bytes += grown * PAGE;
      return last!;
    }
    const piece = {at: end, bytes: grown * PAGE};
    this.pieces.push(piece);
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
