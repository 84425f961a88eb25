import {namedActivation} from '../../dialects/activations';
import {CarryoverError} from '../../errors';
import {Exponential, HardSigmoidSixth} from '../../keras';
import {type Activation, sameActivation} from '../../recurrence/activations';

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

/**
 * The tfjs identifier of a Keras activation, for layers outside of cells; null and undefined are linear.
 * @param release of Keras, for names whose meaning changed
 * @throws CarryoverError `E_LAYER` for one that is not known, or has parameters, for which tfjs has no identifiers
 */
export function activationName(spec: unknown, where: string, release = '2'): string {
  const meaning = namedActivation(spec, where, release);
  if ('layer' in meaning) return meaning.layer;
  const known = IDENTIFIERS.find(([activation]) => sameActivation(activation, meaning));
  if (known) return known[1];
  if (meaning.kind === 'elu' && meaning.scale !== 1) return 'selu';
  throw new CarryoverError(
    'E_LAYER',
    `${where}: activation ${JSON.stringify(spec)} has parameters, which is not supported inside of this layer; use a layer of its own after it`,
  );
}
