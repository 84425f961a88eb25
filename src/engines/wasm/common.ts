import {gateColumns} from '../../recurrence/cells';
import type {Node} from '../../recurrence/expression';
import type {Gate} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {ROUND} from './codes';
import {Room, type Sizes} from './layout';
import {Packs} from './packs';
import {moved, type Place, ProgramWriter, type Section} from './program';

/** What the programs of both directions have in common. */
export interface Parts {
  readonly writer: ProgramWriter;
  readonly sizes: Sizes;
  readonly room: Room;
  /** Where tensors are: shared by the programs that have some of the columns each. */
  readonly tensors: Room;
  readonly packs: Packs;
}

/** Those of a new program. */
export function newParts(sizes: Sizes): Parts {
  const room = new Room('data');
  const tensors = sizes.columns ? new Room('shared') : room;
  return {writer: new ProgramWriter(), sizes, room, tensors, packs: new Packs(sizes)};
}

/** Rows `[rows, numbers]` of a tensor, side by side there, into rows of whole vectors. */
export function fillUp(
  {writer, sizes}: Parts,
  section: Section,
  to: Place,
  from: Place,
  numbers: number,
): void {
  const own = moved(from, sizes.first * 4);
  const stride = sizes.ofAll(numbers) * 4;
  writer.add(section, 'copyRows', to, 0, sizes.row(numbers), own, 0, stride, 1, sizes.rows, numbers);
}

/** The other way round. */
export function cutOff(
  {writer, sizes}: Parts,
  section: Section,
  to: Place,
  from: Place,
  numbers: number,
): void {
  const own = moved(to, sizes.first * 4);
  const stride = sizes.ofAll(numbers) * 4;
  writer.add(section, 'copyRows', own, 0, stride, from, 0, sizes.row(numbers), 1, sizes.rows, numbers);
}

/** Weight vectors along every row of the batch, by the gates that a step reads; each is laid out once. */
export function vectorsAlongRows(parts: Parts): (node: Extract<Node, {op: 'weight'}>) => readonly Place[] {
  const {writer, sizes, room, packs} = parts;
  const {cell, units} = sizes.recurrence;
  const known = new Map<string, Place>();
  const along = (weight: WeightName, all: number, gate: number): Place => {
    const key = `${weight} ${gate}`;
    const found = known.get(key);
    if (found) return found;
    const {place} = packs.vector(weight, all);
    const to = room.take(sizes.value(units));
    const row = sizes.row(units);
    writer.add('before', 'copyRows', to, 0, row, moved(place, gate * row), 0, 0, 1, sizes.rows, row / 4);
    known.set(key, to);
    return to;
  };
  return ({name, gates}) => {
    if (gates.length === 0) return [along(name, 1, 0)];
    const [first, count] = gateColumns(cell, gates);
    return Array.from({length: count}, (_, k) => along(name, sizes.gates.length, first + k));
  };
}

/** Dropout masks by gate. */
export function dropoutPlaces(parts: Parts): {
  given: Partial<Record<Gate | 'all', Place>>;
  leaf(gate?: Gate): Place;
} {
  const {sizes, room, tensors} = parts;
  const given: Partial<Record<Gate | 'all', Place>> = {};
  const whole = new Map<Gate | 'all', Place>();
  const leaf = (gate: Gate | 'all' = 'all'): Place => {
    const known = whole.get(gate);
    if (known) return known;
    const from = tensors.take(sizes.rows * sizes.ofAll(sizes.output) * 4);
    given[gate] = from;
    const to = room.take(sizes.value(sizes.output));
    fillUp(parts, 'before', to, from, sizes.output);
    whole.set(gate, to);
    return to;
  };
  return {given, leaf};
}

/**
 * Masks along rows, filled in at the beginning of each step.
 * @param table as `putGiven` fills it
 * @param first the first step that is processed, in that order; `direction` 1 or −1 from there on
 */
export function maskPlaces(
  {writer, sizes, room}: Parts,
  table: Place,
  first: number,
  direction: 1 | -1,
): (of: 'this' | 'previous', numbers: number) => Place {
  const known = new Map<string, Place>();
  const row = sizes.rows * 4;
  return (of, numbers) => {
    const key = `${of} ${sizes.row(numbers)}`;
    const found = known.get(key);
    if (found) return found;
    const to = room.take(sizes.value(numbers));
    const from = {...moved(table, (first + (of === 'this' ? 1 : 0)) * row), step: direction * row};
    writer.add('step', 'fillRows', to, from, sizes.rows, sizes.vectors(numbers));
    known.set(key, to);
    return to;
  };
}

/** Two ways through the rows of several steps; the longer loop is the inner one. */
export interface Strides {
  readonly step: number;
  readonly row: number;
}

/**
 * Adds A·B to C for all rows of a round. Only of places that move with the rounds.
 * @param round the most steps of one
 */
export function roundProduct(
  {writer, sizes, packs}: Parts,
  section: Section,
  round: number,
  a: Place,
  aStrides: Strides,
  pack: Parameters<Packs['panels']>[0],
  c: Place,
  cStrides: Strides,
  gate: number,
): void {
  const {place, depth, vectors, ofGate} = packs.panels(pack);
  const b = [depth, place, vectors, ofGate] as const;
  if (sizes.rows >= round) {
    writer.add(
      section,
      'product',
      a,
      aStrides.step,
      aStrides.row,
      ROUND,
      sizes.rows,
      ...b,
      c,
      cStrides.step,
      cStrides.row,
      gate,
    );
  } else {
    writer.add(
      section,
      'product',
      a,
      aStrides.row,
      aStrides.step,
      sizes.rows,
      ROUND,
      ...b,
      c,
      cStrides.row,
      cStrides.step,
      gate,
    );
  }
}
