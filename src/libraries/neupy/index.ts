import {layers} from '@tensorflow/tfjs-layers';
import {layerFactories} from '../../layers/factory';
import type {RecurrentLayer} from '../../layers/recurrent-layer';
import {defineLibrary} from '../library';
import {gru, lstm, NEUPY} from './dialect';
import {join, type NeupyInput} from './join';
import {layerName} from './names';
import {NEUPY_PATTERNS, neupyLayers} from './plain';
import {neupyArchitecture} from './stored-architecture';

const {classes, factories} = layerFactories({lstm, gru});

interface Named {
  /** A name, or a format string: `fc{}`, `fc-{:<03d}`. */
  readonly name?: string;
}

type Activation = 'linear' | 'sigmoid' | 'hardSigmoid' | 'tanh' | 'relu' | 'elu' | 'softplus' | 'softmax';

/** A product with weights and a function of it; without units the function alone. */
function functionLayer(className: string, activation: Activation) {
  return (nUnits?: number, {name}: Named = {}): layers.Layer => {
    const own = layerName(name, className);
    return nUnits === undefined
      ? layers.activation({activation, name: own})
      : layers.dense({units: nUnits, activation, kernelInitializer: 'heNormal', name: own});
  };
}

function named<C extends {readonly name?: string}>(className: string, make: (config?: C) => RecurrentLayer) {
  return (config: C): RecurrentLayer => make({...config, name: layerName(config.name, className)});
}

/** neupy 0.8: recurrent layers, the plain ones beside them, `join`. */
export const neupy = defineLibrary(
  {
    ...NEUPY,
    layers: classes,
    cells: [],
    plainLayers: neupyLayers,
    storedArchitecture: neupyArchitecture,
    filePatterns: NEUPY_PATTERNS,
    containerArrays: 'trainedFirst',
  },
  {
    /** `LSTM(n_units, ...)`: `[batch, time, features]` in, `[batch, nUnits]` or the sequence out. */
    lstm: named('LSTM', factories.lstm),
    /** `GRU(n_units, ...)`; shapes as of `lstm`. */
    gru: named('GRU', factories.gru),
    /** The shape of one row of data: a number, or several. */
    input: (shape: number | readonly (number | null)[], {name}: Named = {}): NeupyInput => ({
      kind: 'input',
      shape: typeof shape === 'number' ? [shape] : shape,
      name: layerName(name, 'Input'),
    }),
    /** `Embedding(input_size, output_size)`: whole numbers in, `[batch, time, outputSize]` out. */
    embedding: (inputSize: number, outputSize: number, {name}: Named = {}): layers.Layer =>
      layers.embedding({inputDim: inputSize, outputDim: outputSize, name: layerName(name, 'Embedding')}),
    /** `Dropout(proba)`. */
    dropout: (proba: number, {name}: Named = {}): layers.Layer =>
      layers.dropout({rate: proba, name: layerName(name, 'Dropout')}),
    /** `Linear(n_units)`: x·W + b. */
    linear: functionLayer('Linear', 'linear'),
    /** `Sigmoid(n_units)`: as `linear`, then the function; without units the function alone. */
    sigmoid: functionLayer('Sigmoid', 'sigmoid'),
    /** `HardSigmoid(n_units)`, as `sigmoid`. */
    hardSigmoid: functionLayer('HardSigmoid', 'hardSigmoid'),
    /** `Tanh(n_units)`, as `sigmoid`. */
    tanh: functionLayer('Tanh', 'tanh'),
    /** `Relu(n_units)`, as `sigmoid`. */
    relu: functionLayer('Relu', 'relu'),
    /** `Elu(n_units)`, as `sigmoid`. */
    elu: functionLayer('Elu', 'elu'),
    /** `Softplus(n_units)`, as `sigmoid`. */
    softplus: functionLayer('Softplus', 'softplus'),
    /** `Softmax(n_units)`, as `sigmoid`. */
    softmax: functionLayer('Softmax', 'softmax'),
    /** `join(a, b, ...)`: a chain of layers as a model, or as a layer of a longer chain. */
    join,
  },
);
