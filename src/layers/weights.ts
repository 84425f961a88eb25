import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable} from '@tensorflow/tfjs-layers';
import {type Arguments, snake} from '../dialects/arguments';
import {type ArraySpec, type Sizes, type Start, shapeOf} from '../dialects/arrays';
import {
  type Constraint,
  constraint,
  type Initializer,
  type InitializerRules,
  initializer,
  type Regularizer,
  regularizer,
} from '../keras';
import type {SerializableBase} from '../keras/spec';

/** The arguments of tfjs' `addWeight`, which is protected there. */
export type AddWeight = (
  name: string,
  shape: number[],
  dtype: 'float32',
  initializer: Initializer,
  regularizer: Regularizer | undefined,
  trainable: boolean,
  constraint: Constraint | undefined,
) => LayerVariable;

/** The initializer of an array; one that differs by gate fills column blocks. */
function initializerOf(
  spec: ArraySpec,
  args: Arguments,
  rules: InitializerRules,
  units: number,
): Initializer {
  const resolve = (name: string): Initializer => {
    if (name === 'randomProjection') return new RandomProjection();
    if (!Object.hasOwn(args, name)) return initializer(name, rules);
    return ownOr(args[name], spec => initializer(spec, rules));
  };
  if (typeof spec.init === 'string') return resolve(spec.init);
  const starts = [spec.init].flat() as Start[];
  const blocks = starts.flatMap(start =>
    spec.gates.map(gate =>
      resolve(typeof start === 'string' ? start : (start[gate] ?? start.other ?? 'zeros')),
    ),
  );
  return new GateBlocks(blocks, units);
}

/** Makes the variables of a library's arrays. `add` is a layer's own `addWeight`. */
export function addArrays(
  specs: readonly ArraySpec[],
  inputSize: number,
  recurrence: Sizes,
  {
    args,
    initializers: rules,
    where,
    prefix,
  }: {args: Arguments; initializers: InitializerRules; where: string; prefix: string},
  add: AddWeight,
): LayerVariable[] {
  return specs.map(spec =>
    add(
      prefix + spec.name,
      shapeOf(spec, inputSize, recurrence),
      'float32',
      initializerOf(spec, args, rules, recurrence.units),
      regularizerOf(spec, args, where),
      spec.trainable ?? true,
      constraintOf(spec, args, where),
    ),
  );
}

/** The names of arrays in the order of `getWeights()`: those that are trained come first. */
export function arrayNames(specs: readonly ArraySpec[]): string[] {
  const trained = (spec: ArraySpec): boolean => spec.trainable ?? true;
  return [...specs.filter(trained), ...specs.filter(spec => !trained(spec))].map(({name}) => name);
}

function regularizerOf(spec: ArraySpec, args: Arguments, where: string): Regularizer | undefined {
  if (spec.regularizer === undefined) return undefined;
  return ownOr(args[spec.regularizer], named => regularizer(named, where));
}

function constraintOf(spec: ArraySpec, args: Arguments, where: string): Constraint | undefined {
  if (spec.constraint === undefined) return undefined;
  return ownOr(args[spec.constraint], named => constraint(named, where));
}

/** An object of tfjs as it is, or what a library's name or config of one means. */
function ownOr<T>(value: unknown, parse: (spec: unknown) => T): T {
  return value instanceof tf.serialization.Serializable ? (value as T) : parse(pythonic(value));
}

/** tfjs saves `class_name` and loads `className`: back to Python's spelling, which is the one that is parsed. */
function pythonic(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null) return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [snake(key), key === 'config' ? pythonic(value) : value]),
  );
}

/** An argument as JSON can hold it: tfjs objects become their class and config. */
export function serializable(value: unknown): unknown {
  if (value instanceof tf.serialization.Serializable) {
    return {className: value.getClassName(), config: value.getConfig()};
  }
  return value;
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

/** An initializer of column blocks, `units` wide each, that start each in their own way. */
export const gateBlocks = (blocks: readonly Initializer[], units: number): Initializer =>
  new GateBlocks(blocks, units);

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
