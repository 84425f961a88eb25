import type {Library} from '../../libraries/library';
import {freshName} from '../../model/fresh-name';
import type {DraftInput, DraftLayer, RecipeDraft} from '../draft';
import type {FoundLayer} from './cut';
import type {Pattern, RecurrentPattern} from './patterns';

type Config = Readonly<Record<string, unknown>>;

/** A layer of a file that has no arrays there. */
export interface Bare {
  readonly name: string;
}

/** A layer that was found, or a place in the file that has no arrays. */
export type Item = FoundLayer | Bare;

const isFound = (item: Item | undefined): item is FoundLayer => item !== undefined && 'pattern' in item;

/**
 * The recipe of layers that follow one another, with what had to be assumed of each.
 * @param items in the order of the file
 */
export function composeRecipe(
  items: readonly Item[],
  library: Library,
  version: string | undefined,
): RecipeDraft {
  return new Composer(items, library, version).recipe();
}

class Composer {
  private readonly layers: DraftLayer[] = [];
  private readonly inputs: DraftInput[] = [];
  private readonly assumed: string[] = [];
  private readonly names = new Set(['x', 'mask', 'lengths']);

  constructor(
    private readonly items: readonly Item[],
    private readonly library: Library,
    private readonly version: string | undefined,
  ) {}

  recipe(): RecipeDraft {
    const first = this.items.find(isFound)!;
    this.inputs.push(this.inputOf(first));
    for (const [k, item] of this.items.entries()) {
      if (!isFound(item)) this.addBare(item, k);
      else if (item.pattern.recurrent) this.addRecurrent(item, item.pattern.recurrent, k);
      else this.addPlain(item, k);
    }
    this.assumeForAll();
    return {carryover: 1, inputs: this.inputs, layers: this.layers, assumed: this.assumed};
  }

  private inputOf({pattern: {kind}, sizes}: FoundLayer): DraftInput {
    if (kind === 'embedding') return {name: 'x', shape: [null, null], dtype: 'int32'};
    const sequences = this.items.some(item => isFound(item) && item.pattern.recurrent);
    const steps = this.items.find(item => isFound(item) && item.steps) as FoundLayer | undefined;
    const features = kind === 'recurrent' || (kind === 'normalization' && sequences);
    const shape = features ? [null, steps?.steps ?? null, sizes.input] : [null, sizes.input];
    return {name: 'x', shape, dtype: 'float32'};
  }

  private add(
    name: string,
    pattern: {readonly library?: string; readonly className: string},
    config: Config,
    more: Pick<DraftLayer, 'variables' | 'from'> = {},
  ): void {
    const library = pattern.library ?? this.library.name;
    this.layers.push({
      library,
      ...(library === this.library.name && this.version ? {version: this.version} : {}),
      class: pattern.className,
      name,
      config,
      ...more,
    });
  }

  /** A name that no other layer has: the group's, else the class's with a number. */
  private nameOf(name: string, className: string): string {
    const own = name || className.toLowerCase();
    const free = freshName(own, taken => this.names.has(taken), name ? own : `${own}_1`);
    this.names.add(free);
    return free;
  }

  /** What stands in for a layer without arrays: what its name says, as far as that changes no values in silence. */
  private addBare({name}: Bare, k: number): void {
    const {bare = {}} = this.library.filePatterns!;
    const begin = Object.keys(bare).find(start => name.startsWith(start));
    const {className, config = {}, assumed} = bare[begin ?? ''] ?? {};
    const before = this.items.slice(0, k).findLast(isFound);
    const ends = !this.nextFound(k) && before?.pattern.kind === 'dense';
    if (assumed)
      this.assumed.push(`'${name}' ${assumed}${ends && className ? outputHint(before.sizes.units) : ''}`);
    if (className) this.add(this.nameOf(name, className), {className}, config);
  }

