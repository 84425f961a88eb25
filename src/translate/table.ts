import * as tf from '@tensorflow/tfjs-core';
import {readArguments} from '../dialects/arguments';
import {shapeOf} from '../dialects/arrays';
import type {CellDialect} from '../dialects/dialect';
import {CarryoverError} from '../errors';
import {LIBRARIES} from '../libraries';
import {dialectsOf} from '../libraries/library';
import {isInitial} from '../recurrence/weights';
import {convertLayer} from './index';

/** The layers that the table is about: each library's, with its own defaults. */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  LSTM: ['LSTM', 'BasicLSTMCell', 'LSTMLayer'],
  GRU: ['GRU', 'GRUCell', 'GRULayer'],
};

/** Arguments that give a layer two units, whatever the library calls them. */
const TWO_UNITS = {
  outputDim: 2,
  units: 2,
  numUnits: 2,
  nUnits: 2,
  unitCells: 2,
  returnSequences: true,
  onlyReturnFinal: false,
  sequences: true,
};

/**
 * Which library's layer, as it comes by default, which other one can express: a Markdown table per kind of
 * layer and the reasons under it. Needs a tfjs backend.
 */
export function conversionTables(): string {
  return Object.entries(SUBJECTS)
    .map(([kind, names]) => conversionTable(kind, names))
    .join('\n\n');
}

function conversionTable(kind: string, names: readonly string[]): string {
  const subjects = new Map(
    LIBRARIES.flatMap(library => {
      const subject = dialectsOf(library).find(({className}) => names.includes(className));
      return subject ? [[library.name, subject] as const] : [];
    }),
  );
  const libraries = [...subjects.keys()];
  const reasons: string[] = [];
  const rows = libraries.map(from => {
    const cells = libraries.map(to => {
      if (from === to) return '';
      const refusal = refusalOf(subjects.get(from)!, to);
      if (refusal === undefined) return '✓';
      if (!reasons.includes(refusal)) reasons.push(refusal);
      return `${reasons.indexOf(refusal) + 1}`;
    });
    return `| **${from}** | ${cells.join(' | ')} |`;
  });
  return [
    `| ${kind} from ↓ to → | ${libraries.join(' | ')} |`,
    `|---|${libraries.map(() => '---').join('|')}|`,
    ...rows,
    '',
    ...reasons.map((reason, k) => `${k + 1}. ${reason}`),
  ].join('\n');
}

/** Why another library cannot express a library's default layer; undefined where it can. */
function refusalOf(dialect: CellDialect, to: string): string | undefined {
  const config = Object.fromEntries(Object.entries(TWO_UNITS).filter(([name]) => name in dialect.arguments));
  const args = readArguments(dialect.arguments, config, dialect.defaultVersion, dialect.className);
  const recurrence = dialect.recurrence(args, dialect.defaultVersion);
  const arrays = dialect.arrays(args, dialect.defaultVersion).map(spec => {
    const shape = shapeOf(spec, 3, recurrence);
    const initial = isInitial(spec.holds[0]!);
    const values = tf.tidy(
      () => (initial ? tf.zeros(shape) : tf.randomNormal(shape)).dataSync() as Float32Array,
    );
    return {dtype: 'float32' as const, shape, values: Float32Array.from(values)};
  });
  try {
    convertLayer({library: dialect.library, className: dialect.className, config, arrays}, {library: to});
    return undefined;
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_DIALECT') throw error;
    return error.message.replace(/^.* cannot be expressed in \S+: /, '');
  }
}
