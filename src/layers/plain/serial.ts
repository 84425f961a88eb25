import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import type {Constraint, Initializer, Regularizer} from '../../keras';

type Serializable = tf.serialization.Serializable;

/** How one weight starts, what it costs, and what holds it. */
export interface WeightRule {
  initializer: Initializer;
  regularizer?: Regularizer;
  constraint?: Constraint;
}

/** A rule as a constructor takes it: instances, or what `writeRule` made of them. */
export type WeightRuleArgs = {
  [K in keyof WeightRule]?: WeightRule[K] | tf.serialization.ConfigDict | null;
};

function isSerializable(value: object): value is Serializable {
  return 'getClassName' in value && typeof value.getClassName === 'function';
}

/** An instance, or the instance that `{className, config}` describes. */
export function revive<T extends Serializable>(
  value: T | tf.serialization.ConfigDict | null | undefined,
): T | undefined {
  if (value === null || value === undefined) return undefined;
  if (isSerializable(value)) return value as T;
  const {className, config} = value;
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[String(className)];
  if (entry === undefined) {
    throw new CarryoverError(
      'E_LAYER',
      `class '${String(className)}' is not registered; import what defines it before loading the model`,
    );
  }
  const [cls, fromConfig] = entry;
  return fromConfig(cls, (config ?? {}) as tf.serialization.ConfigDict) as T;
}

export function write(value: Serializable | undefined): tf.serialization.ConfigDictValue {
  return value === undefined ? null : {className: value.getClassName(), config: value.getConfig()};
}

export function reviveRule(rule: WeightRuleArgs | null | undefined, fallback: Initializer): WeightRule {
  return {
    initializer: revive<Initializer>(rule?.initializer) ?? fallback,
    regularizer: revive<Regularizer>(rule?.regularizer),
    constraint: revive<Constraint>(rule?.constraint),
  };
}

export function writeRule(rule: WeightRule): tf.serialization.ConfigDict {
  return {
    initializer: write(rule.initializer),
    regularizer: write(rule.regularizer),
    constraint: write(rule.constraint),
  };
}
