import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../converters/arrays';
import {readArguments} from '../dialects/arguments';
import {fromCanonical, inputSizeOf, toCanonical} from '../dialects/arrays';
import type {CellDialect, Dialect} from '../dialects/dialect';
import {CarryoverError} from '../errors';
import {entriesOf} from '../recurrence/records';
import type {CanonicalName} from '../recurrence/weights';
import {differences, remarks} from './differences';
import {type Canonical, foldForgetBias, isUsed, mergeGateBiases, turnUpdateGate} from './weights';

/** A layer of one library: its class, its arguments, its arrays in the library's own order. */
export interface SourceLayer {
  readonly dialect: CellDialect;
  readonly config: Readonly<Record<string, unknown>>;
  readonly version?: string;
  readonly arrays: readonly NdArray[];
}

/** A layer as another library has it. */
export interface Translation {
  /** @internal */
  readonly dialect: CellDialect;
  /** The target library's release. */
  readonly version: string;
  /** The target's arguments, in camelCase. */
  readonly config: Readonly<Record<string, unknown>>;
  /** In the target's own order, under its own names. */
  readonly arrays: readonly (NdArray & {
    /** The target library's name of the array. */
    readonly name: string;
  })[];
  /** What differs where steps are masked, or in training. */
  readonly notes: readonly string[];
}

/**
 * Translates one library's layer into another one's arguments and arrays: arrays are regrouped, a run-time forget bias
 * is folded into the biases, an update gate that takes is turned into one that keeps where its function allows it.
 * Outputs are the same to rounding; what the target cannot express is refused.
 *
 * @param targets the dialects to try, in order; the first that can express the layer does
 * @throws CarryoverError `E_DIALECT` with the reasons
 */
export function translate(
  source: SourceLayer,
  targets: readonly CellDialect[],
  version?: string,
): Translation {
  let nearest: string[] | undefined;
  for (const target of targets) {
    const result = tryTarget(source, target, version ?? target.defaultVersion);
    if (!Array.isArray(result)) return result as Translation;
    if (!nearest || result.length < nearest.length) nearest = result;
  }
  const {library, className} = source.dialect;
  const whose = targets[0]?.library ?? 'the target';
  const why = nearest?.join('; ') ?? 'it has no such layer';
  throw new CarryoverError('E_DIALECT', `${library} ${className} cannot be expressed in ${whose}: ${why}`);
}

/** @returns the reasons why not, where the target cannot express it */
function tryTarget(source: SourceLayer, target: CellDialect, version: string): Translation | string[] {
  const {dialect} = source;
  const sourceVersion = source.version ?? dialect.defaultVersion;
  const args = readArguments(
    dialect.arguments,
    source.config,
    sourceVersion,
    `${dialect.library} ${dialect.className}`,
  );
  const recurrence = dialect.recurrence(args, sourceVersion);
  const returnSequences = isLayer(dialect) ? dialect.behaviour(args, sourceVersion).returnSequences : true;
  const config = target.fromRecurrence({...recurrence, forgetBias: 0, returnSequences});
  let targetRecurrence: ReturnType<CellDialect['recurrence']>;
  let targetArgs: Record<string, unknown>;
  try {
    targetArgs = readArguments(target.arguments, config, version, `${target.library} ${target.className}`);
    targetRecurrence = target.recurrence(targetArgs, version);
  } catch (error) {
    return [(error as Error).message];
  }
  const reasons = differences({...recurrence, forgetBias: 0}, targetRecurrence);
  if (isLayer(target) && target.behaviour(targetArgs, version).returnSequences !== returnSequences) {
    reasons.push(returnSequences ? 'it returns sequences' : 'it returns the last output alone');
  }
  if (reasons.length > 0) return reasons;
  return withArrays(source, args, {target, version, targetArgs, targetRecurrence});
}

interface Target {
  readonly target: CellDialect;
  readonly version: string;
  readonly targetArgs: Readonly<Record<string, unknown>>;
  readonly targetRecurrence: ReturnType<CellDialect['recurrence']>;
}

function withArrays(
  source: SourceLayer,
  args: Readonly<Record<string, unknown>>,
  {target, version, targetArgs, targetRecurrence}: Target,
): Translation | string[] {
  const {dialect} = source;
  const sourceVersion = source.version ?? dialect.defaultVersion;
  const recurrence = dialect.recurrence(args, sourceVersion);
  let refusal: string[] = [];
  const arrays: (NdArray & {name: string})[] = [];
  tf.tidy(() => {
    const specs = dialect.arrays(args, sourceVersion);
    const tensors = source.arrays.map(({values, shape}) =>
      tf.tensor(Float32Array.from(values as ArrayLike<number>), [...shape]),
    );
    const inputSize = inputSizeOf(
      specs,
      source.arrays.map(({shape}) => shape),
      recurrence,
    );
    const weights = toCanonical(specs, tensors, recurrence, inputSize);
    const targetSpecs = target.arrays(targetArgs, version);
    const canonical = adapt(foldForgetBias({recurrence, weights}), targetRecurrence, targetSpecs);
    if (!canonical) {
      refusal = ['the update gate plays the other role, and its function cannot be turned round'];
      return;
    }
    const known = new Set(targetSpecs.flatMap(({holds}) => holds));
    const lost = entriesOf(canonical.weights).filter(([name, weight]) => !known.has(name) && isUsed(weight));
    if (lost.length > 0) {
      refusal = [`it has ${lost.map(([name]) => NAMES[name] ?? name).join(', ')}`];
      return;
    }
    for (const [k, tensor] of fromCanonical(
      targetSpecs,
      canonical.weights,
      targetRecurrence,
      inputSize,
    ).entries()) {
      arrays.push({
        name: targetSpecs[k]!.name,
        dtype: 'float32',
        shape: tensor.shape,
        values: tensor.dataSync() as Float32Array,
      });
    }
  });
  if (refusal.length > 0) return refusal;
  return {dialect: target, version, config: targetArgs, arrays, notes: remarks(recurrence, targetRecurrence)};
}

/** Weights that a library may have no place for. */
const NAMES: Readonly<Partial<Record<CanonicalName, string>>> = {
  'initial.h': 'an initial state other than zero',
  'initial.c': 'an initial cell other than zero',
  recurrentBias: 'a bias of the recurrent product in the candidate',
};

function isLayer(dialect: CellDialect): dialect is Dialect {
  return 'behaviour' in dialect;
}

/** The layer as the target means it: gates in the target's roles, biases where the target has them. */
function adapt(
  canonical: Canonical,
  targetRecurrence: Canonical['recurrence'],
  specs: ReturnType<CellDialect['arrays']>,
): Canonical | undefined {
  const twoBiases = specs.some(({holds, gates}) => gates.includes('z') && holds.includes('recurrentBias'));
  const merged = twoBiases ? canonical : mergeGateBiases(canonical);
  const [targetRole, role] = [
    targetRecurrence.updateGate ?? 'keeps',
    merged.recurrence.updateGate ?? 'keeps',
  ];
  return targetRole === role || merged.recurrence.activations.z === undefined
    ? merged
    : turnUpdateGate(merged);
}
