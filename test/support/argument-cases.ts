import {type Argument, type ArgumentTable, nameIn, pythonName} from '../../src/dialects/arguments';
import {before} from '../../src/dialects/version';
import {libraryNamed} from '../../src/libraries';
import {argumentsOf, classesOf} from '../../src/libraries/entries';
import {COMMON} from '../../src/libraries/keras/plain/parts';
import {REFUSED} from '../../src/libraries/keras/plain/refused';
import {CELL_COMMON} from '../../src/libraries/keras/recurrent';
import type {Library} from '../../src/libraries/library';
import {ANY_LIBRARY} from '../../src/libraries/shared-layers';
import {baseOf, type Data, VALUES} from './argument-bases';

/* Every argument of every layer of a release of Keras, each with a value that is not its default. */

type Config = Readonly<Record<string, unknown>>;

/** A layer with one argument changed, or (`argument` absent) as it is without. */
export interface ArgumentCase {
  /** `LSTM in Bidirectional: go_backwards=true` */
  readonly id: string;
  /** That of the case with nothing changed. */
  readonly base: string;
  readonly argument?: string;
  readonly spec?: Argument;
  readonly python?: string;
  readonly value?: unknown;
  readonly className: string;
  readonly config: Config;
  readonly inputs: readonly Data[];
  readonly masked: boolean;
  readonly followed: boolean;
  readonly call: readonly string[];
  /** How many tensors it gives. */
  readonly outputs: number;
}

/** How a class is tried, beside by itself. */
interface Setting {
  readonly title: string;
  readonly args?: Config;
  readonly masked?: boolean;
  /** Which arguments are tried; absent: all. */
  readonly tries?: (argument: string) => boolean;
  /** What holds the layer. */
  readonly holds?: (className: string, config: Config) => {className: string; config: Config};
}

/** A layer within another, as each age writes it. */
const serial = (className: string, config: Config, release: string): Config =>
  before(release, '1')
    ? {name: className, ...config}
    : {
        class_name: className,
        config: {name: 'inner', ...config},
        ...(before(release, '3') ? {} : {module: 'keras.layers', registered_name: null}),
      };

/** Arguments of modes. */
const MERGES: Setting[] = [
  {title: '', tries: name => !['concatAxis', 'dotAxes'].includes(name)},
  {title: ' concat', args: {mode: 'concat'}, tries: name => name === 'concatAxis'},
  {title: ' dot', args: {mode: 'dot', dotAxes: [2, 2]}, tries: name => name === 'dotAxes'},
];

function settingsOf(library: Library, className: string, release: string): Setting[] {
  const alone: Setting = {title: ''};
  const inside = (wrapper: string, key = 'layer'): Setting => ({
    title: ` in ${wrapper}`,
    holds: (name, config) => ({className: wrapper, config: {[key]: serial(name, config, release)}}),
  });
  if (library.cells.some(({dialect}) => dialect.className === className)) return [inside('RNN', 'cell')];
  if (className === 'Merge') return MERGES;
  const settings = [alone];
  const known = argumentsOf(library, className) ?? {};
  if ('goBackwards' in known && !/ConvLSTM[13]D|^RNN$/.test(className)) {
    settings.push({title: ' backwards', args: {goBackwards: true}});
    settings.push({title: ' without sequences', args: {returnSequences: false}});
    if (!before(release, '1')) settings.push(inside('Bidirectional'));
  }
  if (['Dense', 'Conv1D', 'Convolution1D'].includes(className) && !before(release, '0.3')) {
    settings.push(inside('TimeDistributed'));
  }
  return settings;
}

/** Names that are those of another class. */
const isAlias = (className: string): boolean => /^Unified|V[12]$|^GroupedQuery/.test(className);

/** The layers and cells of a library that a release has, with their arguments. */
function tablesOf(library: Library, release: string): [string, ArgumentTable][] {
  const layers = classesOf(library).flatMap((className): [string, ArgumentTable][] => {
    const table = ANY_LIBRARY.has(className) ? undefined : argumentsOf(library, className);
    const plain = library.plainLayers.get(className);
    const isThere = (!plain || nameIn(plain.className, release) === className) && !isAlias(className);
    return table && isThere && !REFUSED.includes(plain!) ? [[className, table]] : [];
  });
  const cells = library.cells.map(({dialect}): [string, ArgumentTable] => [
    dialect.className,
    {...CELL_COMMON, ...dialect.arguments},
  ]);
  return [...layers, ...cells];
}

/** All cases of a release, each base before what is changed in it. */
export function casesOf(release: string): ArgumentCase[] {
  const library = libraryNamed(`keras${Number.parseInt(release, 10)}`);
  return tablesOf(library, release).flatMap(([className, table]) =>
    settingsOf(library, className, release).flatMap(setting => casesIn(className, table, setting, release)),
  );
}

