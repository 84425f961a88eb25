import {
  ELEMENT_OPERATIONS,
  type ElementOperation,
  INSTRUCTIONS,
  type InstructionName,
  type Layout,
  RECORDS,
} from '../isa';

/**
 * The pieces of memory that a program works on: the program itself, its own data, tensors that unit shards share, the
 * forward pass's reserve, and the packed weights.
 */
export const REGIONS = ['program', 'data', 'shared', 'reserve', 'weights'] as const;
export type Region = (typeof REGIONS)[number];

/** An address in a region; where the region lies is known when the program is loaded. */
export interface Place {
  readonly region: Region;
  readonly offset: number;
  /** Bytes by which the address moves from step to step. Default 0. */
  readonly step?: number;
  /** The address moves within a buffer of one iteration's steps: every iteration begins where the first one did. */
  readonly reset?: boolean;
}

/** The place some bytes further on. */
export function moved(place: Place, bytes: number): Place {
  return {...place, offset: place.offset + bytes};
}

/** `count` places, `bytes` apart. */
export function placesFrom(first: Place, count: number, bytes: number): readonly Place[] {
  return Array.from({length: count}, (_, k) => moved(first, k * bytes));
}

/** When instructions run: once before all steps, before each iteration, at each step, after each iteration, once at the end. */
const SECTIONS = ['before', 'open', 'step', 'close', 'after'] as const;
export type Section = (typeof SECTIONS)[number];

/** A program that runs anywhere in memory, once it is loaded there (`run/load.ts`). */
export interface Program {
  readonly words: Int32Array;
  /** Indices of the words to which a region's address is added. */
  readonly relocations: Readonly<Record<Region, Int32Array>>;
}

/** What a word of each kind is given as. */
interface Values {
  readonly address: Place;
  readonly 'address?': Place | undefined;
  readonly bytes: number;
  readonly count: number;
  readonly steps: number;
  readonly float: number;
  readonly flag: boolean;
  readonly mask: boolean;
  readonly operation: ElementOperation;
  readonly operations: readonly Words<typeof RECORDS.operation>[];
}

/** The words of a layout, by name. */
export type Words<L extends Layout> = {readonly [W in keyof L]: Values[L[W]]};

export type InstructionWords<I extends InstructionName> = Words<(typeof INSTRUCTIONS)[I]>;

type Word = number | Place;

const same = (value: number): number => value;
const bits = new DataView(new ArrayBuffer(4));

const ENCODERS: {readonly [K in Exclude<keyof Values, 'operations'>]: (value: Values[K]) => Word} = {
  address: place => place,
  'address?': place => place ?? 0,
  bytes: same,
  count: same,
  steps: same,
  float: value => {
    bits.setFloat32(0, value);
    return bits.getInt32(0);
  },
  flag: Number,
  mask: value => (value ? -1 : 0),
  operation: name => ELEMENT_OPERATIONS.indexOf(name),
};

/** Words in the order of their layout; the operations of an instruction follow it. */
export function encode<L extends Layout>(layout: L, values: Words<L>): Word[] {
  const words: Word[] = [];
  const operations: Word[] = [];
  for (const [name, kind] of Object.entries(layout)) {
    const value = values[name]!;
    if (kind === 'operations') {
      const list = value as Values['operations'];
      words.push(list.length);
      operations.push(...list.flatMap(each => encode(RECORDS.operation, each)));
    } else words.push(ENCODERS[kind](value as never));
  }
  return [...words, ...operations];
}

/** The index of a word in its layout. */
export function indexOf<L extends Layout>(layout: L, word: keyof L & string): number {
  return Object.keys(layout).indexOf(word);
}

const OPCODES = Object.keys(INSTRUCTIONS);
const HEADER_WORDS = Object.keys(RECORDS.header).length;
const inProgram = (word: number): Place => ({region: 'program', offset: word * 4});

/** Writes programs, section by section. */
export class Assembler {
  private readonly sections: Record<Section, Word[]> = {before: [], open: [], step: [], close: [], after: []};

  /** Adds an instruction at a section's end. */
  add<I extends InstructionName>(section: Section, instruction: I, words: InstructionWords<I>): void {
    const layout: (typeof INSTRUCTIONS)[I] = INSTRUCTIONS[instruction];
    this.sections[section].push(OPCODES.indexOf(instruction), ...encode(layout, words));
  }

  finish(steps: number, iterationSteps: number): Program {
    const body: Word[] = [];
    const stepMoves: Word[] = [];
    const iterationMoves: Word[] = [];
    const here = (): Place => inProgram(HEADER_WORDS + body.length);
    const append = (words: readonly Word[]): Place => {
      const at = here();
      body.push(...words);
      return at;
    };
    const begins = {} as Record<Section, Place>;
    for (const section of SECTIONS) {
      begins[section] = here();
      for (const word of this.sections[section]) {
        if (typeof word !== 'number') addMoves(word, section, here(), stepMoves, iterationMoves);
        body.push(word);
      }
    }
    const header = {
      steps,
      iterationSteps,
      ...begins,
      end: here(),
      stepMoves: append(stepMoves),
      iterationMoves: append(iterationMoves),
      movesEnd: here(),
    };
    return linked([...encode(RECORDS.header, header), ...body]);
  }
}

/** Has a word that holds a moving place moved, after steps and iterations. */
function addMoves(
  {step = 0, reset = false}: Place,
  section: Section,
  word: Place,
  stepMoves: Word[],
  iterationMoves: Word[],
): void {
  if (step === 0) return;
  const move = (bytes: number): Word[] => encode(RECORDS.move, {word, bytes});
  if (section === 'step') {
    stepMoves.push(...move(step));
    if (reset) iterationMoves.push(...move(-step));
  } else if (!reset) iterationMoves.push(...move(step));
}

function linked(words: readonly Word[]): Program {
  const relocations = Object.fromEntries(
    REGIONS.map(region => {
      const indices = [...words.keys()].filter(k => (words[k] as Place).region === region);
      return [region, Int32Array.from(indices)];
    }),
  ) as Record<Region, Int32Array>;
  return {
    words: Int32Array.from(words, word => (typeof word === 'number' ? word : word.offset)),
    relocations,
  };
}
