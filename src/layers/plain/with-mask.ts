import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import {type Kwargs, type LayerArgs, type Masks, type Shapes, type Tensors, takeMask} from './base';

/**
 * Gives its first input a mask, which its second input is; any mask that came with the data is put aside. Inputs
 * `[batch, time, ...]` and `[batch, time]` (0 or false at masked steps), output the first as it is.
 *
 * It stands for `layer(x, mask=tensor)`: layers of tfjs take masks of the layers before them, not of a call.
 */
export class WithMask extends layers.Layer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverWithMask';

  constructor(args: LayerArgs = {}) {
    super(args);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return (inputShape as Shape[])[0]!;
  }

  override call(inputs: Tensors, kwargs: Kwargs): tf.Tensor {
    takeMask(kwargs);
    return tf.tidy(() => tf.clone((inputs as tf.Tensor[])[0]!));
  }

  override computeMask(inputs: Tensors, _mask?: Masks): tf.Tensor {
    return tf.tidy(() => tf.cast((inputs as tf.Tensor[])[1]!, 'bool'));
  }
}
tf.serialization.registerClass(WithMask);
