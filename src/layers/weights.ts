import * as tf from '@tensorflow/tfjs-core';
import {initializers} from '@tensorflow/tfjs-layers';
import {type Arguments, snake} from '../dialects/arguments';
import type {ArraySpec} from '../dialects/arrays';
import {constraint, type Initializer, initializer, type KerasAge, regularizer} from '../model/keras';
import type {SerializableBase} from '../model/keras/spec';

/** Whose spelling of initializers a library follows, where it is not its own. */
const AGES: Readonly<Record<string, KerasAge>> = {
  keras0: 'keras0',
  keras1: 'keras1',
  keras2: 'keras2',
  keras3: 'keras3',
};

/** The initializer of an array; one that differs by gate fills column blocks. */
export function initializerOf(spec: ArraySpec, args: Arguments, library: string, units: number): Initializer {
  const resolve = (name: string): Initializer => {
    if (name === 'randomProjection') return new RandomProjection();
    return initializer(name in args ? pythonic(args[name]) : name, AGES[library] ?? 'keras2');
  };
  if (typeof spec.init === 'string') return resolve(spec.init);
  const byGate = spec.init;
  return new GateBlocks(
    spec.gates.map(gate => resolve(byGate[gate] ?? byGate.other ?? 'zeros')),
    units,
  );
}

export function regularizerOf(
  spec: ArraySpec,
  args: Arguments,
  where: string,
): ReturnType<typeof regularizer> {
  return spec.regularizer ? regularizer(pythonic(args[spec.regularizer]), where) : undefined;
}

export function constraintOf(spec: ArraySpec, args: Arguments, where: string): ReturnType<typeof constraint> {
  return spec.constraint ? constraint(pythonic(args[spec.constraint]), where) : undefined;
}

/** tfjs saves `class_name` and loads `className`: back to Python's spelling, which is the one that is parsed. */
function pythonic(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null || spec instanceof tf.serialization.Serializable) return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [snake(key), key === 'config' ? pythonic(value) : value]),
  );
}

/** An argument as JSON can hold it: tfjs objects become their class and config. */
export function serializable(value: unknown): unknown {
  if (value instanceof tf.serialization.Serializable) {
    return {className: value.getClassName(), config: value.getConfig()};
  }
  return value === undefined ? null : value;
}

// tfjs-layers exports initializers but not their base class, whose instances alone it accepts.
const Base = Object.getPrototypeOf(initializers.zeros().constructor) as SerializableBase<Initializer>;

/** One initializer per gate, side by side. */
class GateBlocks extends Base {
  static readonly className = 'CarryoverGateBlocks';
  constructor(
    private readonly blocks: readonly Initializer[],
    private readonly units: number,
  ) {
    super();
  }

  override apply(shape: number[], dtype?: tf.DataType): tf.Tensor {
    const block = [...shape.slice(0, -1), this.units];
    return tf.tidy(() =>
      tf.concat(
        this.blocks.map(init => init.apply(block, dtype)),
        shape.length - 1,
      ),
    );
  }
}

/** ±1/√n, or the identity where sizes allow: the fixed projection of Keras' JZS1 and JZS2. */
class RandomProjection extends Base {
  static readonly className = 'CarryoverRandomProjection';

  override apply(shape: number[]): tf.Tensor {
    const [rows, columns] = shape as [number, number];
    if (rows === columns) return tf.eye(rows);
    return tf.tidy(() => {
      const coin = tf.greaterEqual(tf.randomUniform(shape), 0.5);
      return tf.div(tf.sub(tf.mul(tf.cast(coin, 'float32'), 2), 1), Math.sqrt(rows));
    });
  }
}
