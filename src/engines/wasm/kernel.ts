import {inflateSync} from 'fflate';
import {KERNELS} from './bytes.generated';
import {Heap, MOST_PAGES} from './heap';

/** The builds of the kernel, the fastest first. */
export const BUILDS = ['relaxed', 'simd', 'scalar'] as const;
export type Build = (typeof BUILDS)[number];

interface Exports {
  run(program: number): void;
  pack(
    to: number,
    source: number,
    depth: number,
    gates: number,
    columns: number,
    ofGate: number,
    depthStride: number,
    gateStride: number,
    columnStride: number,
  ): void;
  lanes(): number;
  prepare(): void;
}

/** The kernel, its memory, and who has which part of that. */
export interface Kernel {
  readonly build: Build;
  readonly shared: boolean;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly exports: Exports;
  readonly heap: Heap;
  /** Numbers of a vector. */
  readonly lanes: number;
}

/** Shared: `importMemory` with a maximum and the flag of shared ones; the flag is taken away for one that is not. */
const SHARED_IMPORT = [0x02, 0x03];

function bytesOf(build: Build, shared: boolean): Uint8Array<ArrayBuffer> {
  const packed = Uint8Array.from(atob(KERNELS[build]), letter => letter.charCodeAt(0));
  const bytes = inflateSync(packed) as Uint8Array<ArrayBuffer>;
  if (!shared) {
    const name = [...'memory'].map(letter => letter.charCodeAt(0));
    const pattern = [name.length, ...name, ...SHARED_IMPORT];
    const at = bytes.findIndex((_, k) => pattern.every((byte, n) => bytes[k + n] === byte));
    bytes[at + pattern.length - 1] = 0x01;
  }
  return bytes;
}

/**
 * Compiles the fastest build that the runtime takes.
 * @param shared over a memory that threads share
 * @returns undefined where WebAssembly is not there, or not allowed (pages may forbid it, and older browsers compile
 * nothing of this size at once)
 */
export function makeKernel(shared: boolean, builds: readonly Build[] = BUILDS): Kernel | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  for (const build of builds) {
    const bytes = bytesOf(build, shared);
    if (!WebAssembly.validate(bytes)) continue;
    try {
      const module = new WebAssembly.Module(bytes);
      const memory = new WebAssembly.Memory({initial: 16, maximum: MOST_PAGES, shared});
      const exports = new WebAssembly.Instance(module, {env: {memory}}).exports as unknown as Exports;
      exports.prepare();
      return {build, shared, module, memory, exports, heap: new Heap(memory), lanes: exports.lanes()};
    } catch {
      return undefined;
    }
  }
  return undefined;
}
