import * as tf from '@tensorflow/tfjs-core';
import {tapeIsOn} from '../engines/tape';

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Canonical arrays of a layer: what the recurrence calls weights, and what it calls states. */
export interface CanonicalArrays {
  readonly weights: Tensors;
  /** Learned initial states by the states' names, `[units]` for all rows of a batch or `[batch, units]`. */
  readonly initial: Tensors;
}

/**
 * A layer's canonical weights, put together once for as long as its arrays hold the same data, so that engines
 * can tell by their data that they have seen them before. While a gradient is recorded they are made anew at
 * every call, for the gradient flows through their making.
 */
export class CanonicalWeights {
  private data: readonly object[] = [];
  private kept: CanonicalArrays = {weights: {}, initial: {}};
  /** Those of the kept ones that are not arrays of the layer. */
  private own: readonly tf.Tensor[] = [];

  /** The weights that `make` makes of the arrays. */
  of(arrays: readonly tf.Tensor[], make: (arrays: readonly tf.Tensor[]) => Tensors): CanonicalArrays {
    if (tapeIsOn()) return split(make(arrays));
    if (!this.areKept(arrays)) {
      this.dispose();
      const made = make(arrays);
      this.kept = split(made);
      this.own = Object.values(made).filter(tensor => !arrays.includes(tensor));
      for (const tensor of this.own) tf.keep(tensor);
      this.data = arrays.map(({dataId}) => dataId);
    }
    return this.kept;
  }

  private areKept(arrays: readonly tf.Tensor[]): boolean {
    return arrays.length === this.data.length && arrays.every(({dataId}, k) => dataId === this.data[k]);
  }

  dispose(): void {
    for (const tensor of this.own) tensor.dispose();
    this.data = [];
    this.kept = {weights: {}, initial: {}};
    this.own = [];
  }
}

/** Learned initial states are arrays to the library and states to the recurrence. */
function split(canonical: Tensors): CanonicalArrays {
  const weights: Record<string, tf.Tensor> = {};
  const initial: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(canonical)) {
    if (name.startsWith('initial.')) initial[name.slice('initial.'.length)] = tensor;
    else weights[name] = tensor;
  }
  return {weights, initial};
}

/** Initial states `[batch, units]`: one row serves all. */
export function spread(initial: Tensors, batch: number): Record<string, tf.Tensor> {
  const states: Record<string, tf.Tensor> = {};
  for (const name in initial) {
    const own = initial[name]!;
    states[name] = own.rank === 1 ? tf.tile(tf.expandDims(own, 0), [batch, 1]) : own;
  }
  return states;
}
