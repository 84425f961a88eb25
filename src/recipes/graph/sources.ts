import type {Arrangement} from './arrangement';
import type {Drafting} from './context';
import {isPlaceholder, placeholderShape} from './inputs';
import {type Place, timedOn} from './layout';
import type {GraphSequence} from './sequences';
import {inputSize, type Unit} from './units';

/** What a layer reads: data of all steps, or (`alone`) of one. */
export interface Source {
  readonly name: string;
  readonly timeAxis: 0 | 1;
  readonly steps?: number;
  readonly alone: boolean;
  /** In which direction the steps are read. */
  readonly reversed?: Place['reversed'];
}

/** Finds what recurrent layers read. */
export class Sources {
  constructor(
    private readonly recipe: Drafting,
    private readonly arrangement: Arrangement,
  ) {}

  /** What a layer reads; undefined where a recipe cannot say it. */
  of({name, forward, backward}: Unit): Source | undefined {
    const source = this.readBy(forward);
    if (!source || !backward) return source;
    const other = this.readBy(backward);
    if (other?.name !== source.name || source.reversed || !other.reversed) return undefined;
    if (other.reversed === 'all' && backward.lengths !== undefined)
      this.recipe.assumed.push(
        `the backward half of '${name}' begins at the end of all steps; in a recipe it begins at each row's own`,
      );
    return source;
  }

  private readBy(sequence: GraphSequence): Source | undefined {
    const size = inputSize(sequence.cells[0]!);
    const found = this.placeOf(sequence, size);
    if (!found || found.indices || (found.size !== undefined && found.size !== size)) return undefined;
    const {name, timeAxis = 1, steps, reversed, rank} = found;
    this.recipe.inputs.settle(name, -1, size);
    return {name, timeAxis, steps, reversed, alone: rank === 2};
  }

  private placeOf(sequence: GraphSequence, size: number): Place | undefined {
    if (sequence.kind === 'static') return this.unrolled(sequence);
    const {source, origin, kind} = sequence;
    if (source === undefined) return undefined;
    const {view} = this.recipe.matcher;
    const data = origin === undefined ? undefined : view.producer(origin);
    const open = data && isPlaceholder(data) && !placeholderShape(data)?.length;
    if (open && kind === 'call') this.recipe.inputs.data(data, [null, size]);
    const place = this.recipe.placeOf(source);
    if (!place) return undefined;
    if (kind === 'call') {
      const alone = this.arrangement.settled(place);
      return alone?.form === 'full' && alone.rank === 2 ? alone : undefined;
    }
    const timed = place.form === 'full' ? timedOn(place, 0) : undefined;
    // A fused cell has no other order than its library's.
    return kind === 'fused' && timed?.timeAxis !== 0 ? undefined : timed;
  }

  /** All steps, from the first to the last or the other way round; or the last one alone. */
  private unrolled({cells}: GraphSequence): Place | undefined {
    const [{steps: unrolled}] = cells as [GraphSequence['cells'][number]];
    const places = unrolled.flatMap(({x}) => this.recipe.placeOf(x) ?? []);
    const [first] = places;
    if (!first || places.length < unrolled.length) return undefined;
    if (!places.every(({form, name}) => form === 'step' && name === first.name)) return undefined;
    // Of data whose length is open, all that are read are all there are.
    if (first.steps === undefined) this.recipe.fixSteps(first.name, unrolled.length);
    const count = first.steps ?? unrolled.length;
    const indices = places.map(({step = 0}) => (step < 0 ? step + count : step));
    const forwards = indices.every((index, k) => index === k);
    const backwards = indices.every((index, k) => index === count - 1 - k);
    if (count === indices.length && (forwards || (backwards && !first.reversed))) {
      const {step: _step, users: _users, state: _state, ...data} = first;
      return {...data, form: 'full', steps: count, reversed: forwards ? first.reversed : 'all'};
    }
    return indices.length === 1 ? this.arrangement.settled(first) : undefined;
  }
}
