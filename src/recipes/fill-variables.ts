import {readArguments} from '../dialects/arguments';
import {CarryoverError} from '../errors';
import {findLibrary} from '../libraries';
import type {PlainPattern} from '../libraries/patterns';
import type {Architecture, CellRecord, LayerRecord} from '../model/architecture';
import {cellsFromNames, type FoundCell} from './names/cells';
import {type ArrayChoice, modelArrays, type NamedShape} from './names/model-arrays';
import {type FoundPlain, plainFromNames} from './names/plain';

/** A cell of a recipe that waits for its arrays. */
interface Slot {
  /** What is before its roles: `fw/cell_0/`. */
  readonly prefix: string;
  readonly className: string;
  readonly config: CellRecord['config'];
  readonly direction?: 'fw' | 'bw';
  readonly index?: number;
}

const SIDES: Readonly<Record<string, Pick<Slot, 'prefix' | 'direction'>>> = {
  cell: {prefix: ''},
  cell_fw: {prefix: 'fw/', direction: 'fw'},
  cell_bw: {prefix: 'bw/', direction: 'bw'},
};

/** Cells of which checkpoints cannot tell one from another. */
const KIN: readonly (readonly string[])[] = [
  ['BasicLSTMCell', 'LSTMCell', 'LSTMBlockCell', 'LSTMBlockFusedCell', 'CudnnCompatibleLSTMCell'],
  ['GRUCell', 'GRUBlockCell', 'GRUBlockCellV2'],
];

/** Roles of GRUBlockCell before 1.4, and GRUCell's. */
const BLOCK_ROLES: Readonly<Record<string, string>> = {
  w_ru: 'gates/kernel',
  b_ru: 'gates/bias',
  w_c: 'candidate/kernel',
  b_c: 'candidate/bias',
};

/**
 * Names the arrays of a recipe's `tf1` layers, and of the Embedding and Dense layers beside them, where the recipe leaves
 * `variables` out and the names and shapes in the file decide. What a recipe names itself is left as it is, and files
 * without TensorFlow's cells are left alone.
 *
 * @param arrays those of the weight file
 * @throws CarryoverError E_WEIGHTS where no arrays fit a layer, or those of several cells do
 */
export function fillVariables(
  architecture: Architecture,
  arrays: readonly NamedShape[],
  choice?: ArrayChoice,
): Architecture {
  const wanting = architecture.layers.filter(layer => slotsOf(layer).length > 0);
  const plain = architecture.layers.filter(isPlainWithout);
  if (wanting.length === 0 && (plain.length === 0 || !architecture.layers.some(runsCells)))
    return architecture;

  const named = new Set(architecture.layers.flatMap(({variables}) => Object.values(variables ?? {}).flat()));
  const cells = cellsFromNames(arrays, choice);
  const filler = new Filler(
    cells.filter(
      cell =>
        !Object.values(cell.variables)
          .flat()
          .some(name => named.has(name)),
    ),
    arrays.map(({name}) => name),
  );
  const sequences = new Map(wanting.map(layer => [layer, filler.sequence(layer)]));
  const free = modelArrays(arrays, choice).filter(({name}) => !named.has(name));
  const others = plainFromNames(free, cells, choice).layers;
  const layers = architecture.layers.map(layer => {
    const filled = sequences.get(layer);
    if (filled) return filled;
    return plain.includes(layer) ? fillPlain(layer, others) : layer;
  });
  return {...architecture, layers};
}

/** Whether a layer is of a library whose layers run cells: checkpoints tell those by their names. */
const runsCells = ({library}: LayerRecord): boolean => findLibrary(library)?.ports !== undefined;

/** How arrays tell a plain layer, where they do. */
const patternOf = ({library, className}: LayerRecord): PlainPattern | undefined =>
  findLibrary(library)?.filePatterns?.plain.find(
    pattern => pattern.className === className && PLAIN_CLASSES[pattern.kind] !== undefined,
  );

/** What names and shapes suggest, by kind. */
const PLAIN_CLASSES: Readonly<Partial<Record<PlainPattern['kind'], FoundPlain['className']>>> = {
  dense: 'Dense',
  embedding: 'Embedding',
};

function isPlainWithout(layer: LayerRecord): boolean {
  return patternOf(layer) !== undefined && Object.keys(layer.variables ?? {}).length === 0;
}

/** The cells of a layer for which no array is named. */
function slotsOf(layer: LayerRecord): Slot[] {
  if (!runsCells(layer)) return [];
  const given = Object.keys(layer.variables ?? {});
  const {className, config, cells} = layer;
  const slots =
    className === 'LSTMBlockFusedCell'
      ? [{prefix: '', className, config}]
      : Object.entries(cells ?? {}).flatMap(([key, record]) => cellSlots(record, SIDES[key]!));
  return slots.filter(({prefix}) => !given.some(role => role.startsWith(prefix)));
}

function cellSlots(
  {className, config, cells}: CellRecord,
  side: Pick<Slot, 'prefix' | 'direction' | 'index'>,
): Slot[] {
  if (className !== 'MultiRNNCell') return [{...side, className, config}];
  return cells.flatMap((cell, index) =>
    cellSlots(cell, {...side, prefix: `${side.prefix}cell_${index}/`, index}),
  );
}

