import {plainLayers} from '../../plain';
import {ACTIVATIONS} from './activations';
import {ATTENTION} from './attention';
import {CONVOLUTION} from './convolution';
import {CORE} from './core';
import {DENSE} from './dense';
import {MERGE} from './merge';
import {NORMALIZATION} from './normalization';
import {POOLING} from './pooling';
import {REFUSED} from './refused';
import {SLIDING} from './sliding';

/** Keras' layers of every age that are not recurrent, by class. */
export const KERAS_LAYERS = plainLayers([
  ...DENSE,
  ...CORE,
  ...ACTIVATIONS,
  ...NORMALIZATION,
  ...CONVOLUTION,
  ...SLIDING,
  ...ATTENTION,
  ...POOLING,
  ...MERGE,
  ...REFUSED,
]);
