import '@tensorflow/tfjs-backend-cpu';
import type {WeightFile} from '../../converters/arrays';
import {
  memoryFiles,
  openCheckpoint,
  openFrozenGraph,
  openKerasBytes,
  openNeupyJson,
  openNpz,
  openPickle,
  openSavedModel,
  parsePythonJson,
  readNpy,
} from '../../converters/index';
import {setEngine, takeUsedEngines} from '../../src/engines/registry';
import {runtime} from '../../src/engines/wasm/run/runtime';
import {shardFrom} from '../../src/engines/wasm/run/sharding';
import type {GoldenFiles} from '../../src/golden/case';
import {type GoldenReport, runGoldens} from '../../src/golden/run';
import {openedFrom} from '../../src/model/open';

/** A page that runs golden cases from the server that it comes from. */

type Bytes = Uint8Array<ArrayBuffer>;
type Folder = Readonly<Record<string, Bytes>>;

const nameOf = (path: string): string => path.split('/').at(-1)!;

/** Opens a source from what is in its case's folder. */
async function openSource(format: string, path: string, folder: Folder): Promise<WeightFile> {
  const bytes = folder[path]!;
  const name = nameOf(path);
  switch (format) {
    case 'keras-h5':
    case 'keras-h5-weights':
    case 'neupy-hdf5':
      // HDF5 takes the bytes for its own.
      return openKerasBytes(bytes.slice(), name);
    case 'npz':
      return openNpz(bytes, name);
    case 'pickle':
    case 'neupy-pickle':
      return openPickle(bytes, name);
    case 'neupy-json':
      return openNeupyJson(bytes, name);
    case 'tf-frozen-graph':
      return openFrozenGraph(bytes, name);
    case 'saved-model': {
      const variables = `${path}/variables/variables`;
      const checkpoint =
        folder[`${variables}.index`] && (await openCheckpoint(variables, memoryFiles(folder)));
      return openSavedModel(folder[`${path}/saved_model.pb`]!, checkpoint, `${name}/saved_model.pb`);
    }
    case 'tf-checkpoint-v1':
    case 'tf-checkpoint-v2':
    case 'tf-checkpoint-object':
      return openCheckpoint(path, memoryFiles(folder));
    default:
      throw new Error(`no opener for ${format}`);
  }
}

/** Golden files of which the server has these. */
function served(paths: readonly string[]): GoldenFiles {
  const fetched = new Map<string, Promise<Bytes>>();
  const read = (path: string): Promise<Bytes> => {
    const known = fetched.get(path);
    if (known) return known;
    const bytes = fetch(path).then(async response => {
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    });
    fetched.set(path, bytes);
    return bytes;
  };
  const folderOf = async (within: string): Promise<Folder> => {
    // golden.json is in the folder itself, sources may be below it.
    const parts = within.split('/');
    while (!paths.includes(`${parts.join('/')}/golden.json`)) parts.pop();
    const own = paths.filter(path => path.startsWith(`${parts.join('/')}/`));
    return Object.fromEntries(await Promise.all(own.map(async path => [path, await read(path)] as const)));
  };
  return {
    read,
    async open(path, architecture, format) {
      const folder = await folderOf(path);
      const file = await openSource(format, path, folder);
      const given = architecture && {
        json: parsePythonJson(new TextDecoder().decode(folder[architecture]), nameOf(architecture)),
        name: nameOf(architecture),
      };
      const beside = (architecture ?? path).replace(/[^/]*$/, '');
      try {
        return openedFrom(file, given || undefined, {
          where: nameOf(path),
          readFile: name => readNpy(folder[beside + name]!, name),
        });
      } finally {
        file.close();
      }
    },
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
