import {CarryoverError, printable} from '../errors';
import {didYouMean} from '../nearest';
import {help, VERBS, type Verb} from './help';
import type {Outcome} from './outcome';
import {note, print, printJson} from './output';

const BAD_INPUT = 2;

type Run = (args: readonly string[]) => Promise<Outcome>;

/** Verbs are loaded when asked for: tfjs takes its time. */
const RUN: Readonly<Record<Verb, () => Promise<Run>>> = {
  inspect: async () => (await import('./inspect')).inspect,
  run: async () => (await import('./run')).run,
  verify: async () => (await import('./verify')).verify,
  convert: async () => (await import('./convert')).convert,
  bench: async () => (await import('./bench/bench')).bench,
  'setup-native': async () => (await import('./setup-native')).setUpNative,
};

/**
 * Runs the command line.
 * @returns the exit status: 0 done, 1 a check failed, 2 bad usage or bad input
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await perform(args);
  } catch (error) {
    note(errorLine(error));
    if (process.env.CARRYOVER_DEBUG === '1' && error instanceof Error) error.stack?.split('\n').forEach(note);
    if (args.includes('--json')) printJson({error: errorObject(error)});
    return BAD_INPUT;
  }
}

const VERSION_WORDS = ['--version', '-v', '-V', 'version'];
const HELP_WORDS = ['--help', '-h', 'help'];

async function perform([first, ...rest]: readonly string[]): Promise<Outcome> {
  if (first === undefined)
    throw new CarryoverError('E_USAGE', `no verb given; expected one of ${VERBS.join(', ')}`);
  if (VERSION_WORDS.includes(first) || rest.includes('--version')) {
    print((await import('../engines/shared')).RELEASE);
    return 0;
  }
  if (HELP_WORDS.includes(first)) {
    print(help(rest[0] === undefined ? undefined : verbNamed(rest[0])));
    return 0;
  }
  const verb = verbNamed(first);
  if (rest.includes('--help') || rest.includes('-h')) {
    print(help(verb));
    return 0;
  }
  return (await RUN[verb]())(rest);
}

function verbNamed(word: string): Verb {
  const verb = VERBS.find(name => name === word);
  if (verb) return verb;
  const near = didYouMean(word, VERBS);
  throw new CarryoverError(
    'E_USAGE',
    `there is no verb '${word}'${near}; expected one of ${VERBS.join(', ')}; see: carryover --help`,
  );
}

/** One line, whatever was thrown. */
function errorLine(error: unknown): string {
  if (error instanceof CarryoverError) return `carryover: ${error.message} (${error.code})`;
  return `carryover: unexpected: ${messageOf(error)} (CARRYOVER_DEBUG=1 shows where)`;
}

/** What is known of a failure, for programs; an error that is not Carryover's has no code. */
function errorObject(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof CarryoverError ? error.toJSON() : {message: messageOf(error)};
}

const messageOf = (error: unknown): string =>
  printable(error instanceof Error ? error.message : String(error));