  private addPlain(found: FoundLayer, k: number): void {
    const {pattern, sizes, group, steps} = found;
    const {kind, className, plain, library} = pattern;
    const name = this.nameOf(group.name, className);
    this.sayMismatch(found, name);
    const overTime = kind === 'dense' && this.readsSteps(k);
    if (steps) {
      const {flatten} = this.library.filePatterns!;
      this.add(this.nameOf('', flatten.className), flatten, {});
      this.assumed.push(
        `'${name}' reads ${steps} steps of ${sizes.input / steps} features side by side: a ${flatten.className} is before it, and sequences are ${steps} steps long`,
      );
    }
    this.add(name, {library, className: (overTime && plain!.overTime) || className}, pattern.config(sizes), {
      variables: rolesOf(pattern, found, ''),
    });
    if (kind === 'dense') {
      const last = k === this.items.length - 1;
      this.assumed.push(
        `'${name}' has no activation of its own (linear)${last ? outputHint(sizes.units) : ''}`,
      );
    }
    if (plain?.assumed) this.assumed.push(`'${name}' ${plain.assumed}`);
  }

  private sayMismatch({mismatch, sizes}: FoundLayer, name: string): void {
    if (mismatch === undefined) return;
    this.assumed.push(
      `'${name}' follows what is before it, although that is ${mismatch} wide and it reads ${sizes.input}; put right what it takes ("from")`,
    );
  }

  private addRecurrent(found: FoundLayer, recurrent: RecurrentPattern, k: number): void {
    const {pattern, sizes, group, pair} = found;
    const {className} = pattern;
    const joined = pair && recurrent.pairs === 'joined';
    const name = this.nameOf(group.name, pair && !joined ? 'Bidirectional' : className);
    this.sayMismatch(found, name);
    const every = this.wantsSteps(found, recurrent, k, name);
    const {sequences} = recurrent;
    const config = {
      ...pattern.config(sizes),
      ...(every === undefined ? {} : every ? sequences?.every : sequences?.last),
    };
    if (joined) this.addBoth(found, recurrent, name, config);
    else if (pair) {
      const layer = {class_name: className, config};
      const variables = {...rolesOf(pattern, found, 'forward_'), ...rolesOf(pattern, found, 'backward_', 1)};
      this.add(name, {className: 'Bidirectional'}, {layer, merge_mode: 'concat'}, {variables});
      this.assumed.push(`both directions of '${name}' are joined, forward first (merge_mode concat)`);
    } else {
      const states = this.stateInputs(found, recurrent, name);
      this.add(name, {className}, {...config, ...states}, {variables: rolesOf(pattern, found, '')});
    }
    this.takeLast(recurrent, k, name);
  }

  /** Two layers that read the same, one of them backwards, and what joins them. */
  private addBoth(found: FoundLayer, recurrent: RecurrentPattern, name: string, config: Config): void {
    const {pattern} = found;
    const {className} = pattern;
    const before = this.layers.at(-1)?.name ?? this.inputs[0]!.name;
    const [fw, bw] = [`${name}_fw`, `${name}_bw`];
    this.add(fw, {className}, config, {from: [before], variables: rolesOf(pattern, found, '')});
    this.add(
      bw,
      {className},
      {...config, ...recurrent.backwards},
      {
        from: [before],
        variables: rolesOf(pattern, found, '', 1),
      },
    );
    this.add(name, {library: 'keras2', className: 'Concatenate'}, {axis: -1}, {from: [fw, bw]});
    this.assumed.push(
      `'${fw}' and '${bw}' are two directions of one layer, since both read ${found.sizes.input} features; they are joined, forward first`,
    );
  }

  /** Initial states that are not in the file enter as inputs. */
  private stateInputs({sizes}: FoundLayer, {states}: RecurrentPattern, name: string): Config {
    if (states.length === 0) return {};
    const taken = this.inputs.some(input => input.name === `state.${states[0]!.role}`);
    const inputs = states.map(({role, argument}) => {
      const input = taken ? `${name}.state.${role}` : `state.${role}`;
      this.inputs.push({name: input, shape: [null, sizes.units], dtype: 'float32'});
      return [argument!, input] as const;
    });
    this.assumed.push(
      `the initial states of '${name}' are not in the file: they are inputs (${inputs.map(([, input]) => input).join(', ')})`,
    );
    return Object.fromEntries(inputs);
  }

