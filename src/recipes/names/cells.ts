import {type ArrayChoice, modelArrays, type NamedShape, variableName} from './model-arrays';
import {byName, type Place, placeOf} from './place';
import {classOf, roleOf} from './roles';
import {type CellShape, type RoleShapes, shapeOf, shapesFit} from './shapes';

/** A cell that names and shapes give away. */
export interface FoundCell {
  /** The cell's own scope. */
  readonly scope: string;
  /** The class, by the scope's name; else by what its arrays can be. */
  readonly className: string;
  /** Every class that its arrays can be, the likeliest first; one where the names tell. */
  readonly candidates: readonly string[];
  /** Arguments that shapes tell: `num_units`, `num_proj`, `use_peepholes`, ... */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputSize: number;
  readonly outputSize: number;
  /** Role → name in the file, or names of the parts that a sharded weight is made of. */
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
  readonly place: Place;
}

/** What is tried where the scope's name tells no class: a kernel and a bias alone may be a Dense layer. */
const BY_ROLES: readonly string[] = [
  'LSTMCell',
  'GRUCell',
  'CudnnCompatibleGRUCell',
  'GRUBlockCell',
  'CoupledInputForgetGateLSTMCell',
  'LayerNormBasicLSTMCell',
  'NASCell',
  'IndyGRUCell',
  'IndyLSTMCell',
  'BasicLSTMCell',
];
/** A kernel and a bias that lie within such scopes are a cell's. */
const RECURRENT =
  /(?:^|\/)(?:rnn|birnn|bidirectional_rnn|multi_?rnn_?cell|fw|bw|[^/]*(?:lstm|gru)[^/]*)(?:_\d+)?(?:\/|$)/i;
/** Kernels and biases alone, told by their columns. */
const PLAIN_CELLS: readonly string[] = ['BasicLSTMCell', 'BasicRNNCell', 'UGRNNCell'];

type Group = Map<string, {name: string; shape: readonly number[]; shard?: number}[]>;

/**
 * The TensorFlow 1.x cells in a checkpoint, from its arrays' names (of any release, 0.6 to 2.x) and shapes alone. Slots of
 * optimizers, averages, counters and what belongs to no cell are left out.
 *
 * @returns in order of layer, direction and place in a MultiRNNCell
 */
export function cellsFromNames(arrays: readonly NamedShape[], choice?: ArrayChoice): FoundCell[] {
  const cells: FoundCell[] = [];
  for (const [scope, group] of groupsOf(modelArrays(arrays, choice))) {
    const cell = cellOf(scope, group);
    if (cell) cells.push(cell);
  }
  return cells.sort(
    (a, b) =>
      byName(a.place.layer, b.place.layer) ||
      // Forward before backward.
      byName(b.place.direction ?? '', a.place.direction ?? '') ||
      byName(a.scope, b.scope),
  );
}

function groupsOf(arrays: readonly NamedShape[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const {name, shape} of arrays) {
    const found = roleOf(variableName(name));
    if (!found) continue;
    const group: Group = groups.get(found.scope) ?? new Map();
    groups.set(found.scope, group);
    group.set(found.role, [...(group.get(found.role) ?? []), {name, shape, shard: found.shard}]);
  }
  return groups;
}

function cellOf(scope: string, group: Group): FoundCell | undefined {
  const shapes = new Map<string, readonly number[]>();
  const variables: Record<string, string | string[]> = {};
  const shards: Record<string, number> = {};
  for (const [role, parts] of group) {
    const ordered = parts.toSorted((a, b) => (a.shard ?? 0) - (b.shard ?? 0));
    // W_0 without W_1 is whole; two arrays of one role that are no shards belong to no cell.
    if (ordered.some(({shard}, k) => parts.length > 1 && shard !== k)) return undefined;
    const rows = ordered.reduce((sum, {shape}) => sum + (shape[0] ?? 0), 0);
    shapes.set(role, parts.length === 1 ? parts[0]!.shape : [rows, ...ordered[0]!.shape.slice(1)]);
    variables[role] = parts.length === 1 ? parts[0]!.name : ordered.map(({name}) => name);
    if (parts.length > 1) shards[role] = parts.length;
  }
  const told = classOf(scope);
  // A scope may be named for another class: GRUBlockCell's is called gru_cell.
  const candidates = told !== undefined && shapesFit(told, shapes) ? [told] : possible(scope, shapes);
  const [className] = candidates;
  if (className === undefined) return undefined;
  const {config, inputSize, outputSize} = shapeOf(className, shapes) as CellShape;
  if (shards.kernel) Object.assign(config, {num_unit_shards: shards.kernel});
  if (shards['projection/kernel']) Object.assign(config, {num_proj_shards: shards['projection/kernel']});
  const place = placeOf(scope, told !== undefined);
  return {scope, className, candidates, config, inputSize, outputSize, variables, place};
}

function possible(scope: string, shapes: RoleShapes): string[] {
  const plain = [...shapes.keys()].every(role => role === 'kernel' || role === 'bias');
  if (!plain) return BY_ROLES.filter(name => shapesFit(name, shapes)).slice(0, 1);
  return RECURRENT.test(scope) ? PLAIN_CELLS.filter(name => shapesFit(name, shapes)) : [];
}
