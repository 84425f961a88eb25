import type {serialization} from '@tensorflow/tfjs-core';
import {CarryoverError} from '../errors';

/** A part of a layer's config that names a class or function: an initializer, a regularizer, a constraint. */
export interface NamedSpec {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Given as a bare string: the class's own defaults hold. */
  readonly bare: boolean;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the three spellings: `"l2"`, Keras 0.x/1.x `{"name": "MaxNorm", "m": 2}`, Keras 2.x/3
 * `{"class_name": "MaxNorm", "config": {"max_value": 2}}`. Returns undefined for null.
 */
export function namedSpec(spec: unknown, what: string, where: string): NamedSpec | undefined {
  if (spec === null || spec === undefined) return undefined;
  if (typeof spec === 'string') return {name: spec, config: {}, bare: true};
  if (isRecord(spec)) {
    if (typeof spec.class_name === 'string') {
      return {name: spec.class_name, config: isRecord(spec.config) ? spec.config : {}, bare: false};
    }
    if (typeof spec.name === 'string') {
      const {name, ...config} = spec;
      return {name: spec.name, config, bare: false};
    }
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: ${what} is ${JSON.stringify(spec)}, expected a name or a {"class_name", "config"} object`,
  );
}

/** A number of a config; numpy scalars that Keras wrote as `{"type": "ndarray", "value": x}` count. */
export function numberOf(value: unknown, fallback: number): number {
  const plain = isRecord(value) && value.type === 'ndarray' ? value.value : value;
  return typeof plain === 'number' ? plain : fallback;
}

/** A tfjs-layers base class that the package does not export, taken from one of its subclasses. */
export type SerializableBase<T> = (abstract new () => T) &
  Pick<typeof serialization.Serializable, 'fromConfig'>;
