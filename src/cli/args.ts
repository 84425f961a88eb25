import {type ParseArgsConfig, parseArgs} from 'node:util';
import {CarryoverError} from '../errors';
import {didYouMean} from '../nearest';

type OptionSpecs = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends OptionSpecs> = ReturnType<
  typeof parseArgs<{args: string[]; options: T; allowPositionals: true; strict: true}>
>;

/** Options of every verb that takes a model. */
export const MODEL_OPTIONS = {
  architecture: {type: 'string'},
  weights: {type: 'string'},
  'by-name': {type: 'boolean'},
  'skip-mismatch': {type: 'boolean'},
  until: {type: 'string', multiple: true},
  custom: {type: 'string', multiple: true},
  'library-version': {type: 'string'},
  graph: {type: 'boolean'},
  signature: {type: 'string'},
} as const satisfies OptionSpecs;

/** Options of every verb that runs something. */
export const ENGINE_OPTIONS = {
  engine: {type: 'string'},
  backend: {type: 'string'},
  threads: {type: 'string'},
} as const satisfies OptionSpecs;

export const JSON_OPTION = {json: {type: 'boolean'}} as const satisfies OptionSpecs;

/**
 * Reads a verb's arguments; options may stand anywhere.
 * @throws CarryoverError `E_USAGE` for an option that the verb does not have, or one without its value
 */
export function parse<T extends OptionSpecs>(verb: string, args: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({args: [...args], options, allowPositionals: true, strict: true});
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    const [, unknown] = /^Unknown option '(--?[^']+)'/.exec(line) ?? [];
    if (unknown !== undefined) {
      const near = didYouMean(
        unknown,
        Object.keys(options).map(name => `--${name}`),
      );
      throw usage(verb, `there is no option '${unknown}'${near}`);
    }
    // Node's own advice about "--" helps nobody here.
    const what = line.replace(/\. To specify a positional.*$/, '').replace(/\.$/, '');
    throw usage(
      verb,
      lowerFirst(what.replace(/argument is ambiguous$/, 'is followed by an option, not its value')),
    );
  }
}

/** What was wrong with a verb's arguments, and where to read how they are used. */
export function usage(verb: string, what: string): CarryoverError {
  return new CarryoverError('E_USAGE', `${verb}: ${what}; see: carryover ${verb} --help`);
}

/** What stands for stdin among inputs, for stdout among outputs. */
export const PIPE = '-';

/** A file that stands for an input or output, with the name it was given: `NAME=file.npy` or `file.npy`. */
export interface FileArgument {
  readonly name?: string;
  readonly path: string;
}

/** A name ends at the first `=`, unless a folder separator comes before it. */
export function fileArgument(text: string, verb: string, option: string): FileArgument {
  const [, name, path] = /^([^=/\\]+)=(.*)$/s.exec(text) ?? [undefined, undefined, text];
  if (!path) throw usage(verb, `--${option} '${text}' names no file`);
  // What is read is told by its bytes; what is written, by its name.
  if (option === 'output' && path !== PIPE && !/\.np[yz]$/i.test(path))
    throw usage(verb, `--output '${path}' is no .npy or .npz file, nor '-' for stdout`);
  return {name, path};
}

/** One of a few words, `fallback` where it is not given. */
export function oneOf<T extends string>(
  verb: string,
  option: string,
  value: string | undefined,
  words: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  const found = words.find(word => word === value);
  if (found) return found;
  throw usage(verb, `--${option} '${value}' is none of ${words.join(', ')}${didYouMean(value, words)}`);
}

/** The names in front of files: `h` of `h=h.npy`. */
export const namesIn = (verb: string, option: string, specs: readonly string[]): string[] =>
  specs.flatMap(spec => fileArgument(spec, verb, option).name ?? []);

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
