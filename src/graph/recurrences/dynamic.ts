import type {Ref} from '../types';
import type {LoopArrays, WrittenArray} from './arrays';
import {wrappedCellOf} from './cells';
import {type Found, type FoundCell, Refusal} from './found';
import {isJoined, joinedUpdate} from './joined';
import type {GraphLoop, LoopVariable} from './loops';
import {contains, isZero, numberOf, scalarOf, type Term} from './term';
import type {Terms} from './terms';

/** A state of a loop: what a turn makes of it, on rows that have not ended. */
interface State {
  readonly variable: LoopVariable;
  readonly value: Term;
  readonly lengths: Term | undefined;
}

/** Reads a loop as a recurrence: `dynamic_rnn`, or whatever else runs known cells over all steps of data. */
export function recurrenceOf(loop: GraphLoop, terms: Terms, arrays: LoopArrays): Found | Refusal {
  return new LoopReader(loop, terms, arrays).read();
}

class LoopReader {
  private readonly counters: ReadonlySet<Term>;
  private readonly selves: ReadonlySet<Term>;

  constructor(
    private readonly loop: GraphLoop,
    private readonly terms: Terms,
    private readonly arrays: LoopArrays,
  ) {
    const counting = loop.variables.filter(isCounter);
    this.counters = new Set(counting.map(({self}) => self));
    this.selves = new Set(loop.variables.map(({self}) => self));
  }

  read(): Found | Refusal {
    const {loop, counters} = this;
    if (loop.nested) return this.refuse('it is in another loop');
    if (counters.size === 0) return this.refuse('nothing in it counts steps from 0');
    const others = loop.variables.filter(({self}) => !counters.has(self));
    const written = others.flatMap(variable => this.arrays.written(variable, counters) ?? []);
    const states = others
      .filter(variable => !written.some(array => array.variable === variable))
      .map(variable => this.stateOf(variable));
    const found = this.chainOf(written, states);
    if (!found) return this.refuse('what a step of it computes is no cell that is known, or more than one');
    const {cells, order, x} = found;
    const data = this.arrays.readBy(x, counters);
    if (!data) return this.refuse('what its cell reads is not one step of data that are there before it');
    const used = order.map(index => states[index]!);
    const lengths = used[0]!.lengths;
    if (used.some(state => state.lengths !== lengths))
      return this.refuse('its states end at different lengths');
    const own = written.filter(array => this.isOutput(array, cells.at(-1)!, lengths));
    const steps = this.stepsOf(own, lengths);
    if (!steps) return this.refuse('how many steps it runs is not told by its data');
    return this.found({cells, used, data, lengths, own, steps});
  }

  private refuse(why: string): Refusal {
    return new Refusal(this.loop.name, why);
  }

  /** Rows that have ended keep the state that they have. */
  private stateOf(variable: LoopVariable): State {
    const choice = this.choiceOf(variable.next);
    if (choice?.ended !== variable.self) return {variable, value: variable.next, lengths: undefined};
    return {variable, value: choice.value, lengths: choice.lengths};
  }

  /** `where(time >= lengths, ended, value)` */
  private choiceOf(term: Term): {ended: Term; value: Term; lengths: Term} | undefined {
    if (term.op !== 'select') return undefined;
    const [condition, ended, value] = term.args as [Term, Term, Term];
    const [lengths, time] = condition.op === 'atMost' ? condition.args : [];
    if (!lengths || !time || !this.counters.has(time) || contains(lengths, this.selves)) return undefined;
    return {ended, value, lengths};
  }

  /** The cells from one that a step puts out back to the data, which have all states between them. */
  private chainOf(
    written: readonly WrittenArray[],
    states: readonly State[],
  ): {cells: FoundCell[]; order: number[]; x: Term} | undefined {
    const outputs = written.map(({value}) => this.choiceOf(value)?.value ?? value);
    const candidates = [...outputs, ...states.map(({value}) => value), ...states.flatMap(joinedOutput)];
    for (const candidate of candidates) {
      const found = this.chainFrom(candidate, states);
      if (found) return found;
    }
    return undefined;
  }

  private chainFrom(
    output: Term,
    states: readonly State[],
  ): {cells: FoundCell[]; order: number[]; x: Term} | undefined {
    const cells: FoundCell[] = [];
    const order: number[] = [];
    let at = output;
    while (!this.arrays.readBy(at, this.counters)) {
      const found = wrappedCellOf(at, this.terms);
      const own = found && placesOf(found.cell, states);
      if (!found || !own || own.some(index => order.includes(index))) return undefined;
      cells.unshift({step: found.cell, residual: found.residual, joined: isJoined(found.cell, own)});
      order.unshift(...own);
      at = found.cell.x;
    }
    return cells.length > 0 ? {cells, order, x: at} : undefined;
  }

