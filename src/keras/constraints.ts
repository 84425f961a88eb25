import {constraints} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {namedSpec, numberOf} from './spec';

export type Constraint = ReturnType<typeof constraints.nonNeg>;

// tfjs types one axis; its norm takes several, as Keras's does for convolution kernels.
function axisOf(value: unknown, fallback: number): number {
  return (Array.isArray(value) ? value : numberOf(value, fallback)) as number;
}

/**
 * The tfjs constraint of a Keras config of any age, or undefined where there is none. `axis` counts in the
 * library's own array. Source: keras/constraints.py of 0.2.0, 0.3.3, 1.2.2, 2.2.4.
 */
export function constraint(spec: unknown, where: string): Constraint | undefined {
  const named = namedSpec(spec, 'a constraint', where);
  if (named === undefined) return undefined;
  const {config} = named;
  switch (named.name.toLowerCase().replaceAll('_', '')) {
    case 'constraint':
    case 'identity':
      return undefined;
    case 'maxnorm':
      return constraints.maxNorm({
        maxValue: numberOf(config.max_value ?? config.m, 2),
        axis: axisOf(config.axis, 0),
      });
    case 'nonneg':
      return constraints.nonNeg();
    case 'unitnorm':
      // Keras before 0.3 normalised the last axis and wrote no axis.
      return constraints.unitNorm({axis: axisOf(config.axis, named.bare || 'axis' in config ? 0 : -1)});
    case 'minmaxnorm':
      return constraints.minMaxNorm({
        minValue: numberOf(config.min_value ?? config.low, 0),
        maxValue: numberOf(config.max_value ?? config.high, 1),
        rate: numberOf(config.rate, 1),
        axis: axisOf(config.axis, 0),
      });
    default:
      throw new CarryoverError(
        'E_LAYER',
        `${where}: constraint '${named.name}' is not one of Keras's; expected MaxNorm, NonNeg, UnitNorm or MinMaxNorm; remove it from the architecture if the model is only to be run`,
      );
  }
}
