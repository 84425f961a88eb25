import {existsSync, statSync} from 'node:fs';
import {engineLabel} from '../engines/registry';
import {formatGoldenTable} from '../golden/table';
import {checkTarget, writeWhole} from '../node/files/write';
import {type GoldenResult, goldensIn, runGoldenTree} from '../node/golden';
import {openModel} from '../node/load';
import {type Comparison, compare} from '../verify/compare';
import {inputPorts, outputPorts, reaching} from '../verify/ports';
import {runModel, toleranceOf} from '../verify/verify';
import {ENGINE_OPTIONS, JSON_OPTION, MODEL_OPTIONS, namesIn, parse, usage} from './args';
import {readNamed} from './data';
import {chooseEngine} from './engine';
import {modelSource} from './model';
import type {Outcome} from './outcome';
import {
  inCommandWords,
  modelNotes,
  note,
  print,
  printJson,
  progress,
  shapeText,
  small,
  table,
} from './output';
import {errorBySteps, reportPage} from './report';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  ...JSON_OPTION,
  input: {type: 'string', multiple: true},
  expect: {type: 'string', multiple: true},
  tolerance: {type: 'string'},
  report: {type: 'string'},
  force: {type: 'boolean'},
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

/** `carryover verify SOURCE --input ... --expect ...`, or `carryover verify FOLDER...` */
export async function verify(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('verify', args, OPTIONS);
  // A SavedModel's folder, or one with a weight file, is a SOURCE.
  const isOne = values.input !== undefined || values.expect !== undefined;
  const isGolden = (path: string): boolean => isFolder(path) && (!isOne || goldensIn(path).length > 0);
  const folders = positionals.some(isGolden) || (positionals.length > 1 && !values.input);
  return folders ? verifyFolders(positionals, values) : verifySource(positionals, values);
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

async function verifyFolders(paths: readonly string[], values: Values): Promise<Outcome> {
  const own = [
    'input',
    'expect',
    'architecture',
    'weights',
    'report',
    'tolerance',
    'by-name',
    'until',
    'skip-mismatch',
    'library-version',
    'graph',
    'signature',
  ] as const;
  const odd = own.find(name => values[name] !== undefined);
  if (odd) throw usage('verify', `--${odd} is for one model; a golden folder says all that itself`);
  const file = paths.find(path => existsSync(path) && !isFolder(path));
  if (file) throw usage('verify', `'${file}' is a file; several SOURCES must be golden folders`);
  const {chosen, backend} = await chooseEngine('verify', values);
  const log = ({name, source, passed, skipped, refused}: GoldenResult): void => {
    const why = refused === undefined ? '' : ': refused as it should be';
    progress(`${skipped ? '-' : passed ? '✔' : '✘'} ${name} ${source}${why}`);
  };
  const report = await runGoldenTree(paths, {log});
  const engine = engineLabel([...new Set(report.cases.flatMap(({ran}) => ran))].sort(), backend);
  if (values.json) printJson({engine, chosen, ...report});
  else print(formatGoldenTable(report));
  return report.failed === 0 ? 0 : 1;
}

async function verifySource(positionals: readonly string[], values: Values): Promise<Outcome> {
  const {input = [], expect = [], force, report} = values;
  if (positionals.length > 1) throw usage('verify', `'${positionals[1]}' is one argument too many`);
  const {source, options, label} = await modelSource('verify', positionals[0], values, {
    inputs: namesIn('verify', 'input', input),
    inside: namesIn('verify', 'expect', expect),
  });
  if (input.length === 0) throw usage('verify', 'no --input given');
  if (expect.length === 0) throw usage('verify', 'no --expect given');
  const tolerance = toleranceOf(readTolerance(values.tolerance));
  if (report) checkTarget(report, {force});
  const {chosen, ran} = await chooseEngine('verify', values);
  const {model, notes} = await openModel(source, options);
  for (const line of modelNotes(notes)) note(line);
  const inputs = await readNamed('verify', 'input', input, inputPorts(model));
  let asked = model;
  const expected = await readNamed('verify', 'expect', expect, names => {
    asked = reaching(model, names);
    return outputPorts(asked);
  });
  progress(`running ${chosen}`);
  const results = runModel(asked, inputs);
  const engine = ran();
  const outputs = Object.entries(expected).map(([name, want]) => {
    const [got, wanted] = [numbers(results.get(name)!), numbers(want)];
    return {...compare(name, got, wanted, tolerance), steps: errorBySteps(got, wanted)};
  });
  const passed = outputs.every(output => output.passed);
  if (report) {
    const page = reportPage({label, engine, tolerance, notes: notes.map(inCommandWords), outputs});
    await writeWhole(report, page, {force});
  }
  if (values.json) {
    printJson({
      source,
      engine,
      chosen,
      tolerance,
      passed,
      outputs: outputs.map(({steps: _, ...output}) => output),
    });
  } else {
    print(parityTable(outputs));
    print(
      `${engine}, tolerance ${tolerance.atol} + ${tolerance.rtol} × |expected|: ${passed ? 'pass' : 'MISS'}`,
    );
  }
  return passed ? 0 : 1;
}

function readTolerance(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw usage('verify', `--tolerance '${text}' is no number of 0 or more`);
}

function numbers({shape, values}: {shape: readonly number[]; values: ArrayLike<unknown>}) {
  return {shape, values: Float64Array.from(values as ArrayLike<number | bigint>, Number)};
}

const HEADER = ['output', 'shape', 'max abs', 'max rel', 'ULPs', 'misses', 'first step out', 'parity'];

function parityTable(outputs: readonly Comparison[]): string {
  const rows = outputs.map(output => [
    output.name,
    shapeText(output.shape),
    small(output.maxAbs),
    small(output.maxRel),
    String(output.maxUlps),
    String(output.misses),
    output.firstBadStep === undefined ? '-' : String(output.firstBadStep),
    output.passed ? 'pass' : 'MISS',
  ]);
  return table([HEADER, ...rows], {right: [2, 3, 4, 5, 6]});
}
