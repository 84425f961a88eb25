import * as tf from '@tensorflow/tfjs-core';
import {type LayerVariable, layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import type {Initializer} from '../../keras';
import {axesIn, type FunctionSetting, functionOf, untracked} from './functions';
import {reviveRule, type WeightRule, type WeightRuleArgs, writeRule} from './serial';

export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;
export type Kwargs = Parameters<layers.Layer['call']>[1];
export type Tensors = tf.Tensor | tf.Tensor[];
export type Shapes = Shape | Shape[];
/** tfjs' types leave out that a mask may be missing. */
export type Masks = tf.Tensor | tf.Tensor[] | null | undefined;

export function only<T>(values: T | T[]): T {
  return Array.isArray(values) ? values[0]! : values;
}

/** The shape of the one input; a shape is an array itself, hence not `only`. */
export function onlyShape(shape: Shapes): Shape {
  return Array.isArray(shape[0]) ? shape[0] : (shape as Shape);
}

/** Arguments of a constructor: tfjs' own, the layer's settings, and rules for its weights by their names. */
export type PlainArgs<A extends object, Needed extends keyof A = never> = LayerArgs &
  Pick<A, Needed> & {[K in Exclude<keyof A, Needed>]?: A[K] | null};

/** A layer whose settings, and how its weights start, are what its constructor takes and `getConfig` gives. */
export abstract class SettledLayer<A extends object = object> extends layers.Layer {
  /** The arguments of the class itself, defaults filled in. */
  protected readonly settings: A;
  private readonly rules: ReadonlyMap<string, WeightRule>;

  /**
   * @param defaults every setting; undefined where it must be given
   * @param starts the weights by name, and how they start where nothing else is said
   */
  constructor(
    args: LayerArgs,
    defaults: {readonly [K in keyof A]: A[K] | undefined},
    starts: Readonly<Record<string, Initializer>> = {},
  ) {
    super(args);
    this.supportsMasking = true;
    const given = args as Readonly<Record<string, unknown>>;
    const settings = Object.entries(defaults).map(([name, value]) => [name, given[name] ?? value]);
    this.settings = Object.fromEntries(settings) as A;
    this.rules = new Map(
      Object.entries(starts).map(([name, start]) => [name, reviveRule(given[name] as WeightRuleArgs, start)]),
    );
  }

  /** Makes a weight, which starts as the rule of its name says, or that of another name. */
  protected weight(name: string, shape: number[], rule = name, trainable = true): LayerVariable {
    const {initializer, regularizer, constraint} = this.rules.get(rule)!;
    return this.addWeight(name, shape, 'float32', initializer, regularizer, trainable, constraint);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const rules = [...this.rules].map(([name, rule]) => [name, writeRule(rule)]);
    return {...this.settings, ...Object.fromEntries(rules), ...super.getConfig()};
  }
}

/**
 * A layer with one input tensor: `compute` runs inside `tf.tidy`. Masks pass through, unless a class says otherwise, or its
 * setting `stopsMask`.
 */
export abstract class PlainLayer<A extends object = object> extends SettledLayer<A> {
  abstract compute(x: tf.Tensor, training: boolean, mask: tf.Tensor | undefined): tf.Tensor;

  override call(inputs: Tensors, kwargs: Kwargs): tf.Tensor {
    const mask = takeMask(kwargs);
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return this.compute(only(inputs), kwargs?.training === true, mask && untracked(mask));
    });
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return onlyShape(inputShape);
  }

  override computeMask(_inputs: Tensors, mask?: Masks): tf.Tensor {
    if ((this.settings as {readonly stopsMask?: boolean}).stopsMask) return NO_MASK;
    return (only(mask as tf.Tensor) ?? null) as tf.Tensor;
  }
}

/** A layer that is more than applied to the tensors of a call: it wants others beside them, or gives more than its own. */
export interface Connecting extends layers.Layer {
  connect(inputs: readonly SymbolicTensor[]): SymbolicTensor[];
}

/** Whether a layer connects itself. */
export const isConnecting = (layer: layers.Layer): layer is Connecting => 'connect' in layer;

/** A layer after which a mask has no meaning. */
export abstract class UnmaskedLayer<A extends object = object> extends PlainLayer<A> {
  override computeMask(_inputs: Tensors, _mask?: Masks): tf.Tensor {
    return NO_MASK;
  }
}

/**
 * The mask of a call's first input. It is removed from the keyword arguments: tfjs' executor keeps one object
 * for all layers of a model, and a mask left there reaches later layers that have none.
 */
export function takeMask(kwargs: Kwargs | undefined): tf.Tensor | undefined {
  if (kwargs === undefined || kwargs === null) return undefined;
  const mask = only(kwargs.mask as tf.Tensor | tf.Tensor[] | undefined);
  delete kwargs.mask;
  return mask ?? undefined;
}

/** No mask comes out. tfjs' types have no word for that, which is null. */
export const NO_MASK = null as unknown as tf.Tensor;

/** A dimension that the weights' shapes need. */
export function knownDim(shape: Shape, axis: number, layer: string): number {
  const dim = shape[axis < 0 ? shape.length + axis : axis];
  if (dim == null) {
    throw new CarryoverError(
      'E_SHAPE',
      `layer '${layer}' got an input of shape [${shape.map(n => n ?? 'null').join(', ')}], expected axis ${axis} to be known; give the first layer its full input shape`,
    );
  }
  return dim;
}

/** What a layer does to what it has computed: tfjs' identifier of an activation, or one of Carryover's functions. */
export type ActivationSetting = string | FunctionSetting;

/** The shape that an activation leaves: its input's, but for a gated unit, which halves an axis. */
export function activatedShape(setting: ActivationSetting, shape: Shape): Shape {
  if (typeof setting === 'string' || setting.fn !== 'glu') return shape;
  const [halved] = axesIn(shape.length, setting.parameters.axis);
  return shape.map((n, axis) => (axis === halved && n != null ? n / 2 : n));
}

/** The function of an activation. */
export function activationFunction(setting: ActivationSetting): (x: tf.Tensor) => tf.Tensor {
  if (typeof setting !== 'string') {
    const apply = functionOf(setting.fn);
    return x => apply(x, setting.parameters);
  }
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[setting];
  if (entry === undefined) {
    throw new CarryoverError(
      'E_LAYER',
      `activation '${setting}' is not registered with tfjs; expected a name such as 'tanh'`,
    );
  }
  const Class = entry[0] as unknown as new () => {apply(x: tf.Tensor): tf.Tensor};
  const instance = new Class();
  return x => instance.apply(x);
}
