import {namedActivation} from '../../dialects/activations';
import {CarryoverError} from '../../errors';
import {Exponential, HardSigmoidSixth} from '../../keras';
import {type Activation, sameActivation} from '../../recurrence/activations';
import type {ActivationSetting} from './base';

/** tfjs' functions without parameters, and what they compute. */
const IDENTIFIERS: readonly (readonly [Activation, string])[] = [
  [{kind: 'linear'}, 'linear'],
  [{kind: 'tanh'}, 'tanh'],
  [{kind: 'sigmoid'}, 'sigmoid'],
  [{kind: 'hardSigmoid', slope: 0.2, offset: 0.5}, 'hardSigmoid'],
  [{kind: 'hardSigmoid', slope: 1 / 6, offset: 0.5}, HardSigmoidSixth.className],
  [{kind: 'relu'}, 'relu'],
  [{kind: 'cappedRelu', limit: 6}, 'relu6'],
  [{kind: 'softplus'}, 'softplus'],
  [{kind: 'softsign'}, 'softsign'],
  [{kind: 'elu', alpha: 1, scale: 1}, 'elu'],
  [{kind: 'exponential'}, Exponential.className],
];

/** tfjs' functions that are Keras', and no cell's. */
const TFJS = new Set(['softmax', 'logSoftmax', 'swish', 'mish', 'gelu', 'gelu_new']);

/**
 * What layers outside of cells do for a Keras activation: tfjs' identifier where tfjs has the function, else a function of
 * Carryover's own with its parameters. Null and undefined are linear.
 * @param release of Keras, for names whose meaning changed
 * @throws CarryoverError `E_LAYER` for one that is not known, or has parameters that cannot be said
 */
export function activationSetting(spec: unknown, where: string, release = '2'): ActivationSetting {
  const meaning = namedActivation(spec, where, release);
  if ('layer' in meaning) {
    const {layer, parameters = {}} = meaning;
    const isTfjs = TFJS.has(layer) && Object.keys(parameters).length === 0;
    return isTfjs ? layer : {fn: layer, parameters};
  }
  const known = IDENTIFIERS.find(([activation]) => sameActivation(activation, meaning));
  if (known) return known[1];
  switch (meaning.kind) {
    case 'elu':
      return meaning.scale === 1 ? {fn: 'elu', parameters: {alpha: meaning.alpha}} : 'selu';
    case 'leakyRelu':
      return {fn: 'leakyRelu', parameters: {alpha: meaning.alpha}};
    case 'cappedRelu':
      return {fn: 'relu', parameters: {maxValue: meaning.limit}};
    default:
      throw new CarryoverError(
        'E_LAYER',
        `${where}: activation ${JSON.stringify(spec)} is known inside of cells only; use a layer of its own in its place`,
      );
  }
}
