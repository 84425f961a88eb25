import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {GoldenCase, GoldenSource} from '../../src/golden/case';
import {judge, type Verdict, verdictOfError} from './judge';
import type {Answer, Peer} from './peer';

/** How one contestant did with one source. */
export interface Outcome {
  readonly verdict: Verdict;
  /** How it came in: `file`, `keras`, `graph`, after `resaved` by Keras 2.3.1. */
  readonly way: string;
  readonly why?: string;
}

/** The programs of others; `keras1` writes models of Keras 1 and 2 anew. */
export interface Peers {
  readonly keras1: Peer;
  readonly keras2: Peer;
  readonly tf_keras: Peer;
  readonly keras3: Peer;
  readonly converter2: Peer;
  readonly converter3: Peer;
  readonly tfjs: Peer;
}

type Way = 'file' | 'keras' | 'graph';
type PythonSource = Readonly<Record<string, unknown>>;

/** The Keras generation that a case's release belongs to. */
export function generation({library, version}: Pick<GoldenCase, 'library' | 'version'>): 0 | 1 | 2 | 3 {
  if (/^tf/.test(library)) return 2;
  const first = Number(/^\d/.exec(version)?.[0] ?? 2);
  return first === 0 || first === 1 || first === 3 ? first : 2;
}

const kerasOf = (peers: Peers, golden: GoldenCase): Peer => {
  if (generation(golden) === 3) return peers.keras3;
  return /^tf[_-]keras/.test(golden.library) ? peers.tf_keras : peers.keras2;
};

/** Keras 2.3.1 reads what Keras 1 to 2.3 and the tf.keras of their time wrote. */
const isOld = ({library, version}: GoldenCase): boolean =>
  /^(0|1|2\.[0-3])\./.test(version) || /^tf.*1\./.test(`${library} ${version}`);

const inFolder = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(folder, file)]));

function sourceFor(golden: GoldenCase, source: GoldenSource): PythonSource {
  const {path, architecture, format, byName, skipMismatch} = source;
  return {
    format,
    path: join(golden.folder, path),
    ...(architecture !== undefined && {architecture: join(golden.folder, architecture)}),
    ...(byName && {by_name: true}),
    ...(skipMismatch && {skip_mismatch: true}),
    x: inFolder(golden.folder, golden.calls[0]!.inputs),
  };
}

const failure = (way: string, {error = '', type = ''}: Answer): Outcome => ({
  verdict: verdictOfError(type, error),
  way,
  why: `${type}: ${error}`,
});

interface FileVersion {
  readonly source?: PythonSource;
  readonly failed?: Outcome;
  readonly label: string;
}

/** The case's files as every way in has them: as they are, and where the release is old, saved anew by Keras 2.3.1. */
async function* versionsOf(
  peers: Peers,
  golden: GoldenCase,
  source: GoldenSource,
  out: string,
): AsyncGenerator<FileVersion, void, undefined> {
  const first = sourceFor(golden, source);
  yield {source: first, label: ''};
  if (!isOld(golden) || source.format === 'saved-model') return;
  const saved = await peers.keras1.ask({
    do: 'export',
    way: 'keras',
    source: first,
    out: join(out, 'resaved'),
  });
  if (saved.path === undefined) yield {failed: failure('resaved', saved), label: 'resaved '};
  else yield {source: {format: 'keras-h5', path: saved.path, x: first.x}, label: 'resaved '};
}

/**
 * The official converter and tfjs: the whole file, then what its Keras makes of it, both as layers; then as a graph. The first
 * way that gives numbers counts.
 */
export async function officialConverter(
  peers: Peers,
  golden: GoldenCase,
  source: GoldenSource,
  out: string,
): Promise<Outcome> {
  const calls = golden.calls.map(({reset, inputs}) => ({reset, inputs: inFolder(golden.folder, inputs)}));
  const refusals: Outcome[] = [];
  for await (const {source: given, failed, label} of versionsOf(peers, golden, source, out)) {
    if (failed) refusals.push(failed);
    if (!given) continue;
    for (const way of ['file', 'keras', 'graph'] as const satisfies Way[]) {
      const name = `${label}${way}`;
      const folder = join(out, name.replace(' ', '-'));
      const converted = await convertBy(peers, golden, way, given, folder);
      if (converted.folder === undefined) {
        refusals.push(failure(name, converted));
        continue;
      }
      const ran = await peers.tfjs.ask({
        folder,
        inputs: converted.inputs ?? null,
        calls,
        out: join(folder, 'outputs'),
      });
      if (ran.outputs) return {...judge(golden, ran.outputs), way: `${name} (${ran.kind})`};
      refusals.push(failure(name, ran));
    }
  }
  return lastMeant(refusals);
}

/** A model.json by the converter: of the file itself, or of what its Keras makes of it. */
async function convertBy(
  peers: Peers,
  golden: GoldenCase,
  way: Way,
  source: PythonSource,
  out: string,
): Promise<Answer> {
  const converter = generation(golden) === 3 ? peers.converter3 : peers.converter2;
  if (way !== 'file') {
    const exported = await kerasOf(peers, golden).ask({
      do: 'export',
      way,
      source,
      out: join(out, 'exported'),
    });
    if (exported.path === undefined) return exported;
    const {path, format, inputs} = exported;
    return {...(await converter.ask({do: 'convert', path, format, out})), inputs};
  }
  const {path, format, architecture} = source;
  if (architecture !== undefined && format !== 'saved-model')
    return {error: 'the converter takes whole models', type: 'usage'};
  const zipped = format === 'keras-zip' && isZip(path as string);
  const kind = format === 'saved-model' ? 'tf_saved_model' : zipped ? 'keras_keras' : 'keras';
  return converter.ask({do: 'convert', path, format: kind, out});
}

/** Some releases write HDF5 under the name `.keras`. */
const isZip = (path: string): boolean => readFileSync(path).subarray(0, 2).toString('latin1') === 'PK';

/** tf2onnx and ONNX Runtime, with what the file's Keras makes of it. */
export async function throughOnnx(
  peers: Peers,
  golden: GoldenCase,
  source: GoldenSource,
  out: string,
): Promise<Outcome> {
  const python = kerasOf(peers, golden);
  const calls = golden.calls.map(({inputs}) => inFolder(golden.folder, inputs));
  const refusals: Outcome[] = [];
  for await (const {source: given, failed, label} of versionsOf(peers, golden, source, out)) {
    if (failed) refusals.push(failed);
    if (!given) continue;
    const ran = await python.ask({do: 'onnx', source: given, calls, out: join(out, `${label.trim()}onnx`)});
    if (ran.outputs) return {...judge(golden, ran.outputs), way: `${label}onnx`};
    refusals.push(failure(`${label}onnx`, ran));
  }
  return lastMeant(refusals);
}

/** Of several refusals words that are meant count more than an accident; the last way's, which is the widest. */
function lastMeant(refusals: readonly Outcome[]): Outcome {
  return refusals.findLast(({verdict}) => verdict === 'refused') ?? refusals[0]!;
}
