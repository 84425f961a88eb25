import {type Program, REGIONS, type Region} from '../../src/engines/wasm/compile/program';
import {
  ELEMENT_OPERATIONS,
  INSTRUCTIONS,
  type InstructionName,
  type Layout,
  RECORDS,
} from '../../src/engines/wasm/isa';

/** An instruction of a program, its words by name. */
export interface Disassembled {
  readonly section: string;
  readonly instruction: InstructionName;
  readonly words: Readonly<Record<string, unknown>>;
}

const SECTIONS = ['before', 'open', 'step', 'close', 'after', 'end'] as const;
const NAMES = Object.keys(INSTRUCTIONS) as InstructionName[];

/** Reads a program back. Addresses are `region+offset`; one that moves has its bytes per step or iteration behind it. */
export function disassemble({words, relocations}: Program): Disassembled[] {
  const regions = new Map<number, Region>();
  for (const region of REGIONS) for (const word of relocations[region]) regions.set(word, region);
  const headerNames = Object.keys(RECORDS.header);
  const header = (name: keyof typeof RECORDS.header): number => words[headerNames.indexOf(name)]! / 4;
  const floats = new Float32Array(words.buffer);
  const moves = (from: number, to: number): Map<number, number> => {
    const found = new Map<number, number>();
    for (let at = from; at < to; at += 2) found.set(words[at]! / 4, words[at + 1]!);
    return found;
  };
  const stepMoves = moves(header('stepMoves'), header('iterationMoves'));
  const iterationMoves = moves(header('iterationMoves'), header('movesEnd'));
  const address = (at: number): string | undefined => {
    const region = regions.get(at);
    if (!region) return undefined;
    const sign = (bytes: number): string => `${bytes < 0 ? '' : '+'}${bytes}`;
    const [byStep, byIteration] = [stepMoves.get(at), iterationMoves.get(at)];
    const step =
      byStep === undefined ? '' : ` ${sign(byStep)} a step${byIteration === undefined ? '' : ', reset'}`;
    const iteration =
      byStep === undefined && byIteration !== undefined ? ` ${sign(byIteration)} a step, by iterations` : '';
    return `${region}+${words[at]}${step}${iteration}`;
  };
  let at = 0;
  const read = (layout: Layout): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    let operations: string | undefined;
    for (const [name, kind] of Object.entries(layout)) {
      const word = words[at]!;
      if (kind === 'address' || kind === 'address?') result[name] = address(at);
      else if (kind === 'float') result[name] = floats[at];
      else if (kind === 'flag' || kind === 'mask') result[name] = word !== 0;
      else if (kind === 'operation') result[name] = ELEMENT_OPERATIONS[word];
      else result[name] = word;
      if (kind === 'operations') operations = name;
      at += 1;
    }
    if (operations !== undefined)
      result[operations] = Array.from({length: result[operations] as number}, () => read(RECORDS.operation));
    return result;
  };
  return SECTIONS.slice(0, -1).flatMap((section, k) => {
    const end = header(SECTIONS[k + 1]!);
    const list: Disassembled[] = [];
    for (at = header(section); at < end; ) {
      const instruction = NAMES[words[at]!]!;
      at += 1;
      list.push({section, instruction, words: read(INSTRUCTIONS[instruction])});
    }
    return list;
  });
}
