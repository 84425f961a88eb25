import {harmless, integer, other} from '../../dialects/arguments';
import {CarryoverError} from '../../errors';
import {Bidirectional, type MergeMode} from '../../layers/bidirectional';
import {TimeDistributed} from '../../layers/plain/time-distributed';
import type {RecurrentLayer} from '../../layers/recurrent-layer';
import type {LayerRecord} from '../../model/architecture';
import {type Json, object, text} from '../../model/json';
import type {BuiltLayer, CallSpec, LayerEntry} from '../built';
import {STATES} from '../entries';
import {argumentsIn, commonArguments} from '../plain';
import {nestedModel} from './architecture/nested';
import {COMMON} from './plain/parts';

/** The record of the layer inside a wrapper. 0.3 writes it flat, as it writes all layers. */
function wrapped(record: LayerRecord): LayerRecord {
  const where = `${record.where}: wrapped layer`;
  const json = object(record.config.layer, `${record.where}: layer`);
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

const BIDIRECTIONAL = {
  ...COMMON,
  layer: other(),
  mergeMode: other<string | null>({'1': 'merge_mode'}, 'concat'),
  numConstants: harmless(integer(null)),
  backwardLayer: other<Json | null>(),
};

const bidirectional: LayerEntry = (record, context, builder) => {
  const {args, notes: own} = argumentsIn(BIDIRECTIONAL, record.config, context);
  if (args.backwardLayer && !mirrors(object(record.config.layer, context.where), args.backwardLayer)) {
    throw new CarryoverError(
      'E_LAYER',
      `${context.where}: backward_layer is another layer than layer, which is not supported; expected a copy of it that runs backwards`,
    );
  }
  const {layer, inputShape, notes = []} = builder.layer(wrapped(record));
  const mergeMode = args.mergeMode as MergeMode;
  const made = new Bidirectional({
    layer: layer as RecurrentLayer,
    mergeMode,
    ...commonArguments(args, context),
  });
  return {layer: made, roles: made.arrayNames, inputShape, notes: [...own, ...notes]};
};

/** The backward layer is what Keras makes of the forward one where nobody gives one. */
function mirrors(forward: Json, backward: Json): boolean {
  const told = (layer: Json): string => {
    const {name: _, go_backwards: turned, ...config} = object(layer.config, 'backward_layer');
    const turn = layer === backward ? !turned : Boolean(turned);
    return JSON.stringify([layer.class_name, turn, Object.entries(config).sort()]);
  };
  return told(forward) === told(backward);
}

const TIME_DISTRIBUTED = {...COMMON, layer: other()};

const timeDistributed: LayerEntry = (record, context, builder) => {
  const {args, notes: own} = argumentsIn(TIME_DISTRIBUTED, record.config, context);
  const built = builder.layer(wrapped(record));
  const inputShape: BuiltLayer['inputShape'] = arrays => {
    const shape = built.inputShape?.(arrays);
    return shape && [null, null, ...shape.slice(1)];
  };
  return {
    ...built,
    inputShape,
    layer: new TimeDistributed({layer: built.layer, ...commonArguments(args, context)}),
    // Roles of a user's own layer are known once it is built.
    get roles() {
      return built.roles;
    },
    notes: [...own, ...(built.notes ?? [])],
  };
};

/** Layers that hold others. A whole model inside a wrapper is a layer like any other. */
export const KERAS_WRAPPERS: ReadonlyMap<string, LayerEntry> = new Map([
  ['Bidirectional', bidirectional],
  ['TimeDistributed', timeDistributed],
  ['Sequential', nestedModel],
  ['Model', nestedModel],
  ['Functional', nestedModel],
  ['Graph', nestedModel],
]);

/** What calls of those layers may say beside tensors. */
export const WRAPPER_CALLS: ReadonlyMap<string, CallSpec> = new Map([['Bidirectional', STATES]]);
