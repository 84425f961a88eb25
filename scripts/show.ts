// What the engines make of a model, for people: npm run show -- WHAT CASE
// WHAT is one of those below; CASE a golden case (keras-0.2.0/lstm_seq). `graph` takes a file of TensorFlow instead.
import {pathToFileURL} from 'node:url';
import {readSavedModel} from '../converters/index';
import {forwardGraph} from '../src/engines/native/forward-graph';
import {paceOf} from '../src/engines/native/pace';
import {setEngine} from '../src/engines/registry';
import {type Choice, traceChoices} from '../src/engines/trace';
import {compileForward} from '../src/engines/wasm/compile/forward';
import {Sizes} from '../src/engines/wasm/compile/layout';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {recordStep} from '../src/recurrence/step';
import {STATES} from '../src/recurrence/types';
import {graphFileText, graphText} from './show/graph';
import {programText} from './show/program';
import {stepText} from './show/step';

/** Elements of a SIMD vector of WebAssembly. */
const LANES = 4;

const zeroInitial = ({call}: Choice): {masked: boolean; zeroInitial: boolean} => ({
  masked: call.masked,
  zeroInitial: !call.initial,
});
const initialOf = ({recurrence, call}: Choice) => (call.initial ? STATES[recurrence.cell] : []);

function wasmProgram(choice: Choice): string {
  const {recurrence: r, call} = choice;
  const sizes = new Sizes(r, call.batch, call.time, call.features, LANES);
  const step = recordStep(r, zeroInitial(choice));
  const initial = initialOf(choice);
  const spec = {step, saved: undefined, initial, biased: r.bias, returns: call.returns};
  return programText(compileForward(sizes, spec).program);
}

function nativeGraph(choice: Choice): string {
  const {recurrence: r, call} = choice;
  const x = {shape: [call.batch, call.time, call.features]};
  const pace = paceOf(r, {x} as Parameters<typeof paceOf>[1]);
  const step = recordStep(r, zeroInitial(choice));
  const initial = initialOf(choice);
  const {savedModel} = forwardGraph(r, {
    step,
    saved: [],
    initial,
    biased: r.bias,
    returns: call.returns,
    pace,
  });
  return graphText(readSavedModel(savedModel, 'native')[0]!.graph);
}

function choiceText({engine, candidates}: Choice): string {
  const lines = candidates.map(({engine: name, estimate, refusal}) => {
    const said = estimate === undefined ? refusal : `${estimate.toFixed(3)} ms expected`;
    return `${name === engine ? '→' : ' '} ${name}: ${said}`;
  });
  return lines.join('\n');
}

/** What can be shown of a recurrence in a call. */
const SHOWN: Readonly<Record<string, (choice: Choice) => string>> = {
  /** The canonical form. */
  recurrence: ({recurrence}) => JSON.stringify(recurrence, undefined, 2),
  /** The expression graph of a step, and of its derivative. */
  step: choice => stepText(choice.recurrence, zeroInitial(choice)),
  /** The wasm engine's program of the forward pass. */
  program: wasmProgram,
  /** The TensorFlow graph of the native engine's forward pass. */
  native: nativeGraph,
  /** What `auto` takes, what each engine expected, and why others refused. */
  choice: choiceText,
};

/** Text about each recurrence of a golden case, or about a graph file. */
export async function show(what: string, name: string): Promise<string> {
  if (what === 'graph') return graphFileText(name);
  const text = SHOWN[what];
  if (!text) throw new Error(`'${what}' is none of ${[...Object.keys(SHOWN), 'graph'].join(', ')}`);
  const seen: Choice[] = [];
  await useBackend('auto');
  setEngine('auto');
  traceChoices(choice => seen.push(choice));
  try {
    await runGoldenTree([`fixtures/golden/${name}`]);
  } finally {
    traceChoices(undefined);
  }
  const forwardOnly = seen.filter(({call}) => !call.save);
  const parts = new Map(forwardOnly.map(choice => [`${callText(choice)}\n${text(choice)}`, true]));
  return [...parts.keys()].join('\n\n');
}

function callText({recurrence: r, call}: Choice): string {
  const {batch, time, features, masked, returns} = call;
  const mask = masked ? `, masks: ${r.mask}` : '';
  return `${r.cell} of ${r.units} units, x [${batch}, ${time}, ${features}], returns ${returns}${mask}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [what = '', name = ''] = process.argv.slice(2);
  try {
    console.log(await show(what, name));
  } catch (error) {
    process.stderr.write(`show: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
