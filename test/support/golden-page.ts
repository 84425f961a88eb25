import '@tensorflow/tfjs-backend-cpu';
import {type FileSet, memorySource} from '../../converters/index';
import {setEngine, takeUsedEngines} from '../../src/engines/registry';
import {runtime} from '../../src/engines/wasm/run/runtime';
import {shardFrom} from '../../src/engines/wasm/run/sharding';
import {type GoldenReport, runGoldens} from '../../src/golden/run';

/** A page that runs golden cases from the server that it comes from. */

/** The files that a server has. */
function served(paths: readonly string[]): FileSet {
  const fetched = new Map<string, Promise<Uint8Array>>();
  const read = async (path: string): Promise<Uint8Array> => {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  return {
    async open(path) {
      if (!paths.includes(path)) return undefined;
      if (!fetched.has(path)) fetched.set(path, read(path));
      return memorySource(await fetched.get(path)!);
    },
    list: async prefix => paths.filter(path => path.startsWith(prefix)),
  };
}

export interface GoldenPage {
  readonly isolated: boolean;
  /**
   * Waits for the wasm engine's threads, and has even the smallest batch cut into parts for them.
   * @returns the kernel's build, and how many threads there are
   */
  ready(threads: number): Promise<readonly [string, number]>;
  /** @param paths what the server has of the cases, each with its `golden.json` */
  run(paths: readonly string[], engine: string, threads: number): Promise<GoldenReport>;
}

const page: GoldenPage = {
  isolated: globalThis.crossOriginIsolated,
  async ready(threads) {
    setEngine('wasm', {threads});
    shardFrom(0);
    while (runtime()!.threads < threads) await new Promise(done => setTimeout(done, 10));
    return [runtime()!.kernel.build, runtime()!.threads];
  },
  async run(paths, engine, threads) {
    setEngine(engine, {threads});
    takeUsedEngines();
    const folders = paths
      .filter(path => path.endsWith('/golden.json'))
      .map(path => path.replace(/\/[^/]*$/, ''));
    return runGoldens(served(paths), folders);
  },
};
Object.assign(globalThis, {goldenPage: page});
