import {type Program, REGIONS, type Section} from '../../src/engines/wasm/compile/program';
import {
  ELEMENT_OPERATIONS,
  INSTRUCTIONS,
  type Layout,
  RECORDS,
  type WordKind,
} from '../../src/engines/wasm/isa';

/** A program of the wasm engine as text: its sections, an instruction a line, each word by its name. */
export function programText({words, relocations}: Program): string {
  const regions = new Map(
    REGIONS.flatMap(region => [...relocations[region]].map(at => [at, region] as const)),
  );
  const names = Object.keys(INSTRUCTIONS) as (keyof typeof INSTRUCTIONS)[];
  const header = wordsOf(RECORDS.header, 0);
  const sections: Section[] = ['before', 'open', 'step', 'close', 'after'];
  const place = (name: keyof typeof RECORDS.header): number => words[header.get(name)!]! / 4;
  const moves = {
    step: movesOf(place('stepMoves'), place('iterationMoves')),
    iteration: movesOf(place('iterationMoves'), place('movesEnd')),
  };

  /** Indices of a layout's words that begin at `at`. */
  function wordsOf(layout: Layout, at: number): Map<string, number> {
    return new Map(Object.keys(layout).map((name, k) => [name, at + k]));
  }

  /** By how many bytes words move, by index. */
  function movesOf(from: number, to: number): Map<number, number> {
    const result = new Map<number, number>();
    for (let at = from; at < to; at += 2) result.set(words[at]! / 4, words[at + 1]!);
    return result;
  }

  function show(at: number, kind: WordKind): string {
    const value = words[at]!;
    if (kind === 'float') return String(new Float32Array(Int32Array.of(value).buffer)[0]);
    if (kind === 'operation') return ELEMENT_OPERATIONS[value]!;
    if (kind === 'steps' && value === -1) return 'iteration';
    const region = regions.get(at);
    const text = region ? `${region}+${value}` : String(value);
    const step = moves.step.get(at);
    const iteration = moves.iteration.get(at);
    const moving = [step && `${signed(step)} a step`, iteration && `${signed(iteration)} an iteration`];
    const told = moving.filter(Boolean).join(', ');
    return told ? `${text} (${told})` : text;
  }

  /** The words of a layout, and where the next one begins. */
  function line(layout: Layout, at: number): string {
    const shown = Object.entries(layout).map(([name, kind], k) => `${name} ${show(at + k, kind)}`);
    return shown.filter(text => !/ 0$/.test(text)).join(', ');
  }

  function section(name: Section, end: number): string[] {
    const lines: string[] = [];
    for (let at = place(name); at < end; ) {
      const instruction = names[words[at]!]!;
      const layout: Layout = INSTRUCTIONS[instruction];
      lines.push(`  ${instruction}: ${line(layout, at + 1)}`);
      const list = Object.values(layout).indexOf('operations');
      const count = list < 0 ? 0 : words[at + 1 + list]!;
      at += 1 + Object.keys(layout).length;
      for (let k = 0; k < count; k++) {
        lines.push(`    ${line(RECORDS.operation, at)}`);
        at += Object.keys(RECORDS.operation).length;
      }
    }
    return lines;
  }

  const ends = [...sections.slice(1).map(place), place('end')];
  const parts = sections.map((name, k) => [`${name}:`, ...section(name, ends[k]!)]);
  const title = `${words[header.get('steps')!]} steps, ${words[header.get('iterationSteps')!]} an iteration`;
  return [title, ...parts.filter(lines => lines.length > 1).flat()].join('\n');
}

const signed = (bytes: number): string => (bytes > 0 ? `+${bytes}` : String(bytes));
