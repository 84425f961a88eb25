import {indexOf, type Program, REGIONS, type Region} from '../compile/program';
import {RECORDS} from '../isa';
import type {TimeChunk} from './time-chunks';

const STEPS = indexOf(RECORDS.header, 'steps');
const BEFORE = indexOf(RECORDS.header, 'before');
const OPEN = indexOf(RECORDS.header, 'open');

/** The address of each region. */
export type Addresses = Readonly<Record<Region, number>>;

/** Writes a program into memory, for the steps of a time chunk; all of the program's steps by default. */
export function loadProgram(
  {words, relocations}: Program,
  memory: Int32Array,
  at: Addresses,
  {done, steps}: Pick<TimeChunk, 'done' | 'steps'> = {done: 0, steps: words[STEPS]!},
): void {
  const first = at.program >> 2;
  memory.set(words, first);
  for (const region of REGIONS) {
    const base = at[region];
    for (const word of relocations[region]) memory[first + word]! += base;
  }
  memory[first + STEPS] = steps;
  // Section `before` has run in the first chunk: an empty one takes its place.
  if (done > 0) memory[first + BEFORE] = memory[first + OPEN]!;
}
