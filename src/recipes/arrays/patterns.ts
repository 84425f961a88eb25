import {type ArgumentTable, pythonName, readArguments} from '../../dialects/arguments';
import type {Dialect, ExtraInput, LayerRecurrence} from '../../dialects/dialect';
import {libraryNamed} from '../../libraries';
import type {Library} from '../../libraries/library';
import type {PlainPattern} from '../../libraries/patterns';
import {type FoundSizes, type Layout, layoutOf} from './layout';

type Config = Readonly<Record<string, unknown>>;

/** A layer that arrays can be: their roles and layouts, and the arguments with which the library has such arrays. */
export interface Pattern {
  readonly kind: PlainPattern['kind'] | 'recurrent';
  readonly library: string;
  readonly className: string;
  readonly layouts: readonly Layout[];
  config(sizes: FoundSizes): Config;
  readonly plain?: PlainPattern;
  readonly recurrent?: RecurrentPattern;
}

/** What else there is to say of a recurrent layer. */
export interface RecurrentPattern {
  readonly dialect: Dialect;
  /** Initial states that are not among the arrays: the library takes them from other layers. */
  readonly states: readonly ExtraInput[];
  /** The arguments with which it puts out every step, or the last one alone; undefined where it has no choice. */
  readonly sequences?: {readonly every: Config; readonly last: Config};
  /** Whether it puts out every step where nothing is said. */
  readonly everyStep: boolean;
  /** The arguments with which it runs backwards; none where it cannot. */
  readonly backwards: Config;
  /** How the library has a layer in both directions: a wrapper, or two layers whose outputs are joined. */
  readonly pairs?: 'wrapped' | 'joined';
}

/** Every layer of a library that arrays alone can tell, those of which more is told first. */
export function patternsOf(library: Library, version: string): Pattern[] {
  const recurrent = library.layers
    .flatMap(({dialect}) => variantsOf(dialect, version))
    .map(found => (library.filePatterns?.bidirectional ? wrapped(found) : found));
  const plain = (library.filePatterns?.plain ?? []).flatMap(pattern =>
    plainPatterns(pattern, library, version),
  );
  return [...recurrent, ...plain];
}

/** A plain layer with its bias, and without where it can do so. */
function plainPatterns(plain: PlainPattern, around: Library, version: string): Pattern[] {
  const {kind, className, sizes, linear, withoutBias} = plain;
  const library = plain.library === undefined ? around : libraryNamed(plain.library);
  const {arguments: table, arrays} = library.plainLayers.get(className)!;
  const release = library === around ? version : library.defaultVersion;
  return [{}, withoutBias].flatMap(bias => {
    if (bias === undefined) return [];
    const settings = {...linear, ...bias};
    const measured = (values: FoundSizes): Config =>
      Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, values[size]]));
    const args = readArguments(table, {...settings, ...measured({input: 1, units: 1})}, release, className);
    const [stored = []] = arrays?.(args, release) ?? [];
    const layouts = stored.map((array, k): Layout => {
      const {name, row} = typeof array === 'string' ? {name: array, row: false} : array;
      const matrix = kind !== 'normalization' && k === 0;
      return {role: name, rows: matrix ? ['input'] : row ? [1] : [], blocks: 1};
    });
    const config = (values: FoundSizes): Config =>
      inPython({...measured(values), ...settings}, table, release);
    return [{kind, library: library.name, className, layouts, config, plain}];
  });
}

const wrapped = (found: Pattern): Pattern => ({
  ...found,
  recurrent: {...found.recurrent!, pairs: 'wrapped'},
});

/** A recurrent layer with each choice of arguments that changes which arrays it has. */
function variantsOf(dialect: Dialect, version: string): Pattern[] {
  const layouts = (config: Config): Layout[] => {
    const args = readArguments(dialect.arguments, config, version, dialect.className);
    return dialect.arrays(args, version).map(layoutOf);
  };
  const plainest = JSON.stringify(layouts({}));
  const choices = choicesOf(dialect).filter(choice =>
    choice.some(config => JSON.stringify(layouts(config)) !== plainest),
  );
  const found = new Map<string, Config>();
  for (const config of combinations(choices)) {
    const key = JSON.stringify(layouts(config));
    if (!found.has(key)) found.set(key, config);
  }
  return [...found.values()].map(config => pattern(dialect, version, config, layouts(config)));
}

/** The values that an argument can take, each as a config; the default, which says nothing, comes first. */
function choicesOf({arguments: table, inputs = []}: Dialect): Config[][] {
  const named = Object.entries(table).flatMap(([name, {kind, choices = []}]) => {
    const values = kind === 'boolean' ? [false, true] : kind === 'choice' ? choices : [];
    return values.length === 0 ? [] : [[{}, ...values.map(value => ({[name]: value}))]];
  });
  const states = inputs.flatMap(({role, argument}) =>
    argument === undefined || role === 'mask' ? [] : [[{}, {[argument]: `state.${role}`}]],
  );
  return [...named, ...states];
}

function combinations(choices: readonly (readonly Config[])[]): Config[] {
  return choices.reduce<Config[]>(
    (all, choice) => all.flatMap(config => choice.map(one => ({...config, ...one}))),
    [{}],
  );
}

function pattern(dialect: Dialect, version: string, config: Config, layouts: Layout[]): Pattern {
  const {arguments: table, inputs = [], library, className} = dialect;
  const args = readArguments(table, config, version, className);
  const meant = {...dialect.recurrence(args, version), units: 0, returnSequences: false};
  const saying = (change: Partial<LayerRecurrence>, from: LayerRecurrence = meant): Config =>
    inPython(changed(dialect, from, change), table, version);
  const [every, last] = [
    saying({returnSequences: true}),
    saying({returnSequences: false}, {...meant, returnSequences: true}),
  ];
  const backwards = changed(dialect, meant, {direction: 'backward'});
  const {needsMask} = dialect.behaviour({...args, ...backwards}, version);
  // Outputs are joined where they are in time order again.
  const joins = Object.keys(backwards).length > 0 && meant.outputOrder === 'time' && !needsMask;
  return {
    kind: 'recurrent',
    library,
    className,
    layouts,
    config: ({units}) => ({...saying({units}), ...inPython(config, table, version)}),
    recurrent: {
      dialect,
      states: inputs.filter(({argument = ''}) => config[argument] !== undefined),
      sequences: Object.keys(every).length > 0 ? {every, last} : undefined,
      everyStep: dialect.behaviour(args, version).returnSequences,
      backwards: inPython(backwards, table, version),
      pairs: joins ? 'joined' : undefined,
    },
  };
}

/** Arguments as Python spells them; names that are Python's already stay. */
const inPython = (words: Config, table: ArgumentTable, version: string): Config =>
  Object.fromEntries(
    Object.entries(words).map(([name, value]) => [
      table[name] ? pythonName(name, table[name], version) : name,
      value,
    ]),
  );

/** The arguments that say something else of a recurrence than they did. */
function changed(dialect: Dialect, meant: LayerRecurrence, change: Partial<LayerRecurrence>): Config {
  const before = dialect.fromRecurrence(meant);
  const after = dialect.fromRecurrence({...meant, ...change});
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => typeof value !== 'object' && value !== before[name]),
  );
}
