import {harmless, other, type Spelling} from '../../../dialects/arguments';
import {CarryoverError} from '../../../errors';
import {plainLayer} from '../../plain';
import {COMMON} from './parts';

/** A class that is known and cannot be: whatever its arguments are, it says why not, and what to do. */
const refusedLayer = (className: Spelling, names: readonly string[], reason: string) =>
  plainLayer({
    className,
    arguments: {...COMMON, ...Object.fromEntries(names.map(name => [name, harmless(other())]))},
    layer: (_, {where}) => {
      throw new CarryoverError('E_LAYER', `${where}: ${reason}`);
    },
  });

const CODE =
  "a Lambda layer holds Python code, which cannot be carried over; write its function as a tfjs layer and pass it in customObjects under the layer's class name";

const ARGUMENTS_OF_CODE = [
  ...['function', 'functionType', 'module', 'outputShape', 'outputShapeType', 'outputShapeModule'],
  ...['mask', 'maskType', 'maskModule', 'arguments', 'layers'],
];

/** Layers of text and tables, whose inputs are no numbers, and what to do in their place. */
const text = (what: string): string =>
  `${what}, which tfjs cannot run on; do it before the model, save the model from the layer after it on, and feed that`;

const LOOKUP = [
  ...[
    'maxTokens',
    'numOovIndices',
    'maskToken',
    'oovToken',
    'vocabulary',
    'idfWeights',
    'invert',
    'outputMode',
  ],
  ...['padToMaxTokens', 'sparse', 'encoding', 'vocabularySize', 'hasInputVocabulary', 'vocabularyDtype'],
  ...['oovMethod', 'salt'],
];

export const REFUSED = [
  refusedLayer({'0.3': 'Lambda'}, ARGUMENTS_OF_CODE, CODE),
  refusedLayer({'0.3': 'MaskedLambda', '1': null}, ARGUMENTS_OF_CODE, CODE),
  refusedLayer({'0.3': 'LambdaMerge', '1': null}, ARGUMENTS_OF_CODE, CODE),
  refusedLayer(
    {'2.4': 'TextVectorization'},
    [
      ...[
        'maxTokens',
        'standardize',
        'split',
        'ngrams',
        'outputMode',
        'outputSequenceLength',
        'padToMaxTokens',
      ],
      ...['vocabulary', 'idfWeights', 'sparse', 'ragged', 'encoding', 'vocabularySize', 'hasInputVocabulary'],
    ],
    text('the layer makes numbers of text'),
  ),
  refusedLayer({'2.4': 'StringLookup'}, LOOKUP, text('the layer looks up strings in a vocabulary')),
  refusedLayer({'2.4': 'IntegerLookup'}, LOOKUP, text('the layer looks up integers in a vocabulary')),
  refusedLayer(
    {'2.4': 'Hashing'},
    ['numBins', 'maskValue', 'salt', 'outputMode', 'sparse'],
    text('the layer hashes its inputs with a function of TensorFlow'),
  ),
  refusedLayer(
    {'2.7': 'HashedCrossing'},
    ['numBins', 'outputMode', 'sparse'],
    text('the layer hashes its inputs with a function of TensorFlow'),
  ),
];
