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
import {isConnecting, takeMask} from '../layers/plain/base';
import type {ArrayPlace, BuiltLayer, CallSpec, InputShape, LayerContext, StoredLayout} from './built';

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
  /** Whose the arrays are, where layers inside of it have them. */
  readonly places?: (args: ValuesOf<A>) => readonly ArrayPlace[];
  /** How many of its arrays, the last ones, no training changes. */
  readonly untrained?: number;
  /** The shape of its input as far as those of its arrays tell. */
  readonly inputShape?: (arrays: readonly (readonly number[])[], args: ValuesOf<A>) => InputShape | undefined;
  /** What the layer takes of its calls beside tensors; `context.call` has it. Absent: nothing. */
  readonly call?: CallSpec;
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
  const {args, notes: said} = argumentsIn(declaration.arguments, config, context);
  const full = {...context, common: commonArguments(args, context)};
  const layer = declaration.layer(args, full);
  // tfjs' own layers leave the mask where the executor takes it to the next layer, masked or not.
  layer.setCallHook((_, kwargs) => takeMask(kwargs));
  const layouts = declaration.arrays?.(args, context.version);
  const roles = (layouts?.[0] ?? []).map(array => (typeof array === 'string' ? array : array.name));
  const notes = [...(declaration.notes?.(args, full) ?? []), ...said];
  const {untrained, inputShape} = declaration;
  const places = declaration.places?.(args);
  return {
    layer,
    ...(isConnecting(layer) ? {connect: inputs => layer.connect(inputs)} : {}),
    roles,
    ...(layouts ? {layouts} : {}),
    ...(places ? {places} : {}),
    ...(untrained ? {untrained} : {}),
    ...(inputShape ? {inputShape: arrays => inputShape(arrays, args)} : {}),
    ...(notes.length > 0 ? {notes} : {}),
  };
}

/** The arguments that every tfjs layer takes. */
export const commonArguments = (
  {trainable}: {readonly trainable?: unknown},
  {name}: LayerContext,
): PlainContext['common'] => (typeof trainable === 'boolean' ? {name, trainable} : {name});

/**
 * The arguments of a layer from its config, defaults filled in, and what has to be said of those that do not carry over.
 * @throws CarryoverError `E_ARCHITECTURE` for a value of the wrong kind or one that is missing, `E_LAYER` for an argument
 *   that is refused
 */
export function argumentsIn<A extends ArgumentTable>(
  table: A,
  config: Readonly<Record<string, unknown>>,
  {library, className, version, where}: LayerContext,
): {args: ValuesOf<A>; notes: readonly string[]} {
  const args = readArguments(table, config, version, where, 'E_ARCHITECTURE');
  for (const [name, spec] of Object.entries(table)) {
    const {kind} = spec;
    if (args[name] === null && kind === 'initializer') args[name] = spec.fallback(version);
    if (args[name] !== undefined || kind === 'other' || !pythonName(name, spec, version)) continue;
    const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: ${pythonNames(name, spec).join(' or ')} is missing; expected ${kind === 'integers' ? kind : `${article} ${kind}`}`,
      {argument: pythonName(name, spec, version)},
    );
  }
  const notes = checkArguments(table, config, version, where, `${className} of ${library}`);
  return {args: args as ValuesOf<A>, notes};
}
