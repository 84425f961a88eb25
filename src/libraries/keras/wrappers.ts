import {other} from '../../dialects/arguments';
import {TimeDistributed} from '../../layers/plain/time-distributed';
import type {BuiltLayer, CallSpec, LayerEntry} from '../built';
import {STATES} from '../entries';
import {argumentsIn, commonArguments} from '../plain';
import {nestedModel} from './architecture/nested';
import {COMMON} from './plain/parts';
import {bidirectional} from './recurrent';
import {wrapped} from './wrapped';

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
export const WRAPPER_CALLS: ReadonlyMap<string, CallSpec> = new Map([
  ['Bidirectional', STATES],
  ['RNN', STATES],
  ['ConvLSTM1D', STATES],
  ['ConvLSTM2D', STATES],
  ['ConvLSTM3D', STATES],
]);
