import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import type * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, model, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {MaskOf} from '../../src/layers/plain/attention-base';
import type {BuiltLayer} from '../../src/libraries/built';
import {type Architecture, type CallValue, callOf, outputOf} from '../../src/model/architecture';
import {buildModel} from '../../src/model/build';
import {lowerCalls} from '../../src/model/calls';
import type {Case, Stored} from './plain-cases';
import {importInto, tensorOf} from './plain-cases';

/** A layer of tf.keras 2.15 or Keras 3 as `fixtures/plain/generate/modern.py` records it. */
export interface ModernCase extends Omit<Case, 'mask'> {
  /** All outputs, where there are several. */
  outputs?: Stored[];
  /** Arguments of the call beside tensors; a list stands for a tensor. */
  call?: Record<string, unknown>;
  /** What inputs after the first are called. */
  keywords?: string[];
  /** The mask that comes out of a masked case; null: none. */
  mask?: Stored | null;
}

export interface ModernRelease {
  version: string;
  backend: string;
  cases: ModernCase[];
}

export const modernReleases: readonly ModernRelease[] = ['2.15.0', '3.15.1'].map(version =>
  JSON.parse(gunzipSync(readFileSync(`fixtures/plain/keras-${version}.json.gz`)).toString()),
);

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

const nestedShape = (value: unknown): number[] =>
  isList(value) ? [value.length, ...nestedShape(value[0])] : [];

const asStored = (value: unknown[]): Stored => ({
  shape: nestedShape(value),
  values: (value as number[][]).flat(Number.POSITIVE_INFINITY) as number[],
});

/** Everything that goes in: the data, then tensors among the call's arguments. */
export const inputsOf = ({inputs, call = {}}: ModernCase): Stored[] => [
  ...inputs,
  ...Object.values(call).filter(isList).map(asStored),
];

/** The model of a case: its inputs, Masking layers where it is masked, the layer. */
export function architectureOf(one: ModernCase, {version, backend}: ModernRelease): Architecture {
  const library = version.startsWith('2') ? 'keras2' : 'keras3';
  const facts = {library, version, backend, where: one.name};
  const all = inputsOf(one);
  const inputs = all.map(({shape}, k) => ({
    name: `x${k}`,
    shape: [null, ...shape.slice(1)],
    dtype: 'float32',
  }));
  const isMasked = (k: number): boolean => one.masked === true && k < one.inputs.length;
  const maskings = all.flatMap((_, k) =>
    isMasked(k)
      ? [
          {
            ...facts,
            name: `masking${k}`,
            className: 'Masking',
            config: {},
            calls: [callOf(outputOf(`x${k}`))],
            group: '',
          },
        ]
      : [],
  );
  const given = all.map((_, k) => outputOf(isMasked(k) ? `masking${k}` : `x${k}`));
  const {keywords = [], call = {}} = one;
  const data = one.inputs.length - keywords.length;
  let next = one.inputs.length;
  const kwargs: Record<string, CallValue> = {};
  for (const [k, name] of keywords.entries()) kwargs[name] = {input: data + k};
  for (const [name, value] of Object.entries(call))
    kwargs[name] = isList(value) ? {input: next++} : {constant: value};
  const items = Array.from({length: data}, (_, k) => ({input: k}));
  const first: CallValue = items.length === 1 ? items[0]! : {items};
  const layer = {
    ...facts,
    name: 'layer',
    className: one.className,
    config: one.config,
    calls: [{inputs: given, arguments: {args: [first], kwargs}}],
    group: 'layer',
  };
  const count = one.outputs?.length ?? 1;
  const outputs = Array.from({length: count}, (_, output) => ({layer: 'layer', call: 0, output}));
  return {library, version, name: 'model', layers: [...maskings, layer], inputs, outputs, notes: []};
}

/** A case as a tfjs model with its weights, and the layer that it is about. */
export function builtOf(one: ModernCase, release: ModernRelease): {whole: LayersModel; built: BuiltLayer} {
  const {model: whole, layers} = buildModel(lowerCalls(architectureOf(one, release)));
  const {built} = layers.find(({record}) => record.name === 'layer')!;
  importInto(built, one.weights);
  return {whole, built};
}

export const fedOf = (one: ModernCase): tf.Tensor[] => inputsOf(one).map(tensorOf);

/** The mask that the output has, ones where there is none. */
export function maskAfter(whole: LayersModel, fed: tf.Tensor[]): tf.Tensor {
  const mask = new MaskOf().apply(whole.outputs[0]!) as SymbolicTensor;
  return model({inputs: whole.inputs, outputs: mask}).predict(fed) as tf.Tensor;
}
