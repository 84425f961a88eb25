import type {layers, Shape} from '@tensorflow/tfjs-layers';
import type {WeightGroup} from '../../converters/arrays';
import {readArguments} from '../dialects/arguments';
import {orNone} from '../errors';
import {recurrentDialect} from '../libraries';
import type {BuiltPart, InputShape} from '../libraries/built';
import type {Architecture, InputRecord, LayerRecord, TensorRef} from './architecture';
import {buildParts} from './build';
import type {CustomObjects} from './custom';
import type {PairOptions} from './group-pairs';
import {arraysByName, pairParts, type StoredArrays} from './pairing';
import {hasVariables} from './weights';

/** Sequences longer than this are not looked for. */
const LONGEST = 100_000;

/**
 * Fills in what the architecture leaves open of its inputs' shapes and the arrays tell: the features of the first layer
 * that the data meets (some Sequentials of Keras 2.2 and 2.3 have no input shape), and the length of sequences that are
 * flattened before a layer with arrays, which has a row for each value. What stays open is left for others to judge.
 */
export function withInputShapes(
  architecture: Architecture,
  file: StoredArrays,
  customObjects?: CustomObjects,
): Architecture {
  if (architecture.inputs.every(({shape}) => shape && !shape.slice(1).includes(null))) return architecture;
  // What fails here fails again, and is told, when the model is built and given its weights.
  const parts = orNone(() => buildParts(architecture, customObjects, () => true));
  if (!parts) return architecture;
  try {
    return filledIn(architecture, parts, wantedShapes(parts, file, architecture.container));
  } finally {
    // Models inside of layers have variables, which nobody is to use.
    const unused = new Set(parts.flatMap(({built}) => built.layer.weights));
    for (const weight of unused) weight.dispose();
  }
}

function filledIn(
  architecture: Architecture,
  parts: readonly BuiltPart[],
  wanted: ReadonlyMap<string, InputShape>,
): Architecture {
  const notes: string[] = [];
  const inputs = architecture.inputs.map(input => {
    if (input.shape) return input;
    const shape = firstWanted(architecture.layers, wanted, input.name);
    if (!shape) return input;
    notes.push(
      `the shape of '${input.name}', [${shape.map(n => n ?? 'null').join(', ')}], is told from the weights`,
    );
    return {...input, shape};
  });
  const told = withLengths({...architecture, inputs}, parts, wanted);
  return {...told, notes: [...told.notes, ...notes]};
}

/** The shape that each layer's arrays ask of its input, by the layer's name. */
function wantedShapes(
  parts: readonly BuiltPart[],
  file: StoredArrays,
  container: PairOptions['container'],
): Map<string, InputShape> {
  const shared = new Map([...byVariables(parts, file.groups), ...byPlace(parts, file, container)]);
  const wanted = new Map<string, InputShape>();
  for (const [{record, built}, shapes] of shared) {
    const shape = shapes.length === built.roles.length ? built.inputShape?.(shapes) : undefined;
    if (shape) wanted.set(record.name, shape);
  }
  return wanted;
}

type Shapes = readonly (readonly number[])[];

/** The shapes of the arrays that a recipe gives its layers; arrays of a list lie one below the other. */
function byVariables(parts: readonly BuiltPart[], groups: readonly WeightGroup[]): [BuiltPart, Shapes][] {
  const named = arraysByName(groups);
  return parts.flatMap((part): [BuiltPart, Shapes][] => {
    const {variables} = part.record;
    if (!variables) return [];
    const shapes = part.built.roles.map(role => {
      const rows = [variables[role]].flat().map(name => named.get(String(name))?.shape);
      const [first] = rows;
      if (!first || rows.includes(undefined)) return undefined;
      return [rows.reduce((sum, shape) => sum + shape![0]!, 0), ...first.slice(1)];
    });
    return [[part, shapes.filter(shape => shape !== undefined)]];
  });
}

/** The shapes of the arrays that the layers' places in a file give them; none where file and layers do not pair. */
function byPlace(
  parts: readonly BuiltPart[],
  file: StoredArrays,
  container: PairOptions['container'],
): [BuiltPart, Shapes][] {
  const placed = parts.filter(({record}) => !hasVariables(record));
  const pair = (byName: boolean) => pairParts(placed, file, {byName, container, where: 'weights'}, orNone);
  const inOrder = pair(false);
  const pairs = inOrder.size > 0 ? inOrder : pair(true);
  return [...pairs].map(([part, arrays]): [BuiltPart, Shapes] => [part, arrays.map(({shape}) => shape)]);
}

/** What the first layer on the way from an input asks, of those that ask anything. */
function firstWanted(
  layers: readonly LayerRecord[],
  wanted: ReadonlyMap<string, InputShape>,
  input: string,
): InputShape | undefined {
  const reached = new Set([input]);
  for (const {name, calls} of layers) {
    if (!calls.some(({inputs}) => inputs.some(ref => reached.has(ref.layer)))) continue;
    if (wanted.has(name)) return wanted.get(name);
    reached.add(name);
  }
  return undefined;
}

