import type {LayerVariable, Shape} from '@tensorflow/tfjs-layers';
import {RecurrentLayer} from '../../layers/recurrent-layer';

/** nntools' LSTM layer with the questions that its users put to it. Source: nntools/layers.py at 5b40eb2. */
export abstract class NntoolsLayer extends RecurrentLayer {
  private matching(pattern: RegExp): LayerVariable[] {
    const names = this.arrayNames;
    return this.weights.filter((_, k) => pattern.test(names[k]!));
  }

  /** Weights, biases, peepholes, initial states: all that is trained, in the library's order. */
  getParams(): LayerVariable[] {
    return this.weights;
  }

  /** `W_in_to_*` and `W_hid_to_*`. */
  getWeightParams(): LayerVariable[] {
    return this.matching(/^W_(in|hid)_to_/);
  }

  /** `W_cell_to_*`; none without peepholes. */
  getPeepholeParams(): LayerVariable[] {
    return this.matching(/^W_cell_to_/);
  }

  /** `hid_init`, `cell_init`; none unless `learnInit`. */
  getInitParams(): LayerVariable[] {
    return this.matching(/_init$/);
  }

  /** `b_*` */
  getBiasParams(): LayerVariable[] {
    return this.matching(/^b_/);
  }

  /** `[batch, time, ...]` → `[batch, time, units]` */
  getOutputShapeFor(inputShape: Shape): Shape {
    return [inputShape[0]!, inputShape[1]!, this.behaviour.units];
  }
}
