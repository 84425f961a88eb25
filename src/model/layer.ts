import type {layers} from '@tensorflow/tfjs-layers';
import {camel} from '../dialects/arguments';
import {CarryoverError} from '../errors';
import {Bidirectional, type MergeMode} from '../layers/bidirectional';
import {TimeDistributed} from '../layers/plain/time-distributed';
import type {RecurrentLayer} from '../layers/recurrent-layer';
import {findLibrary, recurrentLayerClass} from '../libraries';
import {type BuiltLayer, buildPlain} from '../libraries/plain';
import {ANY_LIBRARY} from '../libraries/shared-layers';
import type {LayerRecord} from './architecture';
import {type Json, object, text} from './json';

/** A user's own layer: a class whose constructor takes the config in camelCase, or a function of it. */
export type CustomLayer =
  | (new (
      config: Record<string, unknown>,
    ) => layers.Layer)
  | ((config: Record<string, unknown>) => layers.Layer);
/** Your own layers, by class name in the file. */
export type CustomObjects = Readonly<Record<string, CustomLayer>>;

/**
 * The tfjs layer of a record, with the library's names for its arrays.
 * @throws CarryoverError `E_LAYER` for a class that nobody knows
 */
export function buildLayer(record: LayerRecord, customObjects: CustomObjects = {}): BuiltLayer {
  const name = tfjsName(record.name);
  const custom = customObjects[record.className];
  if (custom) return buildCustom(custom, record, name);
  if (record.className === 'Bidirectional') return buildBidirectional(record, name, customObjects);
  if (record.className === 'TimeDistributed') return buildTimeDistributed(record, name, customObjects);
  const library = findLibrary(record.library);
  const sequence = library?.sequenceLayer?.(record, name);
  if (sequence) return sequence;
  const recurrent = recurrentLayerClass(record.library, record.className);
  if (recurrent) {
    const {given, batchSize, version} = record;
    const layer = new recurrent({...record.config, name, version, given, batchSize});
    return {layer, roles: layer.arrayNames, notes: ignored(record.config)};
  }
  const plain = library?.plainLayers.get(record.className) ?? ANY_LIBRARY.get(record.className);
  if (plain) {
    const {version = library?.defaultVersion ?? '0'} = record;
    return buildPlain(plain, record.config, {...record, version, name});
  }
  throw new CarryoverError(
    'E_LAYER',
    `${record.where}: class '${record.className}' of ${record.library} is not known; ` +
      `pass your own as customObjects: {${record.className}: ...} (on the command line: --custom)`,
  );
}

/** A name that tfjs takes for variables as well. */
export function tfjsName(name: string): string {
  const clean = name.replace(/[^-\w./]/g, '_');
  return /^[A-Za-z0-9]/.test(clean) ? clean : `layer_${clean}`;
}

function buildCustom(custom: CustomLayer, record: LayerRecord, name: string): BuiltLayer {
  const config = Object.fromEntries(Object.entries(record.config).map(([key, value]) => [camel(key), value]));
  const isClass = /^class\b/.test(Function.prototype.toString.call(custom));
  const layer = isClass
    ? new (custom as new (config: Record<string, unknown>) => layers.Layer)({...config, name})
    : (custom as (config: Record<string, unknown>) => layers.Layer)({...config, name});
  return {
    layer,
    // Known once the layer is built.
    get roles() {
      return layer.weights.map(weight => weight.originalName.split('/').at(-1)!);
    },
  };
}

/** The record of the layer inside a wrapper. 0.3 writes it flat, as it writes all layers. */
function inner(record: LayerRecord, name: string): LayerRecord {
  const json = object(record.config.layer, `${record.where}: layer`);
  const flat = json.class_name === undefined;
  const config: Json = flat ? withoutName(json) : object(json.config, `${record.where}: layer: config`);
  const className = text(flat ? json.name : json.class_name, `${record.where}: class of the wrapped layer`);
  const own = flat ? json.custom_name : config.name;
  return {
    ...record,
    className,
    config,
    name: typeof own === 'string' ? own : name,
    where: `${record.where}: wrapped layer`,
  };
}

function withoutName({name: _class, custom_name: _name, ...config}: Json): Json {
  return config;
}

function buildBidirectional(record: LayerRecord, name: string, customObjects: CustomObjects): BuiltLayer {
  const {layer, notes} = buildLayer(inner(record, `${name}_layer`), customObjects);
  const mergeMode = (
    record.config.merge_mode === undefined ? 'concat' : record.config.merge_mode
  ) as MergeMode;
  const {trainable} = record.config as {trainable?: boolean};
  const wrapped = new Bidirectional({layer: layer as RecurrentLayer, mergeMode, name, trainable});
  return {layer: wrapped, roles: wrapped.arrayNames, notes};
}

function buildTimeDistributed(record: LayerRecord, name: string, customObjects: CustomObjects): BuiltLayer {
  const built = buildLayer(inner(record, `${name}_layer`), customObjects);
  const {trainable} = record.config as {trainable?: boolean};
  const {layouts, notes} = built;
  return {
    layer: new TimeDistributed({layer: built.layer, name, trainable}),
    get roles() {
      return built.roles;
    },
    layouts,
    notes,
  };
}

/** Settings that do not carry over. */
function ignored(config: Json): string[] {
  return config.activity_regularizer
    ? ['activity_regularizer is left out: it acts in training only, and tfjs has none']
    : [];
}