function casesIn(className: string, table: ArgumentTable, setting: Setting, release: string): ArgumentCase[] {
  const base = baseOf(className, setting.title);
  const given = {...base.args, ...setting.args};
  const own = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const spec = table[name];
      const python = spec && pythonName(name, spec, release);
      // 1.x has a number where a list would have one item.
      const isOne = spec?.count === 1 && Array.isArray(value) && before(release, '2');
      return python ? [[python, isOne ? value[0] : value] as const] : [];
    }),
  );
  const title = `${className}${setting.title}`;
  const held = HELD[className]?.(release) ?? {};
  const make = (config: Config, more: Partial<ArgumentCase> = {}): ArgumentCase => {
    const whole = {...held, ...own, ...config};
    const {className: outer, config: all} = setting.holds?.(className, whole) ?? {className, config: whole};
    return {
      id: title,
      base: title,
      className: outer,
      config: all,
      inputs: base.inputs ?? [{shape: [2, 4, 3]}],
      masked: base.masked ?? false,
      followed: base.followed ?? false,
      call: base.call ?? [],
      outputs: outputsOf(outer, all),
      ...more,
    };
  };
  const changed = Object.entries(table).flatMap(([argument, spec]) => {
    const python = pythonName(argument, spec, release);
    const isCommon = Object.values(COMMON).includes(spec as never) && !['Dense', 'LSTM'].includes(title);
    if (!python || isCommon || setting.tries?.(argument) === false) return [];
    return valuesOf(className, argument, spec, own[python], release).map(value =>
      make(
        {[python]: value},
        {id: `${title}: ${python}=${JSON.stringify(value)}`, argument, spec, python, value},
      ),
    );
  });
  return [make({}), ...changed];
}

/** What is in configs beside arguments that matter: what wrappers hold. */
const HELD: Readonly<Record<string, (release: string) => Config>> = {
  // tf.keras reads no config without them.
  MultiHeadAttention: release =>
    before(release, '3') ? {query_shape: null, key_shape: null, value_shape: null} : {},
  Merge: release =>
    before(release, '1')
      ? {mode: 'sum', concat_axis: -1, dot_axes: -1}
      : {
          mode: 'sum',
          mode_type: 'raw',
          concat_axis: -1,
          dot_axes: -1,
          output_shape: null,
          output_shape_type: 'raw',
        },
  Bidirectional: release => ({layer: serial('LSTM', recurrent(release), release)}),
  RNN: release => ({cell: serial('LSTMCell', {units: 3}, release)}),
  TimeDistributed: release => ({layer: serial('Dense', dense(release), release)}),
  SpectralNormalization: release => ({layer: serial('Dense', {units: 3}, release)}),
};
const dense = (release: string): Config => (before(release, '2') ? {output_dim: 3} : {units: 3});
const recurrent = (release: string): Config => ({...dense(release), return_sequences: true});

/** How many tensors come out. */
function outputsOf(className: string, config: Config): number {
  const inner = (config.layer ?? config.cell ?? {}) as {class_name?: string; config?: Config};
  const states = /LSTM/.test(`${className}${inner.class_name}`) ? 2 : 1;
  if (className !== 'Bidirectional') return config.return_state === true ? 1 + states : 1;
  const own = 'merge_mode' in config && config.merge_mode === null ? 2 : 1;
  return inner.config?.return_state === true ? own + 2 * states : own;
}

/** Values that are not an argument's own. */
function valuesOf(
  className: string,
  name: string,
  spec: Argument,
  given: unknown,
  release: string,
): readonly unknown[] {
  const told = VALUES[`${className}.${name}`] ?? VALUES[name];
  if (told) return told;
  const now = given ?? spec.fallback(release);
  switch (spec.kind) {
    case 'integer':
      return [name === 'implementation' && now === 2 ? 1 : numberOr(now, 1) + 1];
    case 'number':
      return [numberOr(now, 0.5) + 0.25];
    case 'integers':
      return [othersThan(now, spec)];
    case 'boolean':
      return [!now];
    case 'choice':
      return spec.choices!.filter(one => one !== now && isOf(one, release));
    case 'activation':
      return [now === 'softsign' ? 'relu' : 'softsign'];
    case 'initializer':
      return [initializerOf(JSON.stringify(now), release)];
    case 'regularizer':
      return [regularizerOf(name, release)];
    case 'constraint':
      return [before(release, '2') ? {name: 'NonNeg'} : {class_name: 'NonNeg', config: {}}];
    default:
      return otherOf(className, name);
  }
}

const numberOr = (value: unknown, fallback: number): number => (typeof value === 'number' ? value : fallback);

function othersThan(now: unknown, {count = 1}: Argument): unknown {
  if (typeof now === 'number') return now + 1;
  return Array.isArray(now) ? now.map((n: number) => n + 1) : new Array(count).fill(2);
}

/** Each age has its own words for the order of axes. */
function isOf(choice: string, release: string): boolean {
  if (choice === 'default') return false;
  if (['th', 'tf'].includes(choice)) return before(release, '2');
  return !/^channels_/.test(choice) || !before(release, '2');
}

function initializerOf(now: string, release: string): string {
  const value = /one/.test(now) ? 'zero' : 'one';
  return before(release, '2') ? value : `${value}s`;
}

function regularizerOf(name: string, release: string): object {
  if (before(release, '2')) {
    return {
      name: name === 'activityRegularizer' ? 'ActivityRegularizer' : 'WeightRegularizer',
      l1: 0,
      l2: 0.1,
    };
  }
  return {
    class_name: before(release, '3') ? 'L1L2' : 'L2',
    config: before(release, '3') ? {l1: 0, l2: 0.1} : {l2: 0.1},
  };
}

/** Of an argument that may be anything, somebody has to say another value. */
function otherOf(className: string, name: string): readonly unknown[] {
  if (name === 'implementation') return [2];
  throw new Error(`no other value of ${className}'s ${name} is known; expected one in argument-bases.ts`);
}
