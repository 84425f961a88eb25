import type {LayerRecord} from '../../model/architecture';
import {type Json, object, text} from '../../model/json';

/** The record of the layer inside a wrapper. 0.3 writes it flat, as it writes all layers. */
export function wrapped(record: LayerRecord, key: 'layer' | 'backward_layer' = 'layer'): LayerRecord {
  const where = `${record.where}: ${key === 'layer' ? 'wrapped layer' : key}`;
  const json = object(record.config[key], `${record.where}: ${key}`);
  const isFlat = json.class_name === undefined;
  const {name: flatClass, custom_name: customName, ...flat} = json;
  // Containers of Keras 1 have a bare list.
  const config: Json = isFlat
    ? flat
    : Array.isArray(json.config)
      ? {layers: json.config}
      : object(json.config, `${where}: config`);
  const name = isFlat ? customName : config.name;
  return {
    ...record,
    className: text(isFlat ? flatClass : json.class_name, `${record.where}: class of the wrapped layer`),
    config,
    name: typeof name === 'string' ? name : `${record.name}_layer`,
    where,
  };
}
