/** A program of Emscripten, as far as it shows its memory. */
interface Program {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
}

/** A file's share of what libhdf5 may hold. */
export interface MemoryCap {
  /** How many bytes libhdf5 wanted to have in all when it was refused; undefined where it was not, and once told. */
  takeRefused(): number | undefined;
  release(): void;
}

interface Share {
  readonly own: number;
  readonly spare: number;
}

const PAGE = 1 << 16;
const shares = new Set<Share>();
const capped = new WeakSet<Program>();
/** What libhdf5 takes before it opens a file. */
let base = 0;
let refused: number | undefined;

/**
 * Lets libhdf5's memory grow in proportion to the files that are open in it, and no further: what is refused is a failed
 * `malloc` to libhdf5, which it reports as any other error.
 *
 * @param own bytes for this file
 * @param spare bytes beside those of all files; the most that one of them has counts
 */
export function capMemory(library: Program, own: number, spare: number): MemoryCap {
  if (!capped.has(library)) watch(library);
  const share = {own, spare};
  shares.add(share);
  return {
    takeRefused() {
      const taken = refused;
      refused = undefined;
      return taken;
    },
    release: () => void shares.delete(share),
  };
}

function most(): number {
  const all = [...shares];
  return base + all.reduce((sum, {own}) => sum + own, 0) + Math.max(0, ...all.map(({spare}) => spare));
}

/** Emscripten keeps its memory to itself: one want of memory that is refused shows it. */
function watch(library: Program): void {
  capped.add(library);
  base = library.HEAPU8.length;
  const {prototype} = WebAssembly.Memory;
  const {grow} = prototype;
  let memory: WebAssembly.Memory | undefined;
  prototype.grow = function (this: WebAssembly.Memory): number {
    memory = this;
    throw new RangeError('asked only to be seen');
  };
  try {
    library._malloc(base);
  } finally {
    prototype.grow = grow;
  }
  if (!memory) return;
  const own = memory;
  own.grow = pages => {
    const wanted = own.buffer.byteLength + pages * PAGE;
    if (wanted <= most()) return grow.call(own, pages);
    refused = wanted;
    throw new RangeError(`${wanted} bytes of memory are more than the files that are open may take`);
  };
}
