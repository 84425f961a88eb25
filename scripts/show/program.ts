import type {Program} from '../../src/engines/wasm/compile/program';
import {disassemble} from '../wasm/disassemble';

/** A program of the wasm engine as text: its sections, an instruction a line, each word by its name. */
export function programText(program: Program): string {
  const lines = [`${program.words.length} words`];
  let last = '';
  for (const {section, instruction, words} of disassemble(program)) {
    if (section !== last) lines.push(`${section}:`);
    last = section;
    const {operations = [], ...others} = words as {operations?: readonly Words[]};
    lines.push(`  ${instruction}: ${wordsText(others)}`);
    lines.push(...operations.map(operation => `    ${wordsText(operation)}`));
  }
  return lines.join('\n');
}

type Words = Readonly<Record<string, unknown>>;

const wordsText = (words: Words): string =>
  Object.entries(words)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