  /** Whether what is written is the last cell's output, zero on rows that have ended. */
  private isOutput({value}: WrittenArray, {step, residual}: FoundCell, lengths: Term | undefined): boolean {
    const choice = this.choiceOf(value);
    const output = lengths === undefined ? value : choice?.value;
    if (lengths !== undefined && (choice?.lengths !== lengths || !isZero(choice.ended))) return false;
    if (!residual) return output === step.output;
    const found = output && wrappedCellOf(output, this.terms);
    return found?.residual === true && found.cell.output === step.output;
  }

  /** How many steps there are, or are read at most; undefined where the loop may end before or after. */
  private stepsOf(own: readonly WrittenArray[], lengths: Term | undefined): {count: Term} | undefined {
    const tests = conjuncts(this.loop.condition);
    const bounds = tests.flatMap(test => {
      const [counter, bound] = test.op === 'less' ? test.args : [];
      if (!counter || !bound || !this.counters.has(counter) || contains(bound, this.selves))
        return [undefined];
      return minima(bound);
    });
    if (bounds.includes(undefined)) return undefined;
    const given = bounds as Term[];
    const counts = given.filter(
      bound => !isAtLeastOne(bound, given) && !(lengths && isLongest(bound, lengths)),
    );
    const [count] = counts;
    const all = [...counts, ...own.filter(({stacked}) => stacked.length > 0).map(({size}) => size)];
    return count && all.every(one => isSameNumber(one, count)) ? {count} : undefined;
  }

  private found({
    cells,
    used,
    data,
    lengths,
    own,
    steps,
  }: {
    readonly cells: readonly FoundCell[];
    readonly used: readonly State[];
    readonly data: Term;
    readonly lengths: Term | undefined;
    readonly own: readonly WrittenArray[];
    readonly steps: {count: Term};
  }): Found | Refusal {
    const all = this.arrays.isAllOf(steps.count, data);
    const refs = {
      x: this.outside(data),
      steps: all ? undefined : this.outside(steps.count),
      lengths: lengths && this.outside(lengths),
    };
    if (refs.x === undefined || (!all && refs.steps === undefined) || (lengths && refs.lengths === undefined))
      return this.refuse('what it reads is made inside of it');
    return {
      name: this.loop.name,
      cells,
      ...refs,
      x: refs.x,
      initial: used.map(({variable}) => variable.initialRef),
      sequences: own.flatMap(({stacked}) => stacked),
      outputs: [],
      finals: used.map(({variable}) => variable.exits),
      inside: this.loop.inside,
    };
  }

  /** A tensor outside of the loop that is this. */
  private outside(term: Term): Ref | undefined {
    return this.terms.refsOf(term).find(ref => !this.loop.inside.has(ref.replace(/:\d+$/, '')));
  }
}

/** The variables that hold a cell's states before and after the step, in the cell's order. */
function placesOf({previous, next}: FoundCell['step'], states: readonly State[]): number[] | undefined {
  const own = previous.map((term, k) =>
    states.findIndex(({variable, value}) => variable.self === term && value === next[k]),
  );
  if (!own.includes(-1)) return new Set(own).size === own.length ? own : undefined;
  const joined = states.findIndex(({variable, value}) => joinedUpdate(variable.self, value, previous, next));
  return joined < 0 ? undefined : [joined];
}

/** What a state of `[c, h]` has for h. */
const joinedOutput = ({value}: State): Term[] => (value.op === 'concat' ? value.args.slice(-1) : []);

/** From 0, one more at each turn. */
function isCounter({self, initial, next}: LoopVariable): boolean {
  const [a, b] = next.op === 'add' ? next.args : [];
  const step = a === self ? b : b === self ? a : undefined;
  return scalarOf(initial) === 0 && scalarOf(step) === 1 && /^u?int/.test(initial.value!.dtype);
}

const conjuncts = (term: Term): Term[] => (term.op === 'and' ? term.args.flatMap(conjuncts) : [term]);

const minima = (term: Term): Term[] => (term.op === 'Minimum' ? term.args.flatMap(minima) : [term]);

/** `maximum(1, count)`, where it is bound by `count` itself as well. */
const isAtLeastOne = ({op, args}: Term, bounds: readonly Term[]): boolean =>
  op === 'Maximum' && args.some(arg => scalarOf(arg) === 1) && args.some(arg => bounds.includes(arg));

/** `maximum(1, reduce_max(lengths))`: no row is longer. */
function isLongest(term: Term, lengths: Term): boolean {
  if (term.op !== 'Maximum') return false;
  const one = term.args.find(arg => scalarOf(arg) === 1);
  const max = term.args.find(arg => arg !== one);
  return one !== undefined && max?.op === 'Max' && max.args[0] === lengths && numberOf(max.args[1]) === 0;
}

const isSameNumber = (a: Term, b: Term): boolean =>
  a === b || (scalarOf(a) !== undefined && scalarOf(a) === scalarOf(b));
