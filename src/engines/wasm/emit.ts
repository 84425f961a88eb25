import {BLOCK, ELEMENT} from './codes';
import type {Meeting} from './columns';
import type {Parts} from './common';
import type {Room, Sizes} from './layout';
import {type Action, isPlace, type Lowered, type Operand, type Value} from './lower';
import type {Packs} from './packs';
import {floatWord, type Place, type ProgramWriter, type Word} from './program';

/** Where a value is wanted after the step. */
export interface Sink {
  readonly value: Operand;
  readonly to: Place;
  readonly numbers: number;
  /** Nothing reads what was there before: the value may be computed right there. */
  readonly direct: boolean;
}

type Element = Extract<Action, {kind: 'element'}>;

/** Writes a step's actions into a program, with copies of what could not be computed where it is wanted. */
export function emitStep(
  writer: ProgramWriter,
  {actions}: Pick<Lowered, 'actions'>,
  sinks: readonly Sink[],
  {sizes, room, packs}: Pick<Parts, 'sizes' | 'room' | 'packs'>,
  meeting?: Meeting,
): void {
  const {first, last} = settle(sinks, actions);
  const all = [...first, ...actions, ...last];
  const segments = segmentsOf(all);
  giveHomes(all, segments, sizes, room);
  const spare: Place[] = [];
  for (const segment of segments) {
    if (segment[0]!.kind === 'element') emitElements(writer, segment as Element[], sizes, room, spare);
    else for (const action of segment) emitWhole(writer, action, sizes, packs, meeting);
  }
}

/**
 * Lets values be computed where they are wanted; what cannot is copied. A new state may take the old one's place where no
 * later action reads that.
 */
function settle(sinks: readonly Sink[], actions: readonly Action[]): {first: Element[]; last: Element[]} {
  const [first, last]: [Element[], Element[]] = [[], []];
  const keyOf = ({region, offset}: Place): string => `${region} ${offset}`;
  const written = new Set(actions.flatMap(action => (action.kind === 'product' ? action.to.map(keyOf) : [])));
  const copy = ({value, to, numbers}: Sink): Element => ({
    kind: 'element',
    code: ELEMENT.copy,
    numbers: [0, 0],
    to,
    operands: [value],
    size: numbers,
  });
  const later: Sink[] = [];
  for (const sink of sinks) {
    const {value, to, direct} = sink;
    if (!direct) later.push(sink);
    else if (isPlace(value)) (written.has(keyOf(value)) ? last : first).push(copy(sink));
    else if (value.home === undefined) value.home = to;
    else last.push(copy(sink));
  }
  const lastRead = new Map<string, number>();
  for (const [k, action] of actions.entries())
    for (const operand of operandsOf(action)) if (isPlace(operand)) lastRead.set(keyOf(operand), k);
  for (const {value} of later) if (isPlace(value)) lastRead.set(keyOf(value), actions.length);
  for (const sink of later) {
    const {value, to} = sink;
    const made = actions.findIndex(action => action.kind === 'element' && action.to === value);
    if (!isPlace(value) && value.home === undefined && made >= (lastRead.get(keyOf(to)) ?? 0))
      value.home = to;
    else last.push(copy(sink));
  }
  return {first, last};
}

/** Runs of element-wise actions on values of one size, and the others one by one. */
function segmentsOf(actions: readonly Action[]): Action[][] {
  const segments: Action[][] = [];
  for (const action of actions) {
    const last = segments.at(-1);
    const before = last?.[0];
    const joins = action.kind === 'element' && before?.kind === 'element' && before.size === action.size;
    if (joins) last!.push(action);
    else segments.push([action]);
  }
  return segments;
}

