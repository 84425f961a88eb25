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
    lstm: named('LSTM', factories.lstm),
    gru: named('GRU', factories.gru),
    /** The shape of one row of data: a number, or several. */
    input: (shape: number | readonly (number | null)[], {name}: Named = {}): NeupyInput => ({
      kind: 'input',
      shape: typeof shape === 'number' ? [shape] : shape,
      name: layerName(name, 'Input'),
    }),
    embedding: (inputSize: number, outputSize: number, {name}: Named = {}): layers.Layer =>
      layers.embedding({inputDim: inputSize, outputDim: outputSize, name: layerName(name, 'Embedding')}),
    dropout: (proba: number, {name}: Named = {}): layers.Layer =>
      layers.dropout({rate: proba, name: layerName(name, 'Dropout')}),
    linear: functionLayer('Linear', 'linear'),
    sigmoid: functionLayer('Sigmoid', 'sigmoid'),
    hardSigmoid: functionLayer('HardSigmoid', 'hardSigmoid'),
    tanh: functionLayer('Tanh', 'tanh'),
    relu: functionLayer('Relu', 'relu'),
    elu: functionLayer('Elu', 'elu'),
    softplus: functionLayer('Softplus', 'softplus'),
    softmax: functionLayer('Softmax', 'softmax'),
    join,
  },
);
