import {inflateSync} from 'fflate';
import {KERNELS, SIZES} from '../bytes.generated';
import {Heap, MOST_PAGES} from './heap';

export type Build = keyof typeof SIZES;
/** The builds of the kernel, the fastest first: with relaxed SIMD, with SIMD, with neither. */
export const BUILDS = Object.keys(SIZES) as Build[];

/** What `kernel/index.ts` exports. */
interface Exports {
  run(program: number): void;
  lanes(): number;
  prepare(): void;
}

/** The compiled kernel and its memory. */
export interface Kernel {
  readonly build: Build;
  readonly shared: boolean;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly exports: Exports;
  readonly heap: Heap;
  /** Elements of a vector. */
  readonly lanes: number;
}

/** How the kernel imports its memory: kind 2, with a maximum and the flag of a shared one. */
const SHARED_IMPORT = [0x02, 0x03];

function bytesOf(build: Build, shared: boolean): Uint8Array<ArrayBuffer> {
  const all = inflateSync(Uint8Array.from(atob(KERNELS), letter => letter.charCodeAt(0)));
  const before = BUILDS.slice(0, BUILDS.indexOf(build));
  const first = before.reduce((sum, each) => sum + SIZES[each], 0);
  const bytes = all.slice(first, first + SIZES[build]);
  // Without the flag the memory is not shared.
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
 * @param shared whether threads share the memory
 * @returns undefined where there is no WebAssembly, or pages or browsers forbid compiling it synchronously
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
