// The kernel's side of the wasm engine's instruction set, in AssemblyScript: layouts as classes, and the dispatch.

const TYPES = {float: 'f32', flag: 'i32', operation: 'i32'};
const BANNER = '// Made by scripts/build-kernel.mjs from src/engines/wasm/isa.ts.\n';

const capital = name => name[0].toUpperCase() + name.slice(1);
const wordsOf = instruction => `${capital(instruction)}Words`;

function layoutClass(name, layout) {
  const fields = Object.entries(layout).map(([word, kind]) => `  ${word}: ${TYPES[kind] ?? 'usize'};`);
  return `@unmanaged export class ${name} {\n${fields.join('\n')}\n}\n`;
}

/** Classes whose fields are the words of a layout, the codes of element operations, and the shared constants. */
export function kernelLayouts({CONSTANTS, ELEMENT_OPERATIONS, INSTRUCTIONS, RECORDS}) {
  const constants = Object.entries(CONSTANTS).map(
    ([name, value]) => `export const ${name}: usize = ${value};`,
  );
  const codes = ELEMENT_OPERATIONS.map(name => `  ${name},`);
  return [
    BANNER,
    `${constants.join('\n')}\n`,
    `export const enum ElementOperation {\n${codes.join('\n')}\n}\n`,
    ...Object.entries(RECORDS).map(([name, layout]) => layoutClass(capital(name), layout)),
    ...Object.entries(INSTRUCTIONS).map(([name, layout]) =>
      layoutClass(wordsOf(name), {opcode: 'count', ...layout}),
    ),
  ].join('\n');
}

/** The loop that runs instructions; each one is a function of its name in `instructions.ts`. */
export function kernelDispatch({INSTRUCTIONS}) {
  const names = Object.keys(INSTRUCTIONS);
  const cases = names.map((name, opcode) => {
    const words = wordsOf(name);
    const list = Object.entries(INSTRUCTIONS[name]).find(([, kind]) => kind === 'operations');
    const more = list ? ` + changetype<${words}>(p).${list[0]} * offsetof<Operation>()` : '';
    return `      case ${opcode}:
        ${name}<T>(changetype<${words}>(p), steps);
        p += offsetof<${words}>()${more};
        break;
`;
  });
  return `${BANNER}
import {${names.join(', ')}} from './instructions';
import {${['Operation', ...names.map(wordsOf)].join(', ')}} from './isa.generated';

/** Runs the instructions between two addresses. \`steps\`: how many the iteration has. */
export function execute<T>(from: usize, end: usize, steps: usize): void {
  let p = from;
  while (p < end) {
    switch (load<i32>(p)) {
${cases.join('')}      default:
        unreachable();
    }
  }
}
`;
}
