import type {NamedArray} from '../../converters/arrays';
import type {ObjectGraph, StoredObject} from '../../converters/checkpoint/object-graph';
import {CarryoverError} from '../errors';
import type {BuiltPart as Part} from '../libraries/built';
import {joined} from '../libraries/object-names';
import type {ContainerRecord, MemberRecord} from './architecture';

/*
 * The objects of a TensorFlow 2 checkpoint, walked along with a Keras model (keras/engine/functional.py,
 * `_layer_checkpoint_dependencies`, of TF 1.15 to 2.18): a model holds `layer-K` for each of its layers and
 * `layer_with_weights-K` for those that have arrays. Inside of a layer its arrays go by the names of its attributes.
 */

/** A model of a program: what it is in the file, the names of its layers, and those that are to be given arrays. */
interface Walk {
  readonly parts: ReadonlyMap<string, Part>;
  readonly arrays: ReadonlyMap<string, NamedArray>;
  readonly where: string;
}

type Found = Map<Part, NamedArray[]>;

const ANY = 'layer-';
const WEIGHTED = 'layer_with_weights-';

/**
 * The arrays of each layer, by the objects that a checkpoint was saved from. Nothing else in the file counts: optimizers,
 * their slots, counters.
 * @param container the model's layers as its architecture nests them
 * @param arrays the arrays of the file, by name
 * @throws CarryoverError `E_WEIGHTS` where no object, or more than one, holds such layers, or a layer has other arrays
 */
export function pairObjects(
  parts: readonly Part[],
  container: ContainerRecord,
  {root}: ObjectGraph,
  arrays: ReadonlyMap<string, NamedArray>,
  where: string,
): Found {
  const walk = {parts: new Map(parts.map(part => [part.record.name, part])), arrays, where};
  const wanted = weighted(container, '', walk).length;
  const fits: {readonly name: string; readonly found: Found}[] = [];
  let reason: unknown;
  for (const {name, object} of modelsIn(root)) {
    try {
      fits.push({name, found: inContainer(container, '', object, walk)});
    } catch (error) {
      reason ??= error;
    }
  }
  const [fit, other] = fits;
  if (fit && other === undefined) return fit.found;
  if (reason !== undefined && fit === undefined) throw reason;
  const what = fit
    ? `several objects fit the model (${fits.map(({name}) => `'${name}'`).join(', ')}); save the one that is meant by itself`
    : `no object in it holds the layers of a Keras model; the model has ${wanted} layers with weights`;
  throw new CarryoverError('E_WEIGHTS', `${where}: ${what}`);
}

/** A generator of random numbers (keras/src/random/seed_generator.py), which nothing but training reads. */
const SEED = /(^|\/)seed_generator_state$/;

/**
 * The arrays that Keras 3's `model.export` lists as `variables`, in the order of `model.variables`, without the seeds of
 * dropout among them. Source: keras/src/export/saved_model.py.
 * @returns undefined where the file holds layers, or no such list
 */
export function exportedList(
  {root}: ObjectGraph,
  arrays: ReadonlyMap<string, NamedArray>,
): NamedArray[] | undefined {
  const listed = root.children.get('variables');
  if (!listed || modelsIn(root).length > 0) return undefined;
  const places = [...listed.children].filter(([name]) => /^\d+$/.test(name));
  return places
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .flatMap(([, {variable}]) => {
      const array = variable && !SEED.test(variable.fullName) ? arrays.get(variable.key) : undefined;
      return array ?? [];
    });
}

/** The objects nearest to the root that hold layers as a model does: the root, or what was given to a `Checkpoint`. */
function modelsIn(root: StoredObject): {readonly name: string; readonly object: StoredObject}[] {
  const seen = new Set([root]);
  let level = [{name: '', object: root}];
  while (level.length > 0) {
    const models = level.filter(({object}) => object.children.has(`${WEIGHTED}0`));
    if (models.length > 0) return models;
    level = level.flatMap(({name, object}) =>
      [...object.children].flatMap(([child, held]) => {
        if (seen.has(held)) return [];
        seen.add(held);
        return [{name: joined(name, child), object: held}];
      }),
    );
  }
  return [];
}

/** A member of a container, and the layer that it is where it is none itself. */
interface Place {
  readonly member: MemberRecord;
  readonly path: string;
  readonly part?: Part;
}

/** The members of a container that have arrays. */
function weighted({members}: ContainerRecord, prefix: string, walk: Walk): Place[] {
  return members.flatMap(member => {
    const path = joined(prefix, member.name);
    if (member.container) return weighted(member.container, path, walk).length > 0 ? [{member, path}] : [];
    const part = walk.parts.get(path);
    return part && hasArrays(part) ? [{member, path, part}] : [];
  });
}

const hasArrays = ({built: {roles, inner = []}}: Part): boolean =>
  roles.length > 0 || inner.some(({built}) => built.roles.length > 0);

function inContainer(container: ContainerRecord, prefix: string, object: StoredObject, walk: Walk): Found {
  const found: Found = new Map();
  for (const {member, path, part, layer} of layersOf(container, prefix, object, walk)) {
    const own = part ? inLayer(part, layer, walk) : inContainer(member.container!, path, layer, walk);
    for (const [inner, arrays] of own) found.set(inner, arrays);
  }
  return found;
}

