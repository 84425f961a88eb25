import type {layers} from '@tensorflow/tfjs-layers';
import {
  type ArgumentTable,
  checkArguments,
  pythonName,
  pythonNames,
  readArguments,
  type Spelling,
  type ValuesOf,
} from '../dialects/arguments';
import {CarryoverError} from '../errors';
import {takeMask} from '../layers/plain/base';

/** Where a layer comes from. */
export interface LayerContext {
  readonly library: string;
  readonly className: string;
  /** The release. */
  readonly version: string;
  /** What the model ran on: `theano`, `tensorflow`. It decides how convolutions and pooling work. */
  readonly backend?: string;
  readonly name: string;
  /** For error messages: `model.json: layer 3 'dense_1'`. */
  readonly where: string;
}

/** An array as a library saves it, beside the weight of the tfjs layer that it fills. */
export interface StoredArray {
  /** The library's own name for it: `W`, `kernel`. */
  readonly name: string;
  /** The index of the layer's weight; by default weights come in the same order. */
  readonly weight?: number;
  /** Which of the weight's axes each axis of the array is; by default the array lies as the weight does. */
  readonly axes?: readonly number[];
  /** The weight is a vector, and the array is a matrix of this one row. */
  readonly row?: boolean;
}

/** Arrays in the order in which the library saves them; a bare name is an array that lies as the weight does. */
export type StoredLayout = readonly (StoredArray | string)[];

/** A tfjs layer, and how its library saves it. */
export interface BuiltLayer {
  readonly layer: layers.Layer;
  /** The library's own parameter names, in the order of its saved arrays: ['W', 'b'], ['kernel', 'bias']. */
  readonly roles: readonly string[];
  /** The arrays' layout, and others that files may have. Absent where arrays are weights. */
  readonly layouts?: readonly StoredLayout[];
  /** What the user should know: settings that do not carry over, assumptions made. */
  readonly notes?: readonly string[];
}

/** What a declaration gets to know of its layer. */
export interface PlainContext extends LayerContext {
  /** The arguments that every tfjs layer takes. */
  readonly common: {name: string; trainable?: boolean};
}

/**
 * A layer that is not recurrent, as its library has it: both what its configs and arrays mean, and how they are written
 * again.
 */
export interface PlainLayer<A extends ArgumentTable = ArgumentTable> {
  /** The class, by the releases that have it. */
  readonly className: Spelling;
  readonly arguments: A;
  /** The layouts in which files have the layer's arrays, the release's own first. Absent for layers without arrays. */
  readonly arrays?: (args: ValuesOf<A>, version: string) => readonly StoredLayout[];
  /** The tfjs layer that computes the same. */
  readonly layer: (args: ValuesOf<A>, context: PlainContext) => layers.Layer;
  /** What is assumed, for people. */
  readonly notes?: (args: ValuesOf<A>, context: PlainContext) => readonly string[];
}

/** Declares a plain layer; its functions get their arguments' types from the table. */
export const plainLayer = <A extends ArgumentTable>(declaration: PlainLayer<A>): PlainLayer =>
  declaration as unknown as PlainLayer;

/** Plain layers by class name. */
export type PlainLayers = ReadonlyMap<string, PlainLayer>;

/** A table of declarations, each under all the names that its class ever had. */
export function plainLayers(declarations: readonly PlainLayer[]): PlainLayers {
  return new Map(
    declarations.flatMap(declaration => {
      const {className} = declaration;
      const names = typeof className === 'string' ? [className] : Object.values(className);
      return names.flatMap(name => (name === null ? [] : [[name, declaration] as const]));
    }),
  );
}

/**
 * The tfjs layer of a declaration.
 * @param config Python's own arguments, as in an architecture's JSON
 * @throws CarryoverError `E_ARCHITECTURE` for a config that says nothing sensible, `E_LAYER` for what is not supported
 */
export function buildPlain(
  declaration: PlainLayer,
  config: Readonly<Record<string, unknown>>,
  context: LayerContext,
): BuiltLayer {
  const {library, className, name, version, where} = context;
  const args = readPlainArguments(declaration.arguments, config, version, where);
  const said = checkArguments(declaration.arguments, config, version, where, `${className} of ${library}`);
  const trainable = typeof args.trainable === 'boolean' ? {trainable: args.trainable} : {};
  const full = {...context, common: {name, ...trainable}};
  const layer = declaration.layer(args, full);
  // tfjs' own layers leave the mask where the executor takes it to the next layer, masked or not.
  layer.setCallHook((_, kwargs) => takeMask(kwargs));
  const layouts = declaration.arrays?.(args, version);
  const roles = (layouts?.[0] ?? []).map(array => (typeof array === 'string' ? array : array.name));
  const notes = [...(declaration.notes?.(args, full) ?? []), ...said];
  return {layer, roles, ...(layouts ? {layouts} : {}), ...(notes.length > 0 ? {notes} : {})};
}

function readPlainArguments(
  table: ArgumentTable,
  config: Readonly<Record<string, unknown>>,
  version: string,
  where: string,
): Record<string, unknown> {
  const args = readArguments(table, config, version, where, 'E_ARCHITECTURE');
  for (const [name, spec] of Object.entries(table)) {
    const {kind} = spec;
    if (args[name] === null && kind === 'initializer') args[name] = spec.fallback(version);
    if (args[name] !== undefined || kind === 'other' || !pythonName(name, spec, version)) continue;
    const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: ${pythonNames(name, spec).join(' or ')} is missing; expected ${kind === 'integers' ? kind : `${article} ${kind}`}`,
    );
  }
  return args;
}
