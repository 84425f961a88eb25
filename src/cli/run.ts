import type {NdArray} from '../../converters/arrays';
import {writeNpy} from '../../converters/npy/write';
import {writeNpz} from '../../converters/npz/write';
import {checkTarget, writeFiles} from '../node/files/write';
import {openModel} from '../node/load';
import {inputPorts, outputPorts, reaching} from '../verify/ports';
import {runModel} from '../verify/verify';
import {ENGINE_OPTIONS, JSON_OPTION, MODEL_OPTIONS, namesIn, PIPE, parse, usage} from './args';
import {planOutputs, readNamed} from './data';
import {chooseEngine} from './engine';
import {modelSource} from './model';
import type {Outcome} from './outcome';
import {modelNotes, note, print, printJson, progress, shapeText, table} from './output';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...ENGINE_OPTIONS,
  ...JSON_OPTION,
  input: {type: 'string', multiple: true},
  output: {type: 'string', multiple: true},
  force: {type: 'boolean'},
} as const;

/** `carryover run SOURCE --input ... --output ...` */
export async function run(args: readonly string[]): Promise<Outcome> {
  const {values, positionals} = parse('run', args, OPTIONS);
  const {input = [], output = [], force = false} = values;
  if (positionals.length > 1) throw usage('run', `'${positionals[1]}' is one argument too many`);
  if (input.length === 0) throw usage('run', 'no --input given');
  const wanted = namesIn('run', 'output', output);
  const fed = namesIn('run', 'input', input);
  const {source, options} = await modelSource('run', positionals[0], values, {inputs: fed, inside: wanted});
  const {chosen, ran} = await chooseEngine('run', values);
  const opened = await openModel(source, options);
  const {model, notes} = opened;
  for (const line of modelNotes(notes)) note(line);
  const asked = reaching(model, wanted);
  const outputs = outputPorts(asked);
  const plan = planOutputs('run', output, outputs);
  const piped = plan.some(({path}) => path === PIPE);
  if (piped && values.json) throw usage('run', "--output '-' and --json both write to stdout");
  for (const {path} of plan) if (path !== PIPE) checkTarget(path, {force});
  const inputs = await readNamed('run', 'input', input, inputPorts(model));
  progress(`running ${chosen}`);
  const results = runModel(asked, inputs);
  const engine = ran();
  const files = plan.map(({path, names}) => {
    const arrays = names.map(name => [name, results.get(name)!] as const);
    return {path, bytes: /\.npz$/i.test(path) ? writeNpz(arrays) : writeNpy(arrays[0]![1])};
  });
  await writeFiles(
    files.filter(({path}) => path !== PIPE),
    {force},
  );
  for (const {path, bytes} of files) if (path === PIPE) process.stdout.write(bytes);
  const written = new Map(
    plan.flatMap(({path, names}) => names.map(name => [outputs.indexOf(name), path] as const)),
  );
  const summaries = [...results].map(([name, array], k) => ({...summary(name, array), file: written.get(k)}));
  if (values.json) printJson({source, engine, chosen, outputs: summaries});
  else {
    const header = ['output', 'shape', 'min', 'mean', 'max', 'file'];
    const rows = summaries.map(({name, shape, min, mean, max, file}) => [
      ...[name, shapeText(shape), min.toPrecision(6), mean.toPrecision(6), max.toPrecision(6), file ?? ''],
    ]);
    const tell = piped ? note : print;
    tell(table([header, ...rows], {right: [2, 3, 4]}));
    tell(engine);
  }
  return 0;
}

function summary(name: string, {shape, dtype, values}: NdArray) {
  const numbers = values as Float32Array;
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const value of numbers) {
    // Not Math.min: that would be a call per element with a spread of arguments; and NaN must show.
    min = value < min || Number.isNaN(value) ? value : min;
    max = value > max || Number.isNaN(value) ? value : max;
    sum += value;
  }
  return {name, shape, dtype, min, mean: sum / numbers.length, max};
}
