import type {layers} from '@tensorflow/tfjs-layers';
import {camel} from '../dialects/arguments';
import {CarryoverError} from '../errors';
import {InTraining} from '../layers/plain/in-training';
import {findLibrary} from '../libraries';
import type {Builder, BuiltLayer} from '../libraries/built';
import {classesOf, entryOf} from '../libraries/entries';
import {didYouMean} from '../nearest';
import type {LayerRecord} from './architecture';
import {soleArguments} from './calls';
import {type CustomLayer, type CustomObjects, customOf} from './custom';

/**
 * The tfjs layer of a record, with the library's names for its arrays.
 * @param model builds a whole model that a layer holds
 * @throws CarryoverError `E_LAYER` for a class that nobody knows
 */
export function buildLayer(
  record: LayerRecord,
  customObjects: CustomObjects,
  model: Builder['model'],
): BuiltLayer {
  const {className, where} = record;
  const name = tfjsName(record.name);
  const custom = customOf(customObjects, className);
  if (custom !== undefined && typeof custom !== 'string') return buildCustom(custom, record, name);
  const library = findLibrary(record.library);
  const entry = library && entryOf(library, className);
  if (!entry) {
    const near = library ? didYouMean(className, classesOf(library)) : '';
    throw new CarryoverError(
      'E_LAYER',
      `${where}: class '${className}' of ${record.library} is not known${near}; ` +
        `pass your own as customObjects: {${className}: ...} (on the command line: --custom ${className}=MODULE), ` +
        `or name the class that it renames, with the same arguments: {${className}: 'LSTM'} (--custom ${className}=LSTM)`,
    );
  }
  const {version = library.defaultVersion} = record;
  const layer: Builder['layer'] = inner => buildLayer(inner, customObjects, model);
  const built = entry(record, {...record, version, name, call: soleArguments(record)}, {layer, model});
  return record.inTraining ? alwaysTraining(built, name) : built;
}

function alwaysTraining(built: BuiltLayer, name: string): BuiltLayer {
  const note = 'is called with training=True: it does when the model predicts what it does in training';
  return {
    ...built,
    layer: new InTraining({name: `${name}_in_training`, layer: built.layer}),
    notes: [...(built.notes ?? []), note],
  };
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
