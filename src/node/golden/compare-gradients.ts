import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {NdArray} from '../../../converters/arrays';
import {readNpz} from '../../../converters/npz/read';
import {CarryoverError} from '../../errors';
import {type Comparison, compare} from '../../verify/compare';
import type {OpenedModel} from '../load';
import {loadArrays, plain} from './arrays';
import type {GoldenCase} from './case';
import {gradientsOf} from './gradients';

/** Gradients may be ten times further off than outputs, relative to the largest of each. */
export async function compareGradients(golden: GoldenCase, opened: OpenedModel): Promise<Comparison[]> {
  const {folder, gradients, calls, tolerance} = golden;
  const {file, loss, inputs, weights} = gradients!;
  const arrays = readNpz(readFileSync(join(folder, file)), file);
  const array = (name: string): NdArray => {
    const found = arrays.get(name);
    if (found) return found;
    throw new CarryoverError('E_FORMAT', `${folder}/${file}: has no array '${name}'`);
  };
  const factors = Object.fromEntries(Object.entries(loss).map(([output, name]) => [output, array(name)]));
  const got = gradientsOf(
    opened.model,
    await loadArrays(folder, calls[0]!.inputs),
    factors,
    Object.keys(inputs),
  );
  const check = (what: string, own: NdArray, want: NdArray): Comparison => {
    const largest = plain(want).values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const atol = 10 * (tolerance.atol + tolerance.rtol * largest);
    return compare(`gradient of ${what}`, plain(own), plain(want), {atol, rtol: 0});
  };
  const wanted = weights.map(([name, key]) => ({name, want: array(key)}));
  const own = ownGradients(opened, got.weights, wanted, golden.name);
  return [
    ...Object.entries(inputs).map(([input, name]) => check(input, got.inputs.get(input)!, array(name))),
    ...wanted.map(({name, want}, k) => check(name, own[k]!, want)),
  ];
}

interface Wanted {
  readonly name: string;
  readonly want: NdArray;
}

/**
 * The model's gradient of each of the library's arrays. A recipe says which array plays which role, and which
 * ones are bands of rows of the same weight; elsewhere both sides have the library's order.
 */
function ownGradients(
  {model, layers}: OpenedModel,
  gradients: readonly NdArray[],
  wanted: readonly Wanted[],
  where: string,
): NdArray[] {
  const sources = new Map<string, {readonly place: number; readonly before: readonly string[]}>();
  for (const {record, built} of layers) {
    for (const [k, role] of built.roles.entries()) {
      const names = [record.variables?.[role]].flat().filter(name => typeof name === 'string');
      const place = model.trainableWeights.indexOf(built.layer.weights[k]!);
      for (const [n, name] of names.entries())
        if (place >= 0) sources.set(name, {place, before: names.slice(0, n)});
    }
  }
  if (wanted.every(({name}) => sources.has(name))) {
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
  if (gradients.length === wanted.length) return [...gradients];
  throw new CarryoverError(
    'E_WEIGHTS',
    `${where}: gradients of ${wanted.length} arrays; the model has ${gradients.length} trainable ones`,
  );
}

/** Rows of a gradient, from `top` on, as many as `shape` has. */
function band(gradient: NdArray, top: number, shape: readonly number[]): NdArray {
  if (top === 0 && gradient.shape[0] === shape[0]) return gradient;
  const width = gradient.shape.slice(1).reduce((a, b) => a * b, 1);
  const values = (gradient.values as Float32Array).subarray(top * width, (top + shape[0]!) * width);
  return {...gradient, shape, values};
}
