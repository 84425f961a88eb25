import * as tf from '@tensorflow/tfjs-core';
import type {Canonical} from '../dialects/arrays';
import {tapeIsOn} from '../engines/tape';
import type {RecurrenceInputs, TensorsOf} from '../engines/types';
import {entriesOf} from '../recurrence/records';
import type {StateName} from '../recurrence/types';

/** Canonical arrays of a layer: what the recurrence calls weights, and what it calls states. */
export interface CanonicalArrays {
  readonly weights: RecurrenceInputs['weights'];
  /** Learned initial states by the states' names, `[units]` for all rows of a batch or `[batch, units]`. */
  readonly initial: TensorsOf<StateName>;
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
  of(arrays: readonly tf.Tensor[], make: (arrays: readonly tf.Tensor[]) => Canonical): CanonicalArrays {
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
function split({'initial.h': h, 'initial.c': c, ...weights}: Canonical): CanonicalArrays {
  return {weights, initial: {...(h && {h}), ...(c && {c})}};
}

/** Initial states `[batch, units]`: one row serves all. */
export function spread(initial: TensorsOf<StateName>, batch: number): TensorsOf<StateName> {
  const states: Partial<Record<StateName, tf.Tensor>> = {};
  for (const [name, own] of entriesOf(initial))
    states[name] = own.rank === 1 ? tf.tile(tf.expandDims(own, 0), [batch, 1]) : own;
  return states;
}
