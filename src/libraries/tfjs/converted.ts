/*
 * Layers as the official converter copies them out of Keras' files, which TensorFlow.js refuses or reads otherwise. A class
 * name means them only where its config is Keras'; anything else is what it was to TensorFlow.js.
 */
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {snake} from '../../dialects/arguments';
import {CarryoverError} from '../../errors';
import type {Rnn} from '../../layers/rnn';
import {StackedRNNCells} from '../../layers/stacked-rnn-cells';
import type {Builder} from '../built';
import {libraryNamed} from '../index';
import {rnnEntry} from '../keras/recurrent';
import type {Library} from '../library';

type Config = tf.serialization.ConfigDict;
type Read = (config: Config) => tf.serialization.Serializable;

/** Gives a class name of TensorFlow.js another reader, which has the one before to fall back on. */
function takeReader(className: string, reader: (config: Config, before: Read) => ReturnType<Read>): void {
  const [original, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[className]!;
  const taken = {
    className,
    fromConfig(_cls: unknown, config: Config, ...others: unknown[]): ReturnType<Read> {
      // Models take more than tfjs' types say: whether weights start from zeros, which a file replaces.
      const before = fromConfig as (...all: unknown[]) => ReturnType<Read>;
      return reader(config, own => before(original, own, ...others));
    },
  };
  tf.serialization.registerClass(taken as unknown as Parameters<typeof tf.serialization.registerClass>[0]);
}

interface CellJson {
  readonly className: string;
  readonly config: {readonly name?: string; readonly dtype?: unknown; readonly cells?: readonly CellJson[]};
  readonly module?: unknown;
}

/** Cells that Keras saved tell their dtype, those of TensorFlow.js do not. A program's own classes are left to TensorFlow.js. */
function isOfKeras({className, config}: CellJson, known: Library['cells']): boolean {
  if (config.cells) return config.cells.every(cell => isOfKeras(cell, known));
  return config.dtype !== undefined && known.some(({dialect}) => dialect.className === className);
}

/** Cells say their module in the newest Keras 2 and in Keras 3, which alone has no `time_major`. */
function libraryOf(
  {module}: CellJson,
  {timeMajor}: Config,
): {readonly library: Library; readonly version: string} {
  if (module === undefined || timeMajor !== undefined) {
    return {library: libraryNamed('keras2'), version: '2.15.0'};
  }
  const library = libraryNamed('keras3');
  return {library, version: library.defaultVersion};
}

/** No wrapper is within an RNN layer. */
const NO_BUILDER = {} as Builder;

function readRnn(config: Config, before: Read): ReturnType<Read> {
  const cell = config.cell as unknown as CellJson;
  const {library, version} = libraryOf(cell, config);
  if (!isOfKeras(cell, library.cells)) return before(config);
  const {customObjects: _, ...own} = config;
  const name = String(own.name);
  const facts = {name, library: library.name, className: 'RNN', version, where: `RNN '${name}'`};
  const record = {...facts, config: inPython(own) as Config, calls: [], group: name};
  const layer = rnnEntry(library.cells)(record, facts, NO_BUILDER).layer as Rnn;
  if (layer.cell instanceof StackedRNNCells) giveNames(layer.cell, cell);
  return layer;
}

/**
 * The variables of stacked cells go by the names of the stack and of each cell: `stacked_rnn_cells/lstm_cell/kernel`.
 * Source: StackedRNNCells.build of tf.keras 2.15 and Keras 3.
 */
function giveNames(stack: StackedRNNCells, {config}: CellJson): void {
  stack.prefixes = config.cells!.map(cell => ({name: `${config.name}/${cell.config.name}/`}));
}

/** A config with Python's keys: TensorFlow.js reads those as camelCase. */
function inPython(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inPython);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), inPython(inner)]));
}

/** Keras 3 calls the shape of an input `batch_shape`. */
function readInput({batchShape, ...config}: Config, before: Read): ReturnType<Read> {
  return before(batchShape === undefined ? config : {...config, batchInputShape: batchShape});
}

/** Keras 3 puts the name of a Sequential before those of its variables: `sequential/lstm/lstm_cell/kernel`. */
function readSequential(config: Config, before: Read): ReturnType<Read> {
  const model = before(config) as unknown as LayersModel;
  const load = model.loadWeights.bind(model);
  model.loadWeights = (weights, strict) => load(withoutPrefix(weights, `${model.name}/`), strict);
  return model;
}

function withoutPrefix(weights: tf.NamedTensorMap, prefix: string): tf.NamedTensorMap {
  const entries = Object.entries(weights);
  if (!entries.every(([name]) => name.startsWith(prefix) && name.split('/').length > 2)) return weights;
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** @throws CarryoverError `E_UNSUPPORTED` for calls as Keras 3 writes them: TensorFlow.js respells the names in them */
function readFunctional(config: Config, before: Read): ReturnType<Read> {
  const layers = config.layers as unknown as readonly {name: string; inboundNodes: readonly unknown[]}[];
  const odd = layers.find(({inboundNodes}) => inboundNodes.some(node => !Array.isArray(node)));
  if (!odd) return before(config);
  throw new CarryoverError(
    'E_UNSUPPORTED',
    `model '${config.name}': layer '${odd.name}' is called as Keras 3 writes it, which tf.loadLayersModel spoils; expected calls as of Keras 2; load the model.json with openModel or kerasHandler of carryover`,
  );
}

/** Makes `RNN`, `InputLayer` and models read what Keras saved, too. */
export function takeConverted(): void {
  takeReader('RNN', readRnn);
  takeReader('InputLayer', readInput);
  takeReader('Sequential', readSequential);
  takeReader('Functional', readFunctional);
}