/** Whole values for all that is read outside of the segment that computes it. */
function giveHomes(
  actions: readonly Action[],
  segments: readonly (readonly Action[])[],
  sizes: Sizes,
  room: Room,
): void {
  const segmentOf = new Map<Action, number>();
  for (const [k, segment] of segments.entries()) for (const action of segment) segmentOf.set(action, k);
  const madeIn = new Map<Value, number>();
  const give = (value: Value): void => {
    value.home ??= room.take(sizes.value(value.numbers));
  };
  for (const action of actions) {
    const here = segmentOf.get(action)!;
    for (const operand of operandsOf(action)) {
      if (isPlace(operand)) continue;
      if (action.kind !== 'element' || madeIn.get(operand) !== here) give(operand);
    }
    if (action.kind === 'rows') give(action.to);
    else if (action.kind === 'element' && !isPlace(action.to)) madeIn.set(action.to, here);
  }
}

function operandsOf(action: Action): readonly Operand[] {
  switch (action.kind) {
    case 'element':
      return action.operands;
    case 'product':
      return [action.x];
    case 'rows':
      return [action.x, ...action.others.filter(other => typeof other !== 'number')];
    case 'zero':
      return [];
  }
}

/**
 * A segment as one instruction. Values without a home have room for a block, which is used again once no later
 * operation reads it.
 */
function emitElements(
  writer: ProgramWriter,
  segment: readonly Element[],
  sizes: Sizes,
  room: Room,
  spare: Place[],
): void {
  const lastRead = new Map<Operand, number>();
  for (const [k, {operands}] of segment.entries()) for (const operand of operands) lastRead.set(operand, k);
  const blocks = new Map<Operand, Place>();
  const words: Word[] = [];
  /** Place and mask: a whole value goes on from block to block, a block stays where it is. */
  const wordsOf = (operand: Operand | undefined): Word[] => {
    if (operand === undefined) return [0, 0];
    const whole = isPlace(operand) ? operand : operand.home;
    return whole ? [whole, -1] : [blocks.get(operand)!, 0];
  };
  for (const [k, {code, numbers, to, operands}] of segment.entries()) {
    const read = [0, 1, 2].flatMap(n => wordsOf(operands[n]));
    for (const operand of new Set(operands)) {
      const block = blocks.get(operand);
      if (block && lastRead.get(operand) === k) spare.push(block);
    }
    if (!isPlace(to) && !to.home) blocks.set(to, spare.pop() ?? room.take(BLOCK * 4));
    words.push(code, ...wordsOf(to), ...read, floatWord(numbers[0]), floatWord(numbers[1]));
  }
  // Those that nothing has read.
  for (const [value, block] of blocks) if (!lastRead.has(value)) spare.push(block);
  writer.add('step', 'elements', sizes.value(segment[0]!.size), segment.length, ...words);
}

function emitWhole(
  writer: ProgramWriter,
  action: Action,
  sizes: Sizes,
  packs: Packs,
  meeting: Meeting | undefined,
): void {
  const whole = (operand: Operand): Place => (isPlace(operand) ? operand : operand.home!);
  switch (action.kind) {
    case 'zero':
      writer.add('step', 'zero', action.to, action.bytes);
      break;
    case 'product': {
      const {x, pack, to} = action;
      const {place, depth, vectors, ofGate, columns} = packs.panels(pack);
      const a = meeting ? meeting.share(whole(x)) : whole(x);
      const [from, row, gate] = [sizes.row(depth), sizes.row(columns), sizes.value(columns)];
      const b: Word[] = [depth, place, vectors, ofGate];
      writer.add('step', 'product', a, 0, from, 1, sizes.rows, ...b, to[0]!, 0, row, gate);
      break;
    }
    case 'rows': {
      const {instruction, to, x, others} = action;
      const more = others.map(other => (typeof other === 'number' ? floatWord(other) : whole(other)));
      const [scale, y] = instruction === 'standardizeGradient' ? [more[0]!, more[1]!] : [more[0]!, undefined];
      const words = [sizes.rows, to.numbers, sizes.row(to.numbers), scale, ...(y === undefined ? [] : [y])];
      writer.add('step', instruction, whole(to), whole(x), ...words);
      break;
    }
    case 'element':
      throw new TypeError('element-wise actions are written by segment');
  }
}
