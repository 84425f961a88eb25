import type {NdArray} from '../../converters/arrays';
import {readArguments} from '../dialects/arguments';
import type {CellDialect} from '../dialects/dialect';
import {CarryoverError} from '../errors';
import {libraryNamed} from '../libraries';
import {dialectsOf} from '../libraries/library';
import {type Translation, translate} from './translate';

export type {Translation} from './translate';

/** A recurrent layer or cell of a library, with its arrays. */
export interface LayerSource {
  /** `keras0`, `keras1`, `keras2`, `keras3`, `tf1`, `nntools`, `lasagne`, `neupy`, `epynn` */
  readonly library: string;
  /** The library's own name of the layer or cell: `LSTM`, `BasicLSTMCell`, `LSTMLayer`, ... */
  readonly className: string;
  /** The library's arguments, in camelCase or in Python's spelling. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The library's release. Default: the newest that the library's record knows. */
  readonly version?: string;
  /** In the library's order and shapes. */
  readonly arrays: readonly NdArray[];
}

/** The library that a layer is to be expressed in. */
export interface LayerTarget {
  /** As in `LayerSource`. */
  readonly library: string;
  /** Default: the first of the library's that can say it. */
  readonly className?: string;
  /** The library's release. Default: the newest that the library's record knows. */
  readonly version?: string;
}

/**
 * One library's recurrent layer in another one's words and arrays: the same outputs, to rounding. Needs a tfjs
 * backend.
 *
 * @throws CarryoverError `E_DIALECT` with the reasons where the target cannot say it exactly; `E_USAGE` for a
 * library or class that is not known
 */
export function convertLayer(source: LayerSource, target: LayerTarget): Translation {
  const dialect = dialectsOf(libraryNamed(source.library)).find(
    ({className}) => className === source.className,
  );
  if (!dialect) throw unknownClass(source.library, source.className);
  const all = dialectsOf(libraryNamed(target.library));
  const targets = target.className ? all.filter(({className}) => className === target.className) : all;
  if (targets.length === 0) throw unknownClass(target.library, target.className!);
  const {config, version, arrays} = source;
  return translate({dialect, config, version, arrays}, sameCell(dialect, targets), target.version);
}

/** Targets with the source's kind of cell: the reasons of the others would only distract. */
function sameCell(source: CellDialect, targets: readonly CellDialect[]): readonly CellDialect[] {
  return targets.filter(target => cellOf(target) === cellOf(source));
}

function cellOf(dialect: CellDialect): string {
  const args = readArguments(dialect.arguments, {}, dialect.defaultVersion, dialect.className);
  return dialect.recurrence(args, dialect.defaultVersion).cell;
}

function unknownClass(library: string, className: string): CarryoverError {
  const names = dialectsOf(libraryNamed(library)).map(dialect => dialect.className);
  return new CarryoverError('E_USAGE', `${library} has no '${className}'; it has ${names.join(', ')}`);
}
