import {layers} from '@tensorflow/tfjs-layers';
import {harmless, integer, number, other, refused} from '../../dialects/arguments';
import {Merge} from '../../layers/plain/merge';
import {Reshape} from '../../layers/plain/rearrange';
import type {FilePatterns} from '../patterns';
import {plainLayer, plainLayers} from '../plain';
import {denseArrays, denseLayer, functionLayer} from '../shared-layers';

/* neupy's layers beside the recurrent ones. Source: neupy/layers of 0.8.2. */

const COMMON = {name: harmless(other())};
const INITIAL = {weight: harmless(other())};
const arrays = denseArrays(['weight', 'bias']);

/** A product with weights and a function, or (without units) the function alone. */
const functions = (className: string, activation: string) =>
  plainLayer({
    className,
    arguments: {
      ...COMMON,
      nUnits: integer(null),
      ...INITIAL,
      bias: other(),
      alpha: refused(number(0), 'expected 0'),
    },
    arrays: ({nUnits, bias}) => (nUnits === null ? [] : arrays(bias !== null)),
    inputShape: ([kernel]) => kernel && [null, kernel[0]!],
    layer: ({nUnits, bias}, context) =>
      nUnits === null
        ? functionLayer(activation, context)
        : denseLayer({units: nUnits, activation, useBias: bias !== null, flat: false}, context),
  });

const embedding = plainLayer({
  className: 'Embedding',
  arguments: {...COMMON, inputSize: integer(), outputSize: integer(), ...INITIAL},
  arrays: () => [['weight']],
  layer: ({inputSize, outputSize}, {common}) =>
    layers.embedding({...common, inputDim: inputSize, outputDim: outputSize}),
});

const dropout = plainLayer({
  className: 'Dropout',
  arguments: {...COMMON, proba: number(0.5)},
  layer: ({proba}, {common}) => layers.dropout({...common, rate: proba}),
});

const reshape = plainLayer({
  className: 'Reshape',
  arguments: {...COMMON, shape: other()},
  layer: ({shape}, {common}) =>
    new Reshape({...common, target: [shape ?? -1].flat().map(n => (typeof n === 'number' ? n : -1))}),
});

const concatenate = plainLayer({
  className: 'Concatenate',
  arguments: {...COMMON, axis: integer(-1)},
  layer: ({axis}, {common}) => new Merge({...common, mode: 'concat', concatAxis: axis}),
});

export const neupyLayers = plainLayers([
  functions('Linear', 'linear'),
  functions('Sigmoid', 'sigmoid'),
  functions('HardSigmoid', 'hard_sigmoid'),
  functions('Tanh', 'tanh'),
  functions('Relu', 'relu'),
  functions('Elu', 'elu'),
  functions('Softplus', 'softplus'),
  functions('Softmax', 'softmax'),
  embedding,
  dropout,
  reshape,
  concatenate,
]);

/** Layers that arrays alone give away. */
export const NEUPY_PATTERNS: FilePatterns = {
  plain: [
    {kind: 'dense', className: 'Linear', sizes: {nUnits: 'units'}, withoutBias: {bias: null}},
    {kind: 'embedding', className: 'Embedding', sizes: {inputSize: 'input', outputSize: 'units'}},
  ],
  flatten: {className: 'Flatten', library: 'keras2'},
};