/** Finds the lengths of inputs that leave one dimension open, from layers whose features depend on them. */
function withLengths(
  architecture: Architecture,
  parts: readonly BuiltPart[],
  wanted: ReadonlyMap<string, InputShape>,
): Architecture {
  const made = new Map(parts.map(({record, built}) => [record.name, built.layer]));
  const shapes = new Map(architecture.inputs.map(({name, shape}) => [name, shape]));
  const notes: string[] = [];
  for (const record of architecture.layers) {
    const features = wanted.get(record.name)?.at(-1);
    const ref = record.calls[0]?.inputs[0];
    if (features == null || !ref) continue;
    const featuresOf = (inputs: typeof shapes) =>
      lastOf(tensorShapes(architecture.layers, made, inputs, ref));
    if (featuresOf(shapes) !== null) continue;
    for (const {name} of architecture.inputs) {
      const axis = openAxis(shapes.get(name));
      if (axis === undefined) continue;
      const at = (length: number) => shapes.get(name)!.map((n, k) => (k === axis ? length : n));
      const [length, ...others] = lengthsFor(features, n => featuresOf(new Map([...shapes, [name, at(n)]])));
      if (length === undefined) continue;
      shapes.set(name, at(length));
      const choice = others.length > 0 ? `; up to ${others.at(-1)} would fit as well` : '';
      notes.push(`the length of '${name}', ${length}, is told from the arrays of '${record.name}'${choice}`);
      break;
    }
  }
  const inputs = architecture.inputs.map((input): InputRecord => ({...input, shape: shapes.get(input.name)}));
  return {...architecture, inputs, notes: [...architecture.notes, ...notes]};
}

/** The one dimension of a sample that is open. */
function openAxis(shape: InputShape | undefined): number | undefined {
  const open = (shape ?? []).flatMap((n, axis) => (axis > 0 && n === null ? [axis] : []));
  return open.length === 1 ? open[0] : undefined;
}

/**
 * The lengths that make so many features: none, one, or (after windows that leave steps out) a few in a row.
 * @param featuresOf null where they depend on more than this length, undefined where the length is impossible
 */
function lengthsFor(features: number, featuresOf: (length: number) => number | null | undefined): number[] {
  const found: number[] = [];
  for (let length = 1; length <= LONGEST; length++) {
    const made = featuresOf(length);
    if (made === null || (made !== undefined && made > features)) break;
    if (made === features) found.push(length);
  }
  return found;
}

const lastOf = (shape: Shape | undefined): number | null | undefined => shape && (shape.at(-1) ?? null);

/** The shape of a tensor, from those of the inputs; undefined where a layer refuses what it gets. */
function tensorShapes(
  records: readonly LayerRecord[],
  made: ReadonlyMap<string, layers.Layer>,
  inputs: ReadonlyMap<string, InputShape | undefined>,
  wanted: TensorRef,
): Shape | undefined {
  const byName = new Map(records.map(record => [record.name, record]));
  const known = new Map<string, Shape | undefined>();
  const shapeOf = (ref: TensorRef): Shape | undefined => {
    const {layer, call, output} = ref;
    if (inputs.has(layer)) return inputs.get(layer) as Shape | undefined;
    const key = `${layer} ${call} ${output}`;
    if (!known.has(key)) known.set(key, computed(byName.get(layer)?.calls[call]?.inputs, layer, output));
    return known.get(key);
  };
  const computed = (
    refs: readonly TensorRef[] | undefined,
    layer: string,
    output: number,
  ): Shape | undefined => {
    const given = (refs ?? []).map(shapeOf);
    if (given.length === 0 || given.includes(undefined)) return undefined;
    const shapes = given as Shape[];
    try {
      const made_ = made.get(layer)!.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes);
      return Array.isArray(made_[0]) ? (made_ as Shape[])[output] : (made_ as Shape);
    } catch {
      // tfjs' own layers refuse shapes with errors of many kinds.
      return undefined;
    }
  };
  return shapeOf(wanted);
}
/** Gives layers whose arrays hold a row for each row of a batch, and the inputs with them, the size of that batch. */
export function withBatchSizes(architecture: Architecture, groups: readonly WeightGroup[]): Architecture {
  const named = arraysByName(groups);
  const layers = architecture.layers.map(record => {
    const dialect = recurrentDialect(record.library, record.className);
    if (!dialect || !record.variables) return record;
    const version = record.version ?? dialect.defaultVersion;
    const args = readArguments(dialect.arguments, record.config, version, record.where);
    const perRow = dialect.arrays(args, version).find(({form}) => form === 'batch');
    const batchSize = perRow && named.get(String(record.variables[perRow.name]))?.shape[0];
    return batchSize === undefined ? record : {...record, batchSize};
  });
  const batch = layers.find(({batchSize}) => batchSize !== undefined)?.batchSize;
  if (batch === undefined) return architecture;
  const inputs = architecture.inputs.map(input => ({
    ...input,
    shape: input.shape && [input.shape[0] ?? batch, ...input.shape.slice(1)],
  }));
  return {...architecture, layers, inputs};
}
