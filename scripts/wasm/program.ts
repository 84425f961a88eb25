// Prints the program that the wasm engine runs for a recurrence:
//   npx tsx scripts/wasm/program.ts '{"cell": "gru", "units": 8, "reset": "after"}' --batch 2 --masked [--backward]
import {parseArgs} from 'node:util';
import {compileBackward} from '../../src/engines/wasm/compile/backward';
import {compileForward} from '../../src/engines/wasm/compile/forward';
import {Sizes} from '../../src/engines/wasm/compile/layout';
import {differentiate} from '../../src/recurrence/differentiate';
import {recordStep} from '../../src/recurrence/step';
import {GATES, type Recurrence} from '../../src/recurrence/types';
import {weightsOf} from '../../src/recurrence/weights';
import {disassemble} from './disassemble';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    batch: {type: 'string', default: '1'},
    time: {type: 'string', default: '10'},
    features: {type: 'string', default: '4'},
    lanes: {type: 'string', default: '4'},
    masked: {type: 'boolean', default: false},
    backward: {type: 'boolean', default: false},
  },
});

/** What a program's words say of an instruction, in one line; operations have one each. */
function lines(words: Readonly<Record<string, unknown>>): string[] {
  const own = Object.entries(words).filter(([name, value]) => name !== 'operations' && value !== undefined);
  const {operations = []} = words as {operations?: Readonly<Record<string, unknown>>[]};
  return [own.map(([name, value]) => `${name} ${value}`).join(', '), ...operations.flatMap(lines)];
}

function recurrenceOf(given: Partial<Recurrence>): Recurrence {
  const cell = given.cell ?? 'lstm';
  const gates = [...GATES[cell], 'h'] as const;
  return {
    cell,
    units: 8,
    activations: Object.fromEntries(gates.map(gate => [gate, {kind: 'tanh'} as const])),
    mask: 'holdRepeat',
    direction: 'forward',
    outputOrder: 'processed',
    bias: true,
    input: 'features',
    ...given,
  };
}

const r = recurrenceOf(JSON.parse(positionals[0] ?? '{}'));
const step = recordStep(r, {masked: values.masked, zeroInitial: true});
const backward = differentiate(step);
const [batch, time, features, lanes] = [values.batch, values.time, values.features, values.lanes].map(Number);
const sizes = new Sizes(r, batch!, time!, features!, lanes!);
const returns = 'sequence';
const {program, bytes} = values.backward
  ? compileBackward(sizes, {step, backward, returns, weights: weightsOf(r).map(({name}) => name), dx: true})
  : compileForward(sizes, {step, saved: undefined, initial: [], biased: r.bias, returns});
process.stdout.write(`${program.words.length} words, ${bytes} bytes of data\n`);
let last = '';
for (const {section, instruction, words} of disassemble(program)) {
  if (section !== last) process.stdout.write(`${section}:\n`);
  last = section;
  const [first, ...operations] = lines(words);
  process.stdout.write(`  ${instruction} ${first}\n${operations.map(line => `    ${line}\n`).join('')}`);
}
