import * as tf from '@tensorflow/tfjs-core';
import type {Dialect} from '../../dialects/dialect';
import {type BidirectionalArgs, Bidirectional as CarryoverBidirectional} from '../../layers/bidirectional';
import {layerClass} from '../../layers/factory';
import {takeConverted} from './converted';
import * as tfjs from './dialect';

type LayerConstructor = Parameters<typeof tf.serialization.registerClass>[0];

function takeName(dialect: Dialect): void {
  class Layer extends layerClass(dialect) {
    static override readonly className: string = dialect.className;
    override readonly dialect = dialect;
  }
  tf.serialization.registerClass(Layer as unknown as LayerConstructor);
}

// Without its statics: a class name is a literal type, which a subclass could not change.
const Base = CarryoverBidirectional as unknown as new (args: BidirectionalArgs) => CarryoverBidirectional;

class Bidirectional extends Base {
  static readonly className = 'Bidirectional';

  constructor(args: BidirectionalArgs) {
    super(args);
    // Saved weights are found by the names that tfjs gives them.
    for (const layer of [this.forwardLayer, this.backwardLayer]) layer.variablePrefix = `${layer.name}/`;
  }
}

/** Makes tfjs' class names `LSTM`, `GRU`, `SimpleRNN` and `Bidirectional` mean Carryover's layers, and adds Keras' that it lacks. */
export function takeTfjsNames(): void {
  const {lstm, gru, simpleRNN, cudnnLSTM, cudnnGRU} = tfjs;
  for (const dialect of [lstm, gru, simpleRNN, cudnnLSTM, cudnnGRU]) takeName(dialect);
  tf.serialization.registerClass(Bidirectional as unknown as LayerConstructor);
  takeConverted();
}
