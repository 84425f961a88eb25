import {readdirSync, readFileSync} from 'node:fs';
import {FORMATS} from '../converters/formats';
import {ERROR_CODES} from '../src/errors';

/** Tables of documents that are made from the code's registries. */

/** A table of a document. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');

const HOLDS = {architecture: 'architecture', weights: 'arrays', graph: 'TensorFlow graph'} as const;

/** Every file format of the registry, in its order. */
export function formatTable(): string {
  const rows = FORMATS.map(({name, title, holds, open, advice = ''}) => [
    `\`${name}\``,
    title.replace(/^an? /, ''),
    holds.map(part => HOLDS[part]).join(', '),
    open ? '✓' : `no: ${advice}`,
  ]);
  return table(['name', 'format', 'holds', 'is read'], rows);
}

/** Every error code: what it means, and what to do. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, {means, remedy}]) => [`\`${code}\``, means, remedy]);
  return table(['code', 'means', 'what to do'], rows);
}

/** Every decision, by its title. */
export function decisionList(): string {
  const files = readdirSync('docs/decisions').filter(name => /^\d+-.*\.md$/.test(name));
  const titleOf = (name: string): string =>
    readFileSync(`docs/decisions/${name}`, 'utf8').split('\n')[0]!.replace(/^# /, '');
  return files
    .sort()
    .map(name => `- [${Number.parseInt(name, 10)}](${name}): ${titleOf(name)}`)
    .join('\n');
}

const GOLDEN = 'fixtures/golden';

/** A library as README.md presents it: titles, layers, files, and the families of its golden cases. */
const SUPPORTED: readonly (readonly [library: string, layers: string, files: string, families: RegExp])[] = [
  ['Keras 0.1.1', 'LSTM, GRU', 'HDF5 weights + recipe', /^keras-0\.1\.1/],
  [
    'Keras 0.1.2 – 0.1.3',
    'LSTM, GRU, SimpleRNN, JZS1–3',
    'HDF5 weights + JSON or recipe, Sequential and Graph',
    /^keras-0\.1\.[23]/,
  ],
  ['Keras 0.2', 'the same', 'the same', /^keras-0\.2/],
  ['Keras 0.3', 'LSTM, GRU, SimpleRNN', 'HDF5 weights + JSON', /^keras-0\.3/],
  [
    'Keras 1.0 – 1.2',
    'LSTM, GRU (`consume_less` cpu, mem, gpu), SimpleRNN, Bidirectional',
    'HDF5 whole models, weights + JSON',
    /^keras-1/,
  ],
  [
    'Keras 2.0 – 2.3',
    'LSTM, GRU (`reset_after`), SimpleRNN, Bidirectional',
    'HDF5 whole models, weights + JSON',
    /^keras-2/,
  ],
  [
    'tf.keras 2.12 – 2.15',
    'LSTM, GRU, SimpleRNN, Bidirectional',
    '`.keras`, `.weights.h5`, HDF5 whole models and weights',
    /^tf\.keras/,
  ],
  [
    'Keras 3',
    'LSTM, GRU, SimpleRNN, Bidirectional, RNN of cells',
    '`.keras`, zipped or not, `.weights.h5`, whole or sharded, HDF5 whole models and weights',
    /^keras-(?:misc-)?3/,
  ],
  [
    'TensorFlow 0.12 – 1.15, compat.v1 of 2.x',
    "BasicLSTMCell, LSTMCell (peepholes, projection, clips), GRUCell, BasicRNNCell, the block and CudnnCompatible cells, contrib's (coupled gates, layer norm, UGRNN, NAS, Indy); MultiRNNCell and wrappers; `dynamic_rnn` and its kin",
    'checkpoints V1, V2 (sharded, partitioned), object-based; SavedModel, MetaGraph, frozen graphs; recipes',
    /^tf(?!\.keras)/,
  ],
  ['Lasagne', 'LSTMLayer, GRULayer, RecurrentLayer', '`.npz` + recipe', /^lasagne/],
  ['nntools (early Lasagne)', 'LSTMLayer, as its code ran', '`.npz` + recipe', /^nntools/],
  ['neupy 0.8', 'LSTM, GRU', 'pickle, JSON, HDF5, which say what the network is', /^neupy/],
  ['EpyNN 1.2', 'LSTM, GRU, RNN', '`.npz`, pickles', /^epynn/],
];

const casesOf = (family: string): readonly string[] => readdirSync(`${GOLDEN}/${family}`);

/** What runs, with the number of golden cases of each, and how many sources there are in all. */
export function supportTable(): string {
  const families = readdirSync(GOLDEN);
  const rows = SUPPORTED.map(([library, layers, files, pattern]) => {
    const cases = families.filter(name => pattern.test(name)).flatMap(casesOf);
    return [library, layers, files, String(cases.length)];
  });
  const sources = families.flatMap(family =>
    casesOf(family).map(name => {
      const golden = JSON.parse(readFileSync(`${GOLDEN}/${family}/${name}/golden.json`, 'utf8'));
      return (golden as {sources: unknown[]}).sources.length;
    }),
  );
  const total = sources.reduce((sum, count) => sum + count, 0);
  return `${table(['library', 'layers', 'files', 'golden cases'], rows)}\n\n${sources.length} golden cases with ${total} sources (files that hold the same model).`;
}