/**
 * The members with arrays beside their objects. Layers that the architecture has and the model does not (those behind the
 * outputs that are wanted) may have arrays or none: then the place among all layers tells, else the one among those with
 * arrays.
 */
function layersOf(
  container: ContainerRecord,
  prefix: string,
  object: StoredObject,
  walk: Walk,
): (Place & {readonly layer: StoredObject})[] {
  const wanted = weighted(container, prefix, walk);
  const count = (start: string) => [...object.children.keys()].filter(name => name.startsWith(start)).length;
  const held = count(WEIGHTED);
  if (held === wanted.length) {
    return wanted.map((place, k) => ({...place, layer: object.children.get(`${WEIGHTED}${k}`)!}));
  }
  // A Sequential does not count its input.
  const all = container.members.filter(
    ({className}) => container.className !== 'Sequential' || className !== 'InputLayer',
  );
  if (held > wanted.length && count(ANY) === all.length && isCut(container, prefix, walk)) {
    return wanted.map(place => ({
      ...place,
      layer: object.children.get(`${ANY}${all.indexOf(place.member)}`)!,
    }));
  }
  const names = wanted.map(({path}) => path).join(', ');
  throw new CarryoverError(
    'E_WEIGHTS',
    `${walk.where}: ${prefix === '' ? 'its model' : `'${prefix}'`} has ${held} layers with weights; the architecture has ${wanted.length} (${names})`,
  );
}

/** Whether the model lacks layers that its architecture has. */
function isCut({members}: ContainerRecord, prefix: string, walk: Walk): boolean {
  return members.some(({name, className, container}) => {
    const path = joined(prefix, name);
    if (container) return isCut(container, path, walk);
    return className !== 'InputLayer' && !walk.parts.has(path);
  });
}

function inLayer(part: Part, object: StoredObject, walk: Walk): Found {
  const {inside} = part.built;
  if (!inside) return new Map([[part, arraysOf(part, object, walk)]]);
  // Wrappers around a model may stand around each other.
  let model: StoredObject | undefined = object;
  while (model && !model.children.has(`${WEIGHTED}0`)) model = model.children.get('layer');
  if (model) return inContainer(inside.container, inside.name, model, walk);
  throw new CarryoverError('E_WEIGHTS', `${walk.where}: ${part.record.where}: holds no model in the file`);
}

/** An array of a layer, and the name of the attribute that holds it. */
interface Attribute {
  readonly name: string;
  readonly path: string;
  readonly key: string;
}

/** The arrays of a layer, in the order of its roles. */
function arraysOf({record, built: {roles}}: Part, object: StoredObject, walk: Walk): NamedArray[] {
  const attributes = attributesOf(object);
  const chosen = byRole(roles, attributes);
  if (chosen === undefined) {
    const names = attributes.map(({path}) => path).join(', ');
    throw new CarryoverError(
      'E_WEIGHTS',
      `${walk.where}: ${record.where}: has the arrays ${names || '(none)'} in the file; expected ${roles.join(', ')}`,
    );
  }
  return chosen.map(({key}) => {
    const array = walk.arrays.get(key);
    if (array) return array;
    throw new CarryoverError(
      'E_WEIGHTS',
      `${walk.where}: ${record.where}: its array '${key}' cannot be read`,
    );
  });
}

/**
 * What a layer keeps beside its arrays: lists of them, kept for restoring a SavedModel; states between calls; the
 * generators of dropout.
 */
const NOT_ARRAYS = new Set(['keras_api', 'states', '_states', '_random_generator', 'random_generator']);

/** The variables below an object, each once, in the order in which its attributes were set. */
function attributesOf(object: StoredObject): Attribute[] {
  const found: Attribute[] = [];
  const seen = new Set<StoredObject>();
  const visit = (at: StoredObject, name: string, path: string): void => {
    if (seen.has(at)) return;
    seen.add(at);
    if (at.variable) found.push({name, path, key: at.variable.key});
    for (const [child, held] of at.children) {
      if (!NOT_ARRAYS.has(child)) visit(held, child, joined(path, child));
    }
  };
  visit(object, '', '');
  return found;
}

/**
 * An attribute for each role, none of them left over. A role ends as its attribute is called (`forward_kernel`, `kernel`);
 * those with one ending follow each other in one order, forwards before backwards, cell after cell. Roles with names of
 * their own take what is left, in order.
 */
function byRole(roles: readonly string[], attributes: readonly Attribute[]): Attribute[] | undefined {
  if (roles.length !== attributes.length) return undefined;
  const names = [...new Set(attributes.map(({name}) => name))].sort((a, b) => b.length - a.length);
  const left = [...attributes];
  const chosen = roles.map(role => {
    const name = names.find(
      ending => role === ending || role.endsWith(`/${ending}`) || role.endsWith(`_${ending}`),
    );
    const at = left.findIndex(attribute => attribute.name === name);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  });
  return chosen.map(attribute => attribute ?? left.shift()!);
}
