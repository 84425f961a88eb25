import {existsSync, readFileSync} from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import {type ArgumentCase, casesOf} from './support/argument-cases';
import {WITHOUT_EFFECT} from './support/argument-reasons';
import {type Digest, effects, type Run, run, type Shapes, same} from './support/argument-runs';

// Without the greeting of tfjs' cpu backend.
tf.enableProdMode();

// Every argument of every layer gets another value: the result is Keras' own (fixtures/arguments/record.py), or the argument
// is refused by its name, or noted, or there is a reason why nothing changes.

/** Those of each age with which Keras itself was asked come first: others have what differs from them. */
const RELEASES = [
  ...['0.3.3', '0.2.0', '1.2.2', '1.1.2', '1.0.8', '2.15.0', '2.3.1', '2.0.9', '2.2.4', '2.6.0', '2.10.0'],
  ...['3.15.1', '3.0.5', '3.6.0'],
];

/** Shapes of arrays and the digest of outputs; null where they are those of the base, an error's class where Keras refuses. */
type Recorded = readonly [Shapes | null, Digest | null] | string;

const recordedIn = (release: string): Readonly<Record<string, Recorded>> => {
  const path = `fixtures/arguments/results/${release}.json`;
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
};

/** What Keras gives for a case. */
function expectedOf(
  one: ArgumentCase,
  all: Readonly<Record<string, Recorded>>,
): {shapes: Shapes; digest: Digest} | undefined {
  const [own, base] = [all[one.id], all[one.base]];
  if (!own || !base || typeof own === 'string' || typeof base === 'string') return undefined;
  return {shapes: (own[0] ?? base[0])!, digest: (own[1] ?? base[1])!};
}

/** What a release has been tried with before, of the same age. */
const tried = new Set<string>();

const isNew = (one: ArgumentCase, release: string): boolean => {
  const key = `${release.split('.')[0]} ${one.id} ${JSON.stringify(one.config)}`;
  return !tried.has(key) && Boolean(tried.add(key));
};

/** What is wrong with a refusal. */
function faultOf(error: unknown, {python, argument}: ArgumentCase): string | undefined {
  if (!(error instanceof CarryoverError)) return `fails with ${(error as Error).message}`;
  if (error.layer === undefined) return `is refused without its layer: ${error.message}`;
  const isNamed = [python!, argument!].some(name => error.message.includes(name));
  return isNamed ? undefined : `is refused without its name: ${error.message}`;
}

/** Whether a reason is known why nothing changes. */
const hasReason = ({className, argument, spec, id}: ArgumentCase, release: string): boolean => {
  const own = id.split(/[ :]/)[0]!;
  const places = [own, className, `keras${release[0]}`, release].map(place => `${place}.${argument}`);
  return [argument!, ...places].some(key => Object.hasOwn(WITHOUT_EFFECT, key)) && spec !== undefined;
};

/** What is wrong with a case; undefined where all is well. */
function tryOut(
  one: ArgumentCase,
  release: string,
  base: Base,
  all: Readonly<Record<string, Recorded>>,
): string | undefined {
  const expected = expectedOf(one, all);
  let found: Run;
  try {
    found = run(one, release, expected?.shapes);
  } catch (error) {
    // With some arguments, which files do not show, Keras has more arrays while it runs.
    const hasMore = expected && error instanceof CarryoverError && error.code === 'E_WEIGHTS';
    return hasMore ? tryOut(one, release, base, {}) : faultOf(error, one);
  }
  const before = base.run(expected !== undefined);
  const noted = found.notes.some(note => !before.notes.includes(note));
  // Types other than float32 are noted, and their results rounded.
  if (expected && !noted && !same(found.digest, expected.digest)) return 'gives other numbers than Keras';
  if (!same(found.digest, before.digest)) {
    return one.spec!.role === 'meant' ? undefined : 'changes the result, and is declared harmless';
  }
  if (noted || hasReason(one, release)) return undefined;
  const now = effects(one, release);
  const changed = Object.keys(now).some(name => now[name] !== base.effects()[name]);
  return changed ? undefined : 'changes nothing, and nothing is said of it';
}

/** What a layer does with nothing changed. */
interface Base {
  /** @param recorded with the arrays of Keras, not those of tfjs */
  readonly run: (recorded: boolean) => Run;
  readonly effects: () => Readonly<Record<string, string>>;
}

/** Asked once, and only where somebody asks. */
function once<T>(action: () => T): () => T {
  let known: {readonly value: T} | undefined;
  return () => {
    known ??= {value: action()};
    return known.value;
  };
}

function baseOf(one: ArgumentCase, release: string, shapes: Shapes | undefined): Base {
  const [plain, recorded] = [once(() => run(one, release)), once(() => run(one, release, shapes))];
  return {run: isRecorded => (isRecorded ? recorded() : plain()), effects: once(() => effects(one, release))};
}

for (const release of RELEASES) {
  test(`every argument of every layer of Keras ${release} is done, refused, noted or without effect`, t => {
    const all = recordedIn(release);
    const bases = new Map<string, Base>();
    const faults: string[] = [];
    let count = 0;
    for (const one of casesOf(release)) {
      if (one.argument === undefined) {
        const expected = expectedOf(one, all);
        const base = baseOf(one, release, expected?.shapes);
        bases.set(one.id, base);
        if (expected && !same(base.run(true).digest, expected.digest)) {
          faults.push(`${one.id}: gives other numbers than Keras`);
        }
      } else if (isNew(one, release) || expectedOf(one, all)) {
        count++;
        const fault = tryOut(one, release, bases.get(one.base)!, all);
        if (fault) faults.push(`${one.id}: ${fault}`);
      }
    }
    t.deepEqual(faults, []);
    t.log(`${count} values, ${Object.keys(all).length} of them with Keras itself`);
  });
}
