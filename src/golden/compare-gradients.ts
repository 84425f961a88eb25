import type {NdArray} from '../../converters/arrays';
import type {FileSet} from '../../converters/files';
import {readNpz} from '../../converters/npz/read';
import {readFile} from '../../converters/open';
import {CarryoverError} from '../errors';
import type {OpenedModel} from '../model/open';
import {type Comparison, compare} from '../verify/compare';
import {loadArrays, plain} from './arrays';
import type {GoldenCase} from './case';
import {gradientsOf} from './gradients';

/** Gradients may be ten times further off than outputs, relative to the largest of each. */
export async function compareGradients(
  files: FileSet,
  golden: GoldenCase,
  opened: OpenedModel,
): Promise<Comparison[]> {
  const {folder, gradients, calls, tolerance} = golden;
  const {file, loss, inputs, weights} = gradients!;
  const arrays = readNpz(await readFile(files, `${folder}/${file}`), file);
  const array = (name: string): NdArray => {
    const found = arrays.get(name);
    if (found) return found;
    throw new CarryoverError('E_FORMAT', `${folder}/${file}: has no array '${name}'`);
  };
  const factors = Object.fromEntries(Object.entries(loss).map(([output, name]) => [output, array(name)]));
  const wanted = weights.map(([name, key]) => ({name, want: array(key)}));
  const sources = sourcesOf(opened);
  const named = wanted.every(({name}) => sources.has(name));
  const {model} = opened;
  const got = gradientsOf(
    model,
    await loadArrays(files, folder, calls[0]!.inputs),
    factors,
    Object.keys(inputs),
    named ? model.weights : model.trainableWeights,
  );
  const check = (what: string, own: NdArray, want: NdArray): Comparison => {
    const largest = plain(want).values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const atol = 10 * (tolerance.atol + tolerance.rtol * largest);
    return compare(`gradient of ${what}`, plain(own), plain(want), {atol, rtol: 0});
  };
  const own = named
    ? bySource(sources, got.weights, wanted)
    : inOtherLayouts(opened, inOrder(got.weights, wanted, golden.name), wanted);
  return [
    ...Object.entries(inputs).map(([input, name]) => check(input, got.inputs.get(input)!, array(name))),
    ...wanted.map(({name, want}, k) => check(name, own[k]!, want)),
  ];
}

interface Wanted {
  readonly name: string;
  readonly want: NdArray;
}

/** Where a file's array is among the model's weights, and the arrays whose rows come before its own there. */
interface Source {
  readonly place: number;
  readonly before: readonly string[];
}

/** A recipe says which array plays which role, and which ones are bands of rows of the same weight. */
function sourcesOf({model, layers}: OpenedModel): Map<string, Source> {
  const sources = new Map<string, Source>();
  for (const {record, built} of layers) {
    for (const [k, role] of built.roles.entries()) {
      const names = [record.variables?.[role]].flat().filter(name => typeof name === 'string');
      const place = model.weights.indexOf(built.layer.weights[k]!);
      for (const [n, name] of names.entries()) sources.set(name, {place, before: names.slice(0, n)});
    }
  }
  return sources;
}

function bySource(
  sources: ReadonlyMap<string, Source>,
  gradients: readonly NdArray[],
  wanted: readonly Wanted[],
): NdArray[] {
  const rows = new Map(wanted.map(({name, want}) => [name, want.shape[0] ?? 0]));
  return wanted.map(({name, want}) => {
    const {place, before} = sources.get(name)!;
    return band(
      gradients[place]!,
      before.reduce((sum, other) => sum + rows.get(other)!, 0),
      want.shape,
    );
  });
}

/** Without a recipe both sides have the library's order. */
function inOrder(gradients: readonly NdArray[], wanted: readonly Wanted[], where: string): NdArray[] {
  if (gradients.length === wanted.length) return [...gradients];
  throw new CarryoverError(
    'E_WEIGHTS',
    `${where}: gradients of ${wanted.length} arrays; the model has ${gradients.length} trainable ones`,
  );
}

/** Gradients as the arrays of the case lie: those of layers of cuDNN are of the plain layers that they were compared with. */
function inOtherLayouts(
  {model, layers}: OpenedModel,
  gradients: readonly NdArray[],
  wanted: readonly Wanted[],
): NdArray[] {
  const result = [...gradients];
  for (const {built} of layers) {
    const places = built.layer.weights.map(weight => model.trainableWeights.indexOf(weight));
    if (!built.gradientsOfOther || places.includes(-1)) continue;
    const own = places.map(place => {
      const {shape, values} = gradients[place]!;
      return {shape, values: values as Float32Array};
    });
    const converted = built.gradientsOfOther(
      own,
      places.map(place => wanted[place]!.want.shape),
    );
    for (const [k, array] of (converted ?? []).entries()) result[places[k]!] = {dtype: 'float32', ...array};
  }
  return result;
}

/** Rows of a gradient, from `top` on, as many as `shape` has. */
function band(gradient: NdArray, top: number, shape: readonly number[]): NdArray {
  // A bias of one row is a vector here.
  if (gradient.shape.length < shape.length) return {...gradient, shape};
  if (top === 0 && gradient.shape[0] === shape[0]) return gradient;
  const width = gradient.shape.slice(1).reduce((a, b) => a * b, 1);
  const values = (gradient.values as Float32Array).subarray(top * width, (top + shape[0]!) * width);
  return {...gradient, shape, values};
}
