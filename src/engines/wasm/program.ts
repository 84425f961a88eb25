import {INSTRUCTION} from './codes';
import type {Window} from './windows';

/**
 * Where a value is: so many bytes into the program's own data, into what programs that meet share, into what is kept of
 * the forward pass for the backward one, or into the packed weights.
 *
 * A place that moves is `step` bytes further on at the next step. One that is `reset` is of a round: each round begins
 * where the one before began.
 */
export interface Place {
  readonly region: (typeof REGIONS)[number];
  readonly offset: number;
  readonly step?: number;
  readonly reset?: boolean;
}

const REGIONS = ['data', 'shared', 'kept', 'packs'] as const;

/** The address of the program and of each region. */
export type Addresses = Readonly<Record<'program' | Place['region'], number>>;

export function moved(place: Place, bytes: number): Place {
  return {...place, offset: place.offset + bytes};
}

/** When a section's instructions run; see `kernel/program.ts`. */
export const SECTIONS = ['before', 'open', 'step', 'close', 'after'] as const;
export type Section = (typeof SECTIONS)[number];

/** A program that runs anywhere in memory, once the addresses of its parts are added. */
export interface Program {
  readonly words: Int32Array;
  /** Which words hold places in the program itself and in each region. */
  readonly addresses: Readonly<Record<keyof Addresses, Int32Array>>;
}

export type Word = number | Place;

interface Move {
  readonly word: number;
  readonly bytes: number;
}

const HEADER_WORDS = 11;
/** Some of the header's words; see `kernel/program.ts`. */
const HEADER = {steps: 0, before: 2, open: 3} as const;
const bits = new DataView(new ArrayBuffer(4));

/** A float32 as the word that holds it. */
export function floatWord(x: number): number {
  bits.setFloat32(0, x);
  return bits.getInt32(0);
}

/** Writes programs, section by section. */
export class ProgramWriter {
  private readonly sections: Record<Section, Word[]> = {before: [], open: [], step: [], close: [], after: []};

  add(section: Section, instruction: keyof typeof INSTRUCTION, ...words: Word[]): void {
    this.sections[section].push(INSTRUCTION[instruction], ...words);
  }

  /** @param round the most steps of a round */
  finish(steps: number, round: number): Program {
    const words: number[] = [steps, round, ...new Array<number>(HEADER_WORDS - 2).fill(0)];
    const addresses: Record<keyof Addresses, number[]> = {
      program: [],
      data: [],
      shared: [],
      kept: [],
      packs: [],
    };
    const byStep: Move[] = [];
    const byRound: Move[] = [];
    const pointer = (header: number, word: number): void => {
      words[header] = word * 4;
      addresses.program.push(header);
    };
    for (const [k, section] of SECTIONS.entries()) {
      pointer(2 + k, words.length);
      for (const word of this.sections[section]) {
        if (typeof word !== 'number') {
          addresses[word.region].push(words.length);
          move(word, section, words.length, byStep, byRound);
        }
        words.push(typeof word === 'number' ? word : word.offset);
      }
    }
    pointer(7, words.length);
    for (const [header, list] of [
      [8, byStep],
      [9, byRound],
    ] as const) {
      pointer(header, words.length);
      for (const {word, bytes} of list) {
        addresses.program.push(words.length);
        words.push(word * 4, bytes);
      }
    }
    pointer(10, words.length);
    return {
      words: Int32Array.from(words),
      addresses: {
        program: Int32Array.from(addresses.program),
        data: Int32Array.from(addresses.data),
        shared: Int32Array.from(addresses.shared),
        kept: Int32Array.from(addresses.kept),
        packs: Int32Array.from(addresses.packs),
      },
    };
  }
}

function move(
  {step = 0, reset = false}: Place,
  section: Section,
  word: number,
  byStep: Move[],
  byRound: Move[],
) {
  if (step === 0) return;
  if (section === 'step') {
    byStep.push({word, bytes: step});
    if (reset) byRound.push({word, bytes: -step});
  } else if (!reset) byRound.push({word, bytes: step});
}

/** Puts a program into memory, every address in it counted from where its region is. */
export function place(
  {words, addresses}: Program,
  memory: Int32Array,
  at: Addresses,
  {done, steps}: Pick<Window, 'done' | 'steps'> = {done: 0, steps: words[HEADER.steps]!},
): void {
  const first = at.program >> 2;
  memory.set(words, first);
  for (const region of ['program', ...REGIONS] as const) {
    const base = at[region];
    for (const word of addresses[region]) memory[first + word]! += base;
  }
  memory[first + HEADER.steps] = steps;
  // What runs before all steps has run.
  if (done > 0) memory[first + HEADER.before] = memory[first + HEADER.open]!;
}
