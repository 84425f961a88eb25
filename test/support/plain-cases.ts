import {readdirSync, readFileSync} from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {input, layers, model} from '@tensorflow/tfjs-layers';
import {TimeDistributed} from '../../src/layers/plain/time-distributed';
import type {BuiltLayer, LayerContext} from '../../src/libraries/built';
import {KERAS_LAYERS} from '../../src/libraries/keras/plain';
import {buildPlain} from '../../src/libraries/plain';
import {toWeights} from '../../src/libraries/stored-arrays';

// Without the greeting of tfjs' cpu backend.
tf.enableProdMode();

export interface Stored {
  shape: number[];
  values: number[];
}

export interface Case {
  name: string;
  className: string;
  config: Record<string, unknown>;
  training: boolean;
  /** The input goes through a Masking layer first. */
  masked?: boolean;
  inputs: Stored[];
  weights: Stored[];
  output: Stored;
  mask?: Stored;
  /** Weights after one training call. */
  weightsAfter?: Stored[];
}

export interface Release {
  version: string;
  backend: string;
  cases: Case[];
}

const FOLDER = new URL('../../fixtures/plain/', import.meta.url);
export const TOLERANCE = 1e-5;

export const tensorOf = ({shape, values}: Stored): tf.Tensor => tf.tensor(values, shape, 'float32');

export type Context = Omit<LayerContext, 'className'>;

/** A layer of Keras by its class; undefined for one that is not among the plain ones. */
export function plainLayer(
  className: string,
  config: Readonly<Record<string, unknown>>,
  context: Context,
): BuiltLayer | undefined {
  const declaration = KERAS_LAYERS.get(className);
  return declaration && buildPlain(declaration, config, {...context, className});
}

export function contextOf(release: Release, name: string): Context {
  return {
    library: `keras${release.version[0]}`,
    version: release.version,
    backend: release.backend,
    name,
    where: `keras-${release.version}: ${name}`,
  };
}

/** Wrapped layers come with their own class and config; what builds models does this for plainLayer. */
export function build(one: Case, context: Context): BuiltLayer | undefined {
  if (one.className !== 'TimeDistributed') return plainLayer(one.className, one.config, context);
  const wrapped = one.config.layer as Record<string, unknown>;
  const [name, config] =
    typeof wrapped.class_name === 'string'
      ? [wrapped.class_name, wrapped.config]
      : [String(wrapped.name), wrapped];
  const inner = plainLayer(name, config as Record<string, unknown>, {...context, name: 'inner'});
  return inner && {...inner, layer: new TimeDistributed({layer: inner.layer, name: context.name})};
}

export function worst(actual: tf.Tensor, expected: Stored): number {
  if (actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  return Array.from(actual.dataSync()).reduce((most, value, k) => {
    const difference = Math.abs(value - expected.values[k]!) / Math.max(1, Math.abs(expected.values[k]!));
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
  }, 0);
}

export function importInto(built: BuiltLayer, weights: Stored[]): void {
  const stored = weights.map(({shape, values}) => ({shape, values: Float32Array.from(values)}));
  built.layer.setWeights(toWeights(built, stored).map(({shape, values}) => tf.tensor(values, [...shape])));
}

/** As a model runs it: symbolic inputs, Masking before where the case has it. */
export function modelOf(one: Case, layer: layers.Layer): ReturnType<typeof model> {
  const inputs = one.inputs.map(({shape}) => input({shape: shape.slice(1)}));
  const fed = one.masked ? inputs.map(x => layers.masking({maskValue: 0}).apply(x)) : inputs;
  const output = layer.apply((fed.length > 1 ? fed : fed[0]) as Parameters<layers.Layer['apply']>[0]);
  return model({inputs, outputs: output as ReturnType<typeof input>});
}

export const releases = readdirSync(FOLDER)
  .filter(file => file.endsWith('.json'))
  .map(file => ({file, release: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Release}));
