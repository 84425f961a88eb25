import {readFileSync} from 'node:fs';
import test from 'ava';
import {FORMATS, formatNamed} from '../converters/formats';
import {RESULTS, releaseOf, summary} from '../scripts/support';
import {readResults, resultSections, writtenFormats} from '../scripts/support-tables';
import {classesIn} from '../src/golden/classes';
import {LIBRARIES} from '../src/libraries';
import type {LayerRecord} from '../src/model/architecture';
import {findGoldens, type GoldenResult} from '../src/node/golden';

const results = readResults();

test(`${RESULTS} has every library of the registry, and formats that it has`, t => {
  const found = [...new Set(results.map(({library}) => library))].sort();
  t.deepEqual(found, LIBRARIES.map(({name}) => name).sort());
  const formats = new Set(results.flatMap(release => Object.keys(release.formats)));
  t.deepEqual(
    [...formats].filter(name => !formatNamed(name)?.open),
    [],
  );
});

test(`${RESULTS} has every release, format and case of the golden cases that are kept here`, t => {
  const counts = new Map<string, number>();
  for (const folder of findGoldens(['fixtures/golden'])) {
    const golden = JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8'));
    const {library, version} = golden.made_by as {library: string; version: string};
    for (const {format} of golden.sources as {format: string}[]) {
      const key = `${releaseOf({madeBy: {library, release: version}})}: ${format}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const totals = new Map<string, number>();
  for (const {release, formats} of results)
    for (const [format, {total}] of Object.entries(formats)) {
      const key = `${release}: ${format}`;
      totals.set(key, (totals.get(key) ?? 0) + total);
    }
  t.true(counts.size > 20);
  t.deepEqual(
    [...counts].filter(([key, count]) => count > (totals.get(key) ?? 0)),
    [],
  );
});

test('the tables name every format that is in the results, and those that are written', t => {
  const text = resultSections();
  for (const {formats} of results)
    for (const name of Object.keys(formats)) t.true(text.includes(`\`${name}\``), name);
  for (const {name, write, writeGraph} of FORMATS)
    t.is(writtenFormats().includes(`\`${name}\``), (write ?? writeGraph) !== undefined);
});

const result = (facts: Partial<GoldenResult>): GoldenResult => ({
  name: 'a',
  family: 'family',
  source: 'model.h5',
  format: 'keras-h5',
  engine: 'ops on cpu',
  chosen: 'ops on cpu',
  ran: [],
  passed: true,
  compared: 1,
  madeBy: {library: 'keras', release: '2.2.4 and more'},
  opened: {library: 'keras2', classes: ['Dense', 'LSTM']},
  ...facts,
});

test('results are summed up by release, format and class; a miss is no pass, and a refusal is apart', t => {
  const found = summary([
    result({gradients: 2}),
    result({passed: false, gradients: 2}),
    result({passed: false, error: 'broken', opened: undefined, format: 'keras-zip'}),
    result({refused: 'a Lambda', opened: undefined}),
    result({madeBy: {library: 'keras', release: '2.0.9'}, opened: {library: 'keras2', classes: ['GRU']}}),
  ]);
  t.deepEqual(
    found.map(({release}) => release),
    ['keras 2.0.9', 'keras 2.2.4'],
  );
  const h5 = {passed: 1, total: 2, trained: 1};
  t.deepEqual(found[1], {
    library: 'keras2',
    release: 'keras 2.2.4',
    refused: 1,
    all: {passed: 1, total: 3, trained: 1},
    formats: {'keras-h5': h5, 'keras-zip': {passed: 0, total: 1, trained: 0}},
    classes: {Dense: {'keras-h5': h5}, LSTM: {'keras-h5': h5}},
  });
});

test('a release belongs to the library that most of its files open as', t => {
  const opened = (library: string) => result({opened: {library, classes: ['Dense']}});
  const found = summary([opened('keras2'), opened('tf1'), opened('tf1')]);
  t.deepEqual(
    found.map(({library, all}) => [library, all.total]),
    [['tf1', 3]],
  );
});

test('a release of which nothing opens is not passed over', t => {
  t.throws(() => summary([result({opened: undefined, passed: false})]), {
    message: /nothing of keras 2\.2\.4 opens/,
  });
});

test('classes are found inside wrappers and cells as well', t => {
  const cell = (name: string) => ({class_name: name, config: {units: 2}});
  const inner = {
    class_name: 'RNN',
    config: {cell: {class_name: 'StackedRNNCells', config: {cells: [cell('LSTMCell')]}}},
  };
  const record = {
    className: 'Bidirectional',
    config: {layer: inner, merge_mode: 'sum'},
  } as unknown as LayerRecord;
  t.deepEqual(classesIn([record]), ['Bidirectional', 'LSTMCell', 'RNN', 'StackedRNNCells']);
});
