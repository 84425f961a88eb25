import * as tf from '@tensorflow/tfjs-core';
import {tapeIsOn} from '../engines/tape';

/**
 * A layer's canonical weights, put together once for as long as its arrays hold the same data, so that engines
 * can tell by their data that they have seen them before. While a gradient is recorded they are made anew at
 * every call, for the gradient flows through their making.
 */
export class CanonicalWeights {
  private data: readonly object[] = [];
  private kept: Readonly<Record<string, tf.Tensor>> = {};
  /** Those of the kept ones that are not arrays of the layer. */
  private own: readonly tf.Tensor[] = [];

  /** The weights that `make` makes of the arrays. */
  of(
    arrays: readonly tf.Tensor[],
    make: (arrays: readonly tf.Tensor[]) => Record<string, tf.Tensor>,
  ): Readonly<Record<string, tf.Tensor>> {
    if (tapeIsOn()) return make(arrays);
    const same = this.data.length === arrays.length && arrays.every((a, k) => a.dataId === this.data[k]);
    if (!same) {
      this.dispose();
      this.kept = make(arrays);
      this.own = Object.values(this.kept).filter(tensor => !arrays.includes(tensor));
      for (const tensor of this.own) tf.keep(tensor);
      this.data = arrays.map(({dataId}) => dataId);
    }
    return this.kept;
  }

  dispose(): void {
    for (const tensor of this.own) tensor.dispose();
    this.data = [];
    this.kept = {};
    this.own = [];
  }
}