  private nextFound(k: number): FoundLayer | undefined {
    return this.items.slice(k + 1).find(isFound);
  }

  /** Whether what is at a place reads every step of a sequence, by what the file calls it. */
  private readsSteps(k: number): boolean {
    const item = this.items[k];
    return isFound(item) && /time_?distributed/i.test(item.group.name);
  }

  /** Whether a layer has to put out every step; undefined where the library's default decides. */
  private wantsSteps(
    {pattern}: FoundLayer,
    {sequences, everyStep}: RecurrentPattern,
    k: number,
    name: string,
  ): boolean | undefined {
    const next = this.nextFound(k);
    const words = (every: boolean): string =>
      Object.entries((every ? sequences?.every : sequences?.last) ?? {})
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', ') || `as every ${pattern.className} does`;
    if (!next) {
      const told = everyStep ? 'every step' : 'its last output';
      if (sequences)
        this.assumed.push(`'${name}' returns ${told} (${words(everyStep)}), which is the default`);
      return undefined;
    }
    const reads = next.group.name ? `'${next.group.name}'` : `the ${next.pattern.className} after it`;
    const place = this.items.indexOf(next);
    const every = next.steps !== undefined || this.readsSteps(place) || next.pattern.kind !== 'dense';
    this.assumed.push(
      every
        ? `'${name}' returns sequences (${words(true)}), since ${reads} reads some`
        : `'${name}' returns its last output (${words(false)})`,
    );
    return every;
  }

  /** A library whose layers always put out every step has the last one taken by a layer of its own. */
  private takeLast({sequences}: RecurrentPattern, k: number, name: string): void {
    const next = this.nextFound(k);
    if (
      sequences ||
      !next ||
      next.pattern.kind !== 'dense' ||
      next.steps ||
      this.readsSteps(this.items.indexOf(next))
    )
      return;
    this.add(this.nameOf('', 'Last'), {className: 'Last'}, {});
    this.assumed.push(`what is after '${name}' reads its last step ("Last")`);
  }

  /** What no array tells of any layer here. */
  private assumeForAll(): void {
    const recurrent = this.items.flatMap(item => (isFound(item) ? (item.pattern.recurrent ?? []) : []));
    const inputs = recurrent.flatMap(({dialect}) => dialect.inputs ?? []);
    const masks = inputs.find(({role}) => role === 'mask');
    const [backwards] = recurrent.flatMap(pattern => Object.keys(pattern.backwards));
    const both = this.items.some(item => isFound(item) && item.pair)
      ? ', but for the second of two directions'
      : '';
    if (backwards) this.assumed.push(`recurrent layers run forwards (${backwards} false)${both}`);
    if (masks)
      this.assumed.push(
        `no step is masked (for a mask add an input ${masks.argument ? `and name it in ${masks.argument}` : `called ${masks.implicit}`}, [null, null])`,
      );
    const release = this.version ?? this.library.defaultVersion;
    this.assumed.push(
      `activations and all other arguments are the defaults of ${this.library.title}, release ${release}`,
    );
  }
}

/** What an output layer of so many units likely has. */
const outputHint = (units: number): string =>
  `; at the end of a model, ${units} ${units === 1 ? 'output often has a sigmoid' : 'outputs often have a softmax'}`;

/** Roles with the names of their arrays; `half` 1 has those of the backward direction. */
function rolesOf({layouts}: Pattern, {arrays}: FoundLayer, prefix: string, half = 0): Record<string, string> {
  return Object.fromEntries(
    layouts.map(({role}, k) => [prefix + role, arrays[half * layouts.length + k]!.name]),
  );
}
