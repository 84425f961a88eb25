import type {WeightGroup} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {joined, objectName} from '../libraries/object-names';
import type {MemberRecord} from './architecture';

/** The attribute of a model that lists its layers, each once. */
const LAYERS = 'layers';
/** The same in tf.keras 2.12 to 2.14: to 2.13 layers with arrays are in it twice, and take two numbers. */
const DEPENDENCIES = '_layer_checkpoint_dependencies';

/** The attribute of a wrapper that is what it wraps. */
const WRAPPED = 'layer';

/** The objects of a weight file, by the attributes that lead to them. */
export class ObjectTree {
  private readonly groups: ReadonlyMap<string, WeightGroup>;
  private readonly children = new Map<string, Set<string>>();

  constructor(
    groups: readonly WeightGroup[],
    private readonly where: string,
  ) {
    this.groups = new Map(groups.map(group => [pathOf(group), group]));
    for (const {owner} of groups) {
      for (const [k, name] of (owner?.path ?? []).entries()) {
        const parent = owner!.path.slice(0, k).join('/');
        if (!this.children.has(parent)) this.children.set(parent, new Set());
        this.children.get(parent)!.add(name);
      }
    }
  }

  /** The objects that have arrays. */
  filled(): WeightGroup[] {
    return [...this.groups.values()].filter(({arrays}) => arrays.length > 0);
  }

  /** What the model's own layers are called, where the file tells it. */
  names(): string[] {
    return this.childrenOf(this.list('')).flatMap(path => this.nameOf(path) ?? []);
  }

  /**
   * The object at a path that has arrays, or the only one inside of it that has any. Each attribute on the way may be private
   * in some releases: `query_dense`, `_query_dense`.
   */
  find(path: string): WeightGroup | undefined {
    let at = '';
    for (const name of path.split('/').filter(Boolean)) {
      const names = this.children.get(at);
      const found = [name, `_${name}`].find(candidate => names?.has(candidate));
      if (found === undefined) return undefined;
      at = joined(at, found);
    }
    const own = this.groups.get(at);
    if (own && own.arrays.length > 0) return own;
    const below = this.filled().filter(group => pathOf(group).startsWith(`${at}/`));
    return below.length === 1 ? below[0] : undefined;
  }

  /** Where the model is that a layer wraps; wrappers may stand around each other. */
  modelIn(path: string): string {
    const names = this.children.get(path);
    const isModel = [LAYERS, DEPENDENCIES].some(name => names?.has(name));
    return !isModel && names?.has(WRAPPED) ? this.modelIn(joined(path, WRAPPED)) : path;
  }

  /** Where the members of a container are: numbered by class. Undefined where there is no telling. */
  placesOf(members: readonly MemberRecord[], container: string): (string | undefined)[] {
    const list = this.list(container);
    const places = new Array<string | undefined>(members.length).fill(undefined);
    const stems = members.map(({className}) => objectName(className));
    for (const stem of new Set(stems)) {
      const indices = stems.flatMap((own, k) => (own === stem ? [k] : []));
      const found = this.numbered(list, stem);
      for (const [count, index] of indices.entries()) {
        const name = count === 0 ? stem : `${stem}_${count}`;
        const ranked =
          list.endsWith(DEPENDENCIES) && found.length === indices.length ? found[count] : undefined;
        places[index] = ranked ?? `${list}/${name}`;
      }
      this.checkNames(
        indices.map(index => members[index]!.name),
        indices.map(index => this.nameOf(places[index]!)),
        list,
      );
    }
    return places;
  }

  /** Where the model's own layers are by their names; undefined for those that the file does not name. */
  placesByName(members: readonly MemberRecord[]): (string | undefined)[] {
    const byName = new Map(this.childrenOf(this.list('')).map(path => [this.nameOf(path), path]));
    return members.map(({name}) => byName.get(name));
  }

  private list(container: string): string {
    const isOld = this.children.get(container)?.has(DEPENDENCIES);
    return joined(container, isOld ? DEPENDENCIES : LAYERS);
  }

  private childrenOf(path: string): string[] {
    return [...(this.children.get(path) ?? [])].map(name => joined(path, name));
  }

  /** The objects in a list of a class, in the order of their numbers. */
  private numbered(list: string, stem: string): string[] {
    const number = (path: string): number => Number(path.slice(list.length + stem.length + 2) || 0);
    return this.childrenOf(list)
      .filter(path => path === `${list}/${stem}` || /^_\d+$/.test(path.slice(list.length + 1 + stem.length)))
      .filter(path => path.startsWith(`${list}/${stem}`))
      .toSorted((a, b) => number(a) - number(b));
  }

  private nameOf(path: string): string | undefined {
    return this.groups.get(path)?.owner?.name;
  }

  /** Names that are the model's, in another order, show that this is another model's file. */
  private checkNames(wanted: readonly string[], found: readonly (string | undefined)[], list: string): void {
    const odd = found.findIndex((name, k) => name !== wanted[k]);
    if (odd < 0 || [...found].sort().join('\n') !== [...wanted].sort().join('\n')) return;
    throw new CarryoverError(
      'E_WEIGHTS',
      `${this.where}: in ${list}, '${found[odd]}' comes where the architecture has '${wanted[odd]}'; give the architecture that belongs to the file, or have layers told by their names (byName: true; on the command line: --by-name)`,
    );
  }
}

const pathOf = ({owner, name}: WeightGroup): string => owner?.path.join('/') ?? name;
