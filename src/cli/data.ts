import {buffer} from 'node:stream/consumers';
import type {NdArray} from '../../converters/arrays';
import {readNpy} from '../../converters/npy/read';
import {readNpz} from '../../converters/npz/read';
import {readFile} from '../../converters/open';
import {isZip} from '../../converters/zip/magic';
import {CarryoverError} from '../errors';
import {diskFiles} from '../node/files/disk';
import type {Ports} from '../verify/ports';
import {type FileArgument, fileArgument, PIPE, usage} from './args';

/**
 * Reads the arrays of a model's inputs or outputs: those with a name first, the others in the model's order.
 * A `.npz` with several arrays names them itself.
 *
 * @param portsFor the inputs or outputs, which may depend on the names that arrays are given
 * @returns arrays by the names that they were given, the model's own for those without
 * @throws CarryoverError `E_USAGE` for a name that the model does not have, or one given twice
 */
export async function readNamed(
  verb: string,
  option: 'input' | 'expect',
  specs: readonly string[],
  portsFor: Ports | ((names: readonly string[]) => Ports),
): Promise<Record<string, NdArray>> {
  const what = option === 'input' ? 'input' : 'output';
  const files: (readonly [string | undefined, NdArray])[] = [];
  for (const spec of specs) files.push(...(await readArrays(fileArgument(spec, verb, option))));
  const given = files.flatMap(([name]) => (name === undefined ? [] : [name]));
  const ports = typeof portsFor === 'function' ? portsFor(given) : portsFor;
  const {names} = ports;
  const result = new Map<string, NdArray>();
  const taken = new Set<number>();
  const unnamed: NdArray[] = [];
  const put = (name: string, array: NdArray): void => {
    const place = ports.indexOf(name);
    if (taken.has(place)) throw usage(verb, `--${option} gives '${name}' twice`);
    taken.add(place);
    result.set(name, array);
  };
  for (const [key, array] of files) {
    if (key === undefined) unnamed.push(array);
    else put(key, array);
  }
  const free = names.filter((_, k) => !taken.has(k));
  if (unnamed.length > free.length) {
    throw new CarryoverError(
      'E_USAGE',
      `--${option}: ${unnamed.length + result.size} arrays given for ${what}s; the model has ${names.length}: ${names.join(', ')}`,
    );
  }
  for (const [k, array] of unnamed.entries()) put(free[k]!, array);
  return Object.fromEntries(result);
}

/** A file's arrays with the names that they were given. */
async function readArrays({name, path}: FileArgument): Promise<(readonly [string | undefined, NdArray])[]> {
  const bytes = path === PIPE ? await buffer(process.stdin) : await readFile(diskFiles, path);
  if (!isZip(bytes)) return [[name, readNpy(bytes, path === PIPE ? 'stdin' : path)]];
  const arrays = [...readNpz(bytes, path)];
  if (arrays.length === 1) return [[name, arrays[0]![1]]];
  if (name === undefined) return arrays;
  throw new CarryoverError(
    'E_USAGE',
    `${path}: has ${arrays.length} arrays (${arrays.map(([key]) => key).join(', ')}); '${name}=' needs a file with one`,
  );
}

/** Which outputs go to which file. */
export interface OutputPlan {
  readonly path: string;
  readonly names: readonly string[];
}

/**
 * Assigns a model's outputs to the files that are asked for; a `.npz` without a name takes all outputs.
 * @throws CarryoverError `E_USAGE` for a name that the model does not have, or more files than outputs
 */
export function planOutputs(verb: string, specs: readonly string[], ports: Ports): OutputPlan[] {
  const files = specs.map(spec => fileArgument(spec, verb, 'output'));
  const {names} = ports;
  const taken = new Set(files.map(({name}) => (name === undefined ? undefined : ports.indexOf(name))));
  const twice = files.find(({path}, k) => files.findIndex(other => other.path === path) !== k);
  if (twice) throw usage(verb, `--output gives '${twice.path}' twice`);
  const free = names.filter((_, k) => !taken.has(k));
  return files.map(({name, path}) => {
    if (name !== undefined) return {path, names: [name]};
    if (/\.npz$/i.test(path)) return {path, names};
    const next = free.shift();
    if (next !== undefined) return {path, names: [next]};
    throw new CarryoverError(
      'E_USAGE',
      `--output '${path}': the model has no further output; it has ${names.join(', ')}`,
    );
  });
}
