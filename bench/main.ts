/** Carryover's engines beside what others have, in turn: `npm run bench`. See bench/README.md. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import '@tensorflow/tfjs-backend-wasm';
import {TURNS} from '../src/cli/bench/turns';
import {engineNames} from '../src/engines/registry';
import {useBackend} from '../src/node/backend';
import {type Case, runCase, titleOf} from './case';
import {fit} from './fit/fit';
import {memory} from './memory/memory';
import type {PythonPeer} from './peers/python';
import {startPeers} from './peers/start';
import {register} from './register/register';
import {machine, RESULTS, readResults, versions, writeResults} from './report/json';
import {caseTable} from './report/table';
import type {Settings} from './settings';
import {growth} from './suites/growth';
import {oneThread} from './suites/one-thread';
import type {Field, Suite} from './suites/suite';
import {forward, training, variants} from './suites/tables';

const SUITES: readonly Suite[] = [forward, training, variants, growth, oneThread];
/** What is not a matter of turns. */
const OTHERS: Readonly<Record<string, typeof fit>> = {memory, register, fit};
const NAMES = [...SUITES.map(({name}) => name), ...Object.keys(OTHERS)];

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    quick: {type: 'boolean', default: false},
    rounds: {type: 'string'},
    only: {type: 'string'},
    case: {type: 'string'},
    contestants: {type: 'string'},
    backend: {type: 'string'},
    'no-python': {type: 'boolean', default: false},
  },
});

/** All but `fit`, which writes into the sources, where nothing is named. */
const wanted = positionals.length > 0 ? positionals : NAMES.filter(name => name !== 'fit');
const settings = readSettings();

function readSettings(): Settings {
  const odd = wanted.find(name => !NAMES.includes(name));
  if (odd !== undefined) throw new Error(`there is no suite '${odd}'; there are ${NAMES.join(', ')}`);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : TURNS.rounds));
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds '${values.rounds}' is no whole number of 1 or more`);
  const {only, quick, backend, case: filter} = values;
  if (only !== undefined && only !== 'forward' && only !== 'training')
    throw new Error(`--only '${only}' is neither forward nor training`);
  const contestants = values.contestants?.split(',');
  return {turns: {...TURNS, rounds, ...(quick && {blockMs: 20})}, quick, only, filter, backend, contestants};
}

async function runSuite(suite: Suite, field: Field): Promise<void> {
  const {turns, quick, only, filter, contestants} = settings;
  const entries = new Map([...suite.entries(field)].filter(([name]) => contestants?.includes(name) ?? true));
  for (const problem of suite.problems(quick)) {
    const title = titleOf(problem);
    if (filter !== undefined && !title.includes(filter)) continue;
    if (only !== undefined && (only === 'training') !== problem.training) continue;
    const one = await runCase(suite.name, problem, entries, suite.pairs, turns);
    console.log(`\n${caseTable(one)}`);
    const ofPeers = <T>(of: (peer: PythonPeer) => T): Record<string, T> =>
      Object.fromEntries([...field.peers].map(([name, peer]) => [name, of(peer)]));
    writeResults<Case>('engines', [one], {
      turns,
      machine: machine(),
      versions: versions(ofPeers(peer => peer.versions)),
      idleShareOfACore: ofPeers(peer => peer.idleShare),
    });
  }
  const measured = readResults<Case>('engines').filter(one => one.suite === suite.name);
  if (measured.length === 0) return;
  const order = suite.problems(false).map(titleOf);
  measured.sort((a, b) => order.indexOf(a.title) - order.indexOf(b.title));
  for (const {file, svg} of suite.charts(measured)) {
    writeFileSync(`${RESULTS}/${file}`, svg);
    console.log(`\n${RESULTS}/${file}`);
  }
}

mkdirSync(RESULTS, {recursive: true});
await useBackend('tensorflow');
const suites = SUITES.filter(({name}) => wanted.includes(name));
const hasPeers = suites.some(suite => suite !== oneThread) && !values['no-python'];
const {found, missing} = hasPeers ? await startPeers() : {found: new Map<string, PythonPeer>(), missing: {}};
const {processor, cores} = machine();
console.log(`${processor}, ${cores} cores; batch, time, features, units`);
for (const [name, {versions: own}] of found)
  console.log(
    `${name}: ${Object.entries(own)
      .map(([what, version]) => `${what} ${version}`)
      .join(', ')}`,
  );
for (const [name, reason] of Object.entries(missing)) console.log(`${name} takes no part: ${reason}`);
for (const suite of suites) await runSuite(suite, {engines: engineNames(), peers: found});
for (const [name, peer] of found) {
  const share = (100 * peer.idleShare).toFixed(1);
  console.log(`${name} used ${share} % of a core while others had their turns`);
  peer.stop();
}
for (const [name, run] of Object.entries(OTHERS)) if (wanted.includes(name)) await run(settings);
