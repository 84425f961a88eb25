import {layers} from '@tensorflow/tfjs-layers';
import {harmless, integer, number, other, refused} from '../../dialects/arguments';
import {CarryoverError} from '../../errors';
import {Merge} from '../../layers/plain/merge';
import {Reshape} from '../../layers/plain/rearrange';
import {Take, WholeReshape} from '../../layers/plain/whole-tensor';
import type {FilePatterns} from '../patterns';
import {type PlainContext, plainLayer, plainLayers} from '../plain';
import {denseArrays, denseLayer, functionLayer} from '../shared-layers';

/* Lasagne's layers beside the recurrent ones. Source: lasagne/layers of 0.1 and 5d3c63c. */

const COMMON = {name: harmless(other())};
const INITIAL = {W: harmless(other('W'))};

/** Lasagne's names of nonlinearities that Keras calls something else. */
const KERAS_NAMES: ReadonlyMap<unknown, string> = new Map([
  ['rectify', 'relu'],
  ['identity', 'linear'],
  [null, 'linear'],
]);

function nonlinearity(value: unknown, {where}: PlainContext): string {
  const name = KERAS_NAMES.get(value) ?? value;
  if (typeof name === 'string') return name;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: nonlinearity is ${JSON.stringify(value)}; expected a name such as rectify, or null`,
  );
}

const arrays = denseArrays(['W', 'b']);

const dense = plainLayer({
  className: 'DenseLayer',
  arguments: {
    ...COMMON,
    numUnits: integer(),
    ...INITIAL,
    b: other('b'),
    nonlinearity: other('nonlinearity', 'rectify'),
  },
  arrays: ({b}) => arrays(b !== null),
  inputShape: ([kernel]) => kernel && [null, kernel[0]!],
  layer: ({numUnits, b, ...args}, context) =>
    denseLayer(
      {
        units: numUnits,
        activation: nonlinearity(args.nonlinearity, context),
        useBias: b !== null,
        flat: true,
      },
      context,
    ),
});

const embedding = plainLayer({
  className: 'EmbeddingLayer',
  arguments: {...COMMON, inputSize: integer(), outputSize: integer(), ...INITIAL},
  arrays: () => [['W']],
  layer: ({inputSize, outputSize}, {common}) =>
    layers.embedding({...common, inputDim: inputSize, outputDim: outputSize}),
});

const concat = plainLayer({
  className: 'ConcatLayer',
  arguments: {...COMMON, axis: integer(1), cropping: refused(other(), 'crop the inputs before')},
  layer: ({axis}, {common}) => new Merge({...common, mode: 'concat', concatAxis: axis}),
});

const elemwiseSum = plainLayer({
  className: 'ElemwiseSumLayer',
  arguments: {
    ...COMMON,
    coeffs: refused(number(1), 'expected 1'),
    cropping: refused(other(), 'crop the inputs before'),
  },
  layer: (_, {common}) => new Merge({...common, mode: 'sum'}),
});

const dropout = plainLayer({
  className: 'DropoutLayer',
  arguments: {
    ...COMMON,
    p: number(0.5),
    rescale: harmless(other(undefined, true), 'is left out: kept values are scaled up in training'),
    sharedAxes: harmless(other(), 'is left out: it acts in training only'),
  },
  layer: ({p}, {common}) => layers.dropout({...common, rate: p}),
});

const nonlinear = plainLayer({
  className: 'NonlinearityLayer',
  arguments: {...COMMON, nonlinearity: other('nonlinearity', 'rectify')},
  layer: (args, context) => functionLayer(nonlinearity(args.nonlinearity, context), context),
});

const flatten = plainLayer({
  className: 'FlattenLayer',
  arguments: {...COMMON, outdim: refused(integer(2), 'expected 2; use a ReshapeLayer')},
  layer: (_, {common}) => new Reshape({...common, target: [-1]}),
});

const reshape = plainLayer({
  className: 'ReshapeLayer',
  arguments: {...COMMON, shape: other()},
  layer: ({shape}, {common}) => new WholeReshape({...common, target: shape as (number | number[])[]}),
});

const slice = plainLayer({
  className: 'SliceLayer',
  arguments: {...COMMON, indices: integer(), axis: integer(-1)},
  layer: ({indices, axis}, {common}) => new Take({...common, index: indices, axis}),
});

export const lasagneLayers = plainLayers([
  dense,
  embedding,
  concat,
  elemwiseSum,
  dropout,
  nonlinear,
  flatten,
  reshape,
  slice,
]);

/** Layers that arrays alone give away; nntools, which became Lasagne, has the same. */
export const LASAGNE_PATTERNS: FilePatterns = {
  plain: [
    {
      kind: 'dense',
      className: 'DenseLayer',
      library: 'lasagne',
      sizes: {numUnits: 'units'},
      linear: {nonlinearity: 'linear'},
      withoutBias: {b: null},
    },
    {
      kind: 'embedding',
      className: 'EmbeddingLayer',
      library: 'lasagne',
      sizes: {inputSize: 'input', outputSize: 'units'},
    },
  ],
  flatten: {className: 'FlattenLayer', library: 'lasagne'},
};