class Filler {
  constructor(
    private readonly cells: readonly FoundCell[],
    private readonly names: readonly string[],
  ) {}

  /** Every group of cells that could be this layer's; the one whose scope the layer is named for, if there are several. */
  sequence(layer: LayerRecord): LayerRecord {
    const slots = slotsOf(layer);
    const scopes = [...new Set(this.cells.map(({place}) => place.layer))];
    const fitting = scopes.flatMap(scope => this.fit(slots, scope) ?? []);
    const byName = fitting.filter(({scope}) => scope.split('/').includes(layer.name));
    const [found, ...more] = fitting.length > 1 && byName.length === 1 ? byName : fitting;
    if (found && more.length === 0) {
      return {...layer, variables: {...layer.variables, ...found.variables}};
    }
    const wanted = slots.map(({className, config}) => `${className}(${config.num_units ?? '?'})`).join(', ');
    const list = (found ? [found, ...more].flatMap(({cells}) => cells) : this.cells)
      .map(({scope, className, config}) => `'${scope}' (${className}, ${config.num_units} units)`)
      .join(', ');
    const what = found
      ? `the arrays of several cells fit ${wanted}: ${list}`
      : `no arrays fit ${wanted}; ${list ? `cells in the file: ${list}` : `the file has ${this.names.slice(0, 8).join(', ')}`}`;
    throw new CarryoverError('E_WEIGHTS', `${layer.where}: ${what}; name them in the recipe's "variables"`);
  }

  /** The cells of one scope, if each slot has exactly one. */
  private fit(
    slots: readonly Slot[],
    scope: string,
  ): {scope: string; cells: FoundCell[]; variables: Record<string, unknown>} | undefined {
    const here = this.cells.filter(({place}) => place.layer === scope);
    const cells: FoundCell[] = [];
    const variables: Record<string, unknown> = {};
    for (const slot of slots) {
      const fits = here.filter(cell => isFor(cell, slot));
      if (fits.length !== 1) return undefined;
      cells.push(fits[0]!);
      Object.assign(variables, rolesFor(fits[0]!, slot));
    }
    return {scope, cells, variables};
  }
}

function isFor({className, candidates, config, place}: FoundCell, slot: Slot): boolean {
  const kin = KIN.find(names => names.includes(slot.className)) ?? [slot.className];
  if (![className, ...candidates].some(name => kin.includes(name))) return false;
  if (place.direction !== slot.direction || (slot.index ?? 0) !== (place.index ?? 0)) return false;
  const units = slot.config.num_units ?? slot.config.cell_size;
  const peepholes = slot.config.use_peepholes === true || slot.config.use_peephole === true;
  const has = config.use_peepholes === true || config.use_peephole === true;
  return (
    (units === undefined || units === config.num_units) &&
    (slot.config.num_proj ?? undefined) === config.num_proj &&
    peepholes === has
  );
}

function rolesFor({variables}: FoundCell, {prefix, className}: Slot): Record<string, unknown> {
  const block = className === 'GRUBlockCell';
  const entries = Object.entries(variables).map(([role, name]) => {
    const own = block ? Object.keys(BLOCK_ROLES).find(key => BLOCK_ROLES[key] === role) : BLOCK_ROLES[role];
    return [prefix + (own ?? role), name] as const;
  });
  return Object.fromEntries(entries);
}

function fillPlain(layer: LayerRecord, found: readonly FoundPlain[]): LayerRecord {
  const {className} = layer;
  const {kind, sizes} = patternOf(layer)!;
  const library = findLibrary(layer.library)!;
  const version = layer.version ?? library.defaultVersion;
  const declaration = library.plainLayers.get(className)!;
  const args = readArguments(declaration.arguments, layer.config, version, layer.where, 'E_ARCHITECTURE');
  const fits = found.filter(other => {
    const own = {input: other.inputSize, units: other.outputSize};
    const sized = Object.entries(sizes).every(([name, size]) => args[name] === own[size]);
    return other.className === PLAIN_CLASSES[kind] && sized;
  });
  const byName = fits.filter(({scope}) => scope.split('/').includes(layer.name));
  const [one, ...more] = fits.length > 1 && byName.length === 1 ? byName : fits;
  if (one && more.length === 0) {
    const [stored = []] = declaration.arrays?.(args, version) ?? [];
    const roles = stored.map(array => (typeof array === 'string' ? array : array.name));
    return {
      ...layer,
      variables: Object.fromEntries(Object.values(one.variables).map((name, k) => [roles[k], name])),
    };
  }
  const list = (one ? fits : found)
    .map(
      ({variables, inputSize, outputSize}) =>
        `${Object.values(variables).join(' + ')} [${inputSize}, ${outputSize}]`,
    )
    .join(', ');
  throw new CarryoverError(
    'E_WEIGHTS',
    `${layer.where}: ${one ? 'several arrays fit' : 'no arrays fit'} this ${className}; there are ${list || 'none left'}; name them in the recipe's "variables"`,
  );
}
