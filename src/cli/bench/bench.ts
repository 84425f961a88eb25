import * as tf from '@tensorflow/tfjs-core';
import {engineNames} from '../../engines/registry';
import type {Choice} from '../../engines/trace';
import {openModel} from '../../node/load';
import {inputPorts} from '../../verify/ports';
import {inputTensors, predictAll} from '../../verify/verify';
import {ENGINE_OPTIONS, JSON_OPTION, MODEL_OPTIONS, parse, usage} from '../args';
import {readNamed} from '../data';
import {chooseEngine} from '../engine';
import {modelSource} from '../model';
import type {Outcome} from '../outcome';
import {modelNotes, note, print, printJson, progress, shapeText, table} from '../output';
import {type Measured, measure} from './measure';
import {type Spread, TURNS} from './turns';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  ...JSON_OPTION,
  input: {type: 'string', multiple: true},
  rounds: {type: 'string'},
} as const;

/** `carryover bench SOURCE --input ...` */
export async function bench(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('bench', args, OPTIONS);
  const {input = []} = values;
  if (positionals.length > 1) throw usage('bench', `'${positionals[1]}' is one argument too many`);
  if (input.length === 0) throw usage('bench', 'no --input given');
  const rounds = readRounds(values.rounds);
  const {source, options} = await modelSource('bench', positionals[0], values);
  const {backend} = await chooseEngine('bench', values);
  const {model, notes} = await openModel(source, options);
  for (const line of modelNotes(notes)) note(line);
  const tensors = inputTensors(model, await readNamed('bench', 'input', input, inputPorts(model)));
  const run = (): void => {
    const outputs = tf.tidy(() => predictAll(model, tensors));
    for (const output of outputs) output.dataSync();
    tf.dispose(outputs);
  };
  const wanted = values.engine === undefined || values.engine === 'auto' ? engineNames() : [values.engine];
  progress(`timing ${['auto', ...wanted].join(', ')} on ${backend}`);
  const {choices, engines} = await measure(wanted, run, {...TURNS, rounds});
  if (choices.length === 0) note('note: the model has no recurrence; engines make no difference to it');
  if (values.json) {
    printJson({source, backend, rounds, recurrences: choices.map(describe), engines});
  } else {
    print(timesTable(engines));
    for (const choice of choices) print(choiceLine(choice));
    print(`on ${backend}, ${rounds} rounds; milliseconds a run of the whole model`);
  }
  return 0;
}

function readRounds(text: string | undefined): number {
  if (text === undefined) return TURNS.rounds;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw usage('bench', `--rounds '${text}' is no whole number from 1 to 9999`);
}

/** Milliseconds, or a ratio, to three digits. */
function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const range = (spread: Spread | undefined): string =>
  spread ? `${figure(spread.p10)} – ${figure(spread.p90)}` : '-';

function timesTable(engines: readonly Measured[]): string {
  const rows = engines.map(({engine, runs, estimate, time, byAuto, reason}) => [
    engine,
    figure(estimate),
    figure(time?.median),
    range(time),
    figure(byAuto?.median),
    remark(engine, runs, reason),
  ]);
  return table([['engine', 'estimate', 'median', 'p10 – p90', 'by auto', 'runs'], ...rows], {
    right: [1, 2, 3, 4],
  });
}

function remark(engine: string, runs: readonly string[], reason: string | undefined): string {
  if (runs.length === 0) return reason ?? 'nothing';
  const used = [...new Set(runs)].map(name => `${count(runs, name)} on ${name}`).join(', ');
  return reason === undefined || engine === 'auto' ? used : `${used} (${reason})`;
}

const count = (runs: readonly string[], name: string): number => runs.filter(run => run === name).length;

/** What a choice was about. */
function describe({engine, recurrence, call, candidates}: Choice) {
  const {cell, units} = recurrence;
  const {batch, time, features, masked} = call;
  return {cell, units, batch, time, features, masked, auto: engine, candidates};
}

function choiceLine(choice: Choice): string {
  const {cell, units, batch, time, features, masked, auto, candidates} = describe(choice);
  const said = candidates.map(({engine, estimate, refusal}) =>
    refusal === undefined ? `${engine} ${figure(estimate)}` : `${engine}: ${refusal}`,
  );
  const what = `${cell} of ${units} units on ${shapeText([batch, time, features])}${masked ? ', masked' : ''}`;
  return `${what}: auto takes ${auto} (expected: ${said.join(', ')})`;
}
