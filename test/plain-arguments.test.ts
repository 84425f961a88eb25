import {readFileSync} from 'node:fs';
import test from 'ava';
import {type Argument, nameIn, pythonName, snake, spellings} from '../src/dialects/arguments';
import {before} from '../src/dialects/version';
import {libraryNamed} from '../src/libraries';
import {KERAS_LAYERS} from '../src/libraries/keras/plain';
import {COMMON} from '../src/libraries/keras/plain/parts';
import type {PlainLayer} from '../src/libraries/plain';

// What Keras' own sources say of the arguments of its layers (fixtures/arguments/generate.py).

interface Signature {
  readonly takes: Readonly<Record<string, unknown>>;
  readonly writes?: readonly string[];
}
type History = Readonly<Record<string, Signature | null>>;

const recorded: ReadonlyMap<string, History> = new Map(
  Object.entries(JSON.parse(readFileSync('fixtures/arguments/keras.json', 'utf8'))),
);
const RELEASES = [...new Set([...recorded.values()].flatMap(history => Object.keys(history)))].sort((a, b) =>
  before(a, b) ? -1 : 1,
);

/** Classes that files call otherwise than Python. */
const IN_PYTHON: Readonly<Record<string, string>> = {GroupQueryAttention: 'GroupedQueryAttention'};

/** The signature in force in a release; undefined where it has no such class. */
function signatureOf(className: string, release: string): Signature | undefined {
  const history = recorded.get(IN_PYTHON[className] ?? className) ?? {};
  const last = RELEASES.findLast(one => !before(release, one) && one in history);
  return last === undefined ? undefined : (history[last] ?? undefined);
}

/** Every class of Keras that is declared, in every release that has it. */
const declared = [...KERAS_LAYERS].flatMap(([className, declaration]) =>
  RELEASES.flatMap(release => {
    const signature = signatureOf(className, release);
    return signature ? [{className, declaration, release, signature}] : [];
  }),
);

const namesIn = ({takes, writes = []}: Signature): string[] => [...Object.keys(takes), ...writes];

/** The declared argument of a name in Python. */
function argumentOf(
  declaration: Pick<PlainLayer, 'arguments'>,
  python: string,
): [string, Argument] | undefined {
  return Object.entries(declaration.arguments).find(([name, spec]) => spellings(name, spec).includes(python));
}

test('there are recorded signatures of fourteen releases, and most declared classes are in several', t => {
  t.is(RELEASES.length, 14);
  t.true(declared.length > 8 * KERAS_LAYERS.size);
});

test('every argument that Keras has in any release, or writes into configs, is declared', t => {
  const missing = declared.flatMap(({className, declaration, release, signature}) =>
    [...namesIn(signature), ...namesIn(signatureOf('Layer', release)!)]
      .filter(name => argumentOf(declaration, name) === undefined)
      .map(name => `${className} of ${release}: ${name}`),
  );
  t.deepEqual(missing, []);
});

test('a class is declared for the releases that have it', t => {
  const odd = [...KERAS_LAYERS].flatMap(([className, {className: names}]) =>
    RELEASES.filter(release => {
      const there = signatureOf(className, release) !== undefined;
      return (nameIn(names, release) === className) !== there;
    }).map(release => `${className} of ${release}`),
  );
  t.deepEqual(odd, []);
});

test('arguments that mean something are declared for the releases that have them', t => {
  const odd = declared.flatMap(({className, declaration, release, signature}) => {
    const names = namesIn(signature);
    return Object.entries(declaration.arguments).flatMap(([name, spec]) => {
      if (spec.role !== 'meant' || name in COMMON) return [];
      const told = pythonName(name, spec, release);
      const found = spellings(name, spec).filter(spelling => names.includes(spelling));
      const same = told === undefined ? found.length === 0 : found.includes(told);
      return same ? [] : [`${className} of ${release}: ${told} should be ${found}`];
    });
  });
  t.deepEqual(odd, []);
});

const uncapitalised = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** One way to say what Keras says in several: zero and Zeros, no activation and linear, 1 and (1, 1). */
function normal(value: unknown, kind: Argument['kind']): unknown {
  if (kind === 'activation') return snake(String(value ?? 'linear'));
  if (kind === 'initializer') return snake(uncapitalised(String(value))).replace(/s$/, '');
  const flat = [value].flat(2);
  return flat.every(item => item === flat[0]) ? (flat[0] ?? null) : value;
}

/** Recurrent layers and their cells, as `declared` has the others; TensorFlow 1's cells have the names of Keras'. */
const recurrent = ['keras0', 'keras1', 'keras2', 'keras3'].flatMap(name => {
  const {layers, cells} = libraryNamed(name);
  return [...layers, ...cells].flatMap(({dialect: {className, arguments: table}}) =>
    RELEASES.filter(release => release.startsWith(name.slice(-1))).flatMap(release => {
      const signature = signatureOf(className, release);
      const isKeras = signature && !('num_units' in signature.takes);
      // Of TensorFlow 2.6 the sources of its first LSTM and GRU were recorded, and 0.1 alone has a default for sizes.
      const isOther = release === '2.6.0' && ['LSTM', 'GRU'].includes(className);
      const {outputDim: _, ...others} = table;
      return isKeras && !isOther
        ? [{className, declaration: {arguments: name === 'keras0' ? others : table}, release, signature}]
        : [];
    }),
  );
});

test('defaults are those of the release', t => {
  t.true(recurrent.length > 60);
  const odd = [...declared, ...recurrent].flatMap(({className, declaration, release, signature}) =>
    Object.entries(signature.takes).flatMap(([python, value]) => {
      const [name, spec] = argumentOf(declaration, python) ?? [];
      const isCode = typeof value === 'string' && value.startsWith('<') && value !== '<required>';
      // The ordering of images follows from a configuration file where a release leaves it open.
      const isOpen =
        ['dim_ordering', 'data_format'].includes(python) && (value === null || value === 'default');
      if (!name || !spec || python !== pythonName(name, spec, release)) return [];
      if (name in COMMON || isCode || isOpen || spec.role === 'harmless') return [];
      const ours = spec.fallback(release);
      const same =
        value === '<required>'
          ? ours === undefined || spec.kind === 'other'
          : JSON.stringify(normal(ours, spec.kind)) === JSON.stringify(normal(value, spec.kind));
      return same ? [] : [`${className} of ${release}: ${python} is ${ours}, should be ${value}`];
    }),
  );
  t.deepEqual(odd, []);
});
