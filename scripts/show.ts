// What the engines make of a model, for people: npm run show -- WHAT CASE
// WHAT is one of those below. CASE is a golden case (keras-0.2.0/lstm_seq), or fields of a recurrence and of a call as
// JSON: '{"cell": "gru", "reset": "after", "batch": 2, "masked": true}'. `graph` takes a file of TensorFlow instead.
import {pathToFileURL} from 'node:url';
import {readSavedModel} from '../converters/index';
import {forwardGraph} from '../src/engines/native/forward-graph';
import {scheduleOf} from '../src/engines/native/loop-schedule';
import {engineFor, setEngine} from '../src/engines/registry';
import {type Choice, traceChoices} from '../src/engines/trace';
import type {Call} from '../src/engines/types';
import {compileBackward} from '../src/engines/wasm/compile/backward';
import {compileForward} from '../src/engines/wasm/compile/forward';
import {Sizes} from '../src/engines/wasm/compile/layout';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {differentiate} from '../src/recurrence/differentiate';
import {recordStep} from '../src/recurrence/step';
import {GATES, type Recurrence, STATES} from '../src/recurrence/types';
import {weightsOf} from '../src/recurrence/weights';
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
  const backward = differentiate(step);
  const {returns} = call;
  const forward = {step, saved: undefined, initial: initialOf(choice), biased: r.bias, returns};
  const weights = weightsOf(r).map(({name}) => name);
  return [
    `forward: ${programText(compileForward(sizes, forward).program)}`,
    `backward: ${programText(compileBackward(sizes, {step, backward, returns, weights, dx: true}).program)}`,
  ].join('\n');
}

function nativeGraph(choice: Choice): string {
  const {recurrence: r, call} = choice;
  const x = {shape: [call.batch, call.time, call.features]};
  const schedule = scheduleOf(r, {x} as Parameters<typeof scheduleOf>[1]);
  const step = recordStep(r, zeroInitial(choice));
  const initial = initialOf(choice);
  const {savedModel} = forwardGraph(r, {
    step,
    saved: [],
    initial,
    biased: r.bias,
    returns: call.returns,
    schedule,
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
  /** The wasm engine's programs, forwards and backwards. */
  program: wasmProgram,
  /** The TensorFlow graph of the native engine's forward pass. */
  native: nativeGraph,
  /** What `auto` takes, what each engine expected, and why others refused. */
  choice: choiceText,
};

/** A recurrence and a call with these fields; the others as they mostly are. */
function describedBy(fields: Readonly<Record<string, unknown>>): [Recurrence, Call] {
  const {batch, time, features, masked, initial, returns, save, ...recurrence} = {
    ...{batch: 1, time: 10, features: 4, masked: false, initial: false, returns: 'sequence', save: false},
    ...{
      cell: 'lstm',
      units: 8,
      mask: 'holdRepeat',
      direction: 'forward',
      outputOrder: 'processed',
      bias: true,
    },
    ...fields,
  };
  const r = {input: 'features', ...recurrence} as Recurrence;
  const gates = [...GATES[r.cell], 'h'].map(gate => [gate, {kind: 'tanh'} as const]);
  const call = {batch, time, features, masked, initial, returns, save} as Call;
  return [{...r, activations: {...Object.fromEntries(gates), ...r.activations}}, call];
}

/** Text about each recurrence of a golden case, or about a graph file. */
export async function show(what: string, name: string): Promise<string> {
  if (what === 'graph') return graphFileText(name);
  const text = SHOWN[what];
  if (!text) throw new Error(`'${what}' is none of ${[...Object.keys(SHOWN), 'graph'].join(', ')}`);
  await useBackend('auto');
  setEngine('auto');
  const seen: Choice[] = [];
  traceChoices(choice => seen.push(choice));
  try {
    if (name.startsWith('{')) engineFor(...describedBy(JSON.parse(name)));
    else await runGoldenTree([`fixtures/golden/${name}`]);
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
