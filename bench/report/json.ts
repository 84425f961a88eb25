import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {availableParallelism, cpus} from 'node:os';
import {dirname} from 'node:path';

export const RESULTS = 'bench/results';

const require = createRequire(import.meta.url);

/** What ran, by name: of figures without versions nobody can say what they are. */
export function versions(
  peers: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, unknown> {
  const own = (name: string): string => (require(`${name}/package.json`) as {version: string}).version;
  return {
    node: process.versions.node,
    'tfjs-node': own('@tensorflow/tfjs-node'),
    'tfjs-layers': own('@tensorflow/tfjs-layers'),
    'tfjs-backend-wasm': own('@tensorflow/tfjs-backend-wasm'),
    tensorflow: (require('@tensorflow/tfjs-node') as {version: {tensorflow?: string}}).version.tensorflow,
    'onnxruntime-node': own('onnxruntime-node'),
    'onnxruntime-web': packageVersion('onnxruntime-web'),
    ...peers,
  };
}

/** Of a package that does not let its package.json be required. */
function packageVersion(name: string): string {
  let folder = dirname(require.resolve(name));
  while (!existsSync(`${folder}/package.json`)) folder = dirname(folder);
  return (JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {version: string}).version;
}

export function machine(): {readonly processor: string; readonly cores: number} {
  return {processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism()};
}

interface Entry {
  readonly suite: string;
  readonly title: string;
}

/**
 * Writes results; those of other suites and cases that the file has already stay, each with the date and the versions
 * that it was measured with.
 */
export function writeResults<T extends Entry>(
  name: string,
  cases: readonly T[],
  facts: Readonly<Record<string, unknown>>,
): void {
  const path = `${RESULTS}/${name}.json`;
  const fresh = cases.map(one => ({...one, measured: new Date().toISOString(), ...facts}));
  const kept = readResults<T>(name).filter(
    old => !fresh.some(({suite, title}) => suite === old.suite && title === old.title),
  );
  mkdirSync(RESULTS, {recursive: true});
  writeFileSync(path, `${JSON.stringify({cases: [...kept, ...fresh]}, undefined, 2)}\n`);
}

export function readResults<T extends Entry>(name: string): T[] {
  const path = `${RESULTS}/${name}.json`;
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as {cases: T[]}).cases;
}
