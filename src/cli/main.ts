import {CarryoverError, printable} from '../errors';
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
  const [first, ...rest] = args;
  try {
    if (first === undefined)
      throw new CarryoverError('E_USAGE', `no verb given; expected one of ${VERBS.join(', ')}`);
    if (first === '--version' || rest.includes('--version')) {
      print((await import('./version')).version());
      return 0;
    }
    if (first === '--help' || first === '-h' || first === 'help') {
      print(help(VERBS.find(name => name === rest[0])));
      return 0;
    }
    const verb = VERBS.find(name => name === first);
    if (!verb) {
      throw new CarryoverError('E_USAGE', `there is no verb '${first}'; expected one of ${VERBS.join(', ')}`);
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      print(help(verb));
      return 0;
    }
    return await (await RUN[verb]())(rest);
  } catch (error) {
    if (rest.includes('--json')) printJson({error: errorObject(error)});
    note(errorLine(error));
    if (process.env.CARRYOVER_DEBUG === '1' && error instanceof Error) error.stack?.split('\n').forEach(note);
    return BAD_INPUT;
  }
}

/** For programs: without a code where Carryover did not foresee it. */
function errorObject(error: unknown): object {
  return error instanceof CarryoverError ? error : {message: printable(messageOf(error))};
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One line, whatever was thrown. */
function errorLine(error: unknown): string {
  const message = printable(messageOf(error));
  if (error instanceof CarryoverError) return `carryover: ${message} (${error.code})`;
  return `carryover: unexpected: ${message} (CARRYOVER_DEBUG=1 shows where)`;
}
