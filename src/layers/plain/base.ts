import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';

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

/**
 * A layer with one input tensor: `compute` runs inside `tf.tidy`. Masks pass through, unless a class says
 * otherwise.
 */
export abstract class PlainLayer extends layers.Layer {
  constructor(args: LayerArgs) {
    super(args);
    this.supportsMasking = true;
  }

  abstract compute(x: tf.Tensor, training: boolean, mask: tf.Tensor | undefined): tf.Tensor;

  /** The arguments of the class itself, as its constructor takes them. */
  abstract ownConfig(): tf.serialization.ConfigDict;

  override call(inputs: Tensors, kwargs: Kwargs): tf.Tensor {
    const mask = takeMask(kwargs);
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return this.compute(only(inputs), kwargs?.training === true, mask);
    });
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return onlyShape(inputShape);
  }

  override computeMask(_inputs: Tensors, mask?: Masks): tf.Tensor {
    return (only(mask as tf.Tensor) ?? null) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.ownConfig(), ...super.getConfig()};
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

/** The function of a tfjs activation identifier. */
export function activationFunction(identifier: string): (x: tf.Tensor) => tf.Tensor {
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[identifier];
  if (entry === undefined) {
    throw new CarryoverError(
      'E_LAYER',
      `activation '${identifier}' is not registered with tfjs; expected a name such as 'tanh'`,
    );
  }
  const Class = entry[0] as unknown as new () => {apply(x: tf.Tensor): tf.Tensor};
  const instance = new Class();
  return x => instance.apply(x);
}
