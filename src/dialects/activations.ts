import {CarryoverError} from '../errors';
import {type Activation, sameActivation} from '../recurrence/activations';
import {camel} from './spelling';

const SELU = {alpha: 1.6732632423543772, scale: 1.0507009873554805};

/**
 * An activation by a Keras name (`hard_sigmoid` or `hardSigmoid`), or a serialized activation layer.
 * @param slope of hard_sigmoid: 0.2 in Keras 0 to 2 (`clip(0.2x + 0.5, 0, 1)`), 1/6 in Keras 3
 * @throws CarryoverError `E_LAYER` for one that is unknown, or not element-wise
 */
export function parseActivation(spec: unknown, where: string, slope = 0.2): Activation {
  if (spec === null || spec === undefined) return {kind: 'linear'};
  if (typeof spec === 'object' && 'kind' in spec) return spec as Activation;
  const record =
    typeof spec === 'object' ? (spec as {class_name?: string; className?: string; config?: unknown}) : {};
  const name = camel(typeof spec === 'string' ? spec : (record.class_name ?? record.className ?? '?'));
  const config = (record.config ?? {}) as Record<string, number | undefined>;
  switch (name) {
    case 'linear':
    case 'tanh':
    case 'sigmoid':
    case 'relu':
    case 'softplus':
    case 'softsign':
    case 'exponential':
      return {kind: name};
    case 'ReLU':
      return {kind: 'relu'};
    case 'hardSigmoid':
      return {kind: 'hardSigmoid', slope, offset: 0.5};
    case 'elu':
    case 'ELU':
      return {kind: 'elu', alpha: config.alpha ?? 1, scale: 1};
    case 'selu':
      return {kind: 'elu', ...SELU};
    case 'relu6':
      return {kind: 'cappedRelu', limit: 6};
    case 'LeakyReLU':
      return {kind: 'leakyRelu', alpha: config.alpha ?? 0.3};
    default:
      throw new CarryoverError(
        'E_LAYER',
        `${where}: '${String(name)}' is no element-wise activation of a recurrent layer; ` +
          'known are linear, tanh, sigmoid, hard_sigmoid, relu, elu, selu, softplus, softsign, exponential',
      );
  }
}

/**
 * The Keras name of an activation, for a dialect's `fromRecurrence`; the activation itself where it has none, which no
 * dialect takes for one of its own.
 */
export function activationArgument(f: Activation | undefined): unknown {
  if (!f) return undefined;
  const names = [
    'linear',
    'tanh',
    'sigmoid',
    'relu',
    'softplus',
    'softsign',
    'exponential',
    'hardSigmoid',
    'elu',
    'selu',
  ];
  return names.find(name => sameActivation(parseActivation(name, 'activation'), f)) ?? f;
}
