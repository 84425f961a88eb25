import {InputSpec, type layers} from '@tensorflow/tfjs-layers';
import {activationSetting} from '../layers/plain/activation-setting';
import type {ActivationSetting} from '../layers/plain/base';
import {activationWith, denseWith} from '../layers/plain/dense';
import {Take} from '../layers/plain/whole-tensor';
import {WithMask} from '../layers/plain/with-mask';
import {type PlainContext, type PlainLayers, plainLayer, plainLayers} from './plain';

/* What the libraries beside Keras have alike, each under its own names. */

interface DenseSettings {
  readonly units: number;
  /** Under its Keras name. */
  readonly activation: string;
  readonly useBias: boolean;
  /** Takes `[batch, features]` alone, for the library would flatten more, or refuse it. */
  readonly flat: boolean;
}

/** A product with weights, a bias, a function. Any shape in, the last axis replaced. */
export function denseLayer({units, activation, useBias, flat}: DenseSettings, context: PlainContext) {
  const layer = denseWith({...context.common, units, useBias, activation: activationOf(activation, context)});
  if (flat) layer.inputSpec = [new InputSpec({ndim: 2})];
  return layer;
}

/** A function by itself, under its Keras name. */
export const functionLayer = (activation: string, context: PlainContext): layers.Layer =>
  activationWith(activationOf(activation, context), context.common);

const activationOf = (name: string, {where}: PlainContext): ActivationSetting =>
  activationSetting(name, where);

/** Layouts of a kernel and a bias that files have as a vector or as one row. */
export const denseArrays =
  ([kernel, bias]: readonly [string, string], rowFirst = false) =>
  (useBias: boolean) => {
    if (!useBias) return [[kernel]];
    const [vector, row] = [
      [kernel, bias],
      [kernel, {name: bias, row: true}],
    ];
    return rowFirst ? [row!, vector!] : [vector!, row!];
  };

/** The layer that a call's argument `mask` becomes; its inputs are the data and the mask. */
export const WITH_MASK = 'WithMask';

/**
 * Layers of every library: the last step of `[batch, time, ...]`, which recipes may name, and what stands for arguments of
 * calls.
 */
export const ANY_LIBRARY: PlainLayers = plainLayers([
  plainLayer({className: WITH_MASK, arguments: {}, layer: (_, {name}) => new WithMask({name})}),
  plainLayer({
    className: 'Last',
    arguments: {},
    layer: (_, {name}) => new Take({name, index: -1, axis: 1}),
  }),
]);
