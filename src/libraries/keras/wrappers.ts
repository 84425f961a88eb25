import {harmless, other} from '../../dialects/arguments';
import {before} from '../../dialects/version';
import {SpectralNormalization} from '../../layers/plain/spectral-normalization';
import {TimeDistributed} from '../../layers/plain/time-distributed';
import {type BuiltLayer, type CallSpec, entryWith, type LayerEntry} from '../built';
import {STATES} from '../entries';
import {placesWithin} from '../object-names';
import {argumentsIn, commonArguments} from '../plain';
import {nestedModel} from './architecture/nested';
import {COMMON} from './plain/parts';
import {bidirectional} from './recurrent';
import {wrapped} from './wrapped';

const TIME_DISTRIBUTED = {...COMMON, layer: other()};

const timeDistributed = entryWith(TIME_DISTRIBUTED, (record, context, builder) => {
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
    get places() {
      return placesWithin('layer', built);
    },
    notes: [...own, ...(built.notes ?? [])],
  };
});

const SPECTRAL = {...COMMON, layer: other(), powerIterations: harmless(other())};

/** Its arrays: the trained ones, then `vector_u`; in Keras 3, which makes that right after the kernel, it comes second. */
const spectralNormalization = entryWith(SPECTRAL, (record, context, builder) => {
  const {args, notes: own} = argumentsIn(SPECTRAL, record.config, context);
  const {layer, roles, notes = []} = builder.layer(wrapped(record));
  const all = [...roles, 'vector_u'].map((name, weight) => ({name, weight}));
  const [kernel, ...others] = all;
  const layout = before(context.version, '3') ? all : [kernel!, others.pop()!, ...others];
  return {
    layer: new SpectralNormalization({layer, ...commonArguments(args, context)}),
    roles: layout.map(({name}) => name),
    layouts: [layout],
    // The wrapper has the kernel again, before the vector.
    places: before(context.version, '3')
      ? [
          {path: 'layer', count: roles.length},
          {path: '', count: 1, repeated: 1},
        ]
      : [
          {path: '', count: 2},
          {path: 'layer', count: roles.length - 1, repeated: 1},
        ],
    untrained: 1,
    notes: [
      ...own,
      ...notes,
      'SpectralNormalization takes the kernel as it is: training does not normalise it',
    ],
  };
});

/** Layers that hold others. A whole model inside a wrapper is a layer like any other. */
export const KERAS_WRAPPERS: ReadonlyMap<string, LayerEntry> = new Map([
  ['Bidirectional', bidirectional],
  ['TimeDistributed', timeDistributed],
  ['SpectralNormalization', spectralNormalization],
  ['Sequential', nestedModel],
  ['Model', nestedModel],
  ['Functional', nestedModel],
  ['Graph', nestedModel],
]);

/** What calls of those layers may say beside tensors. */
export const WRAPPER_CALLS: ReadonlyMap<string, CallSpec> = new Map([['Bidirectional', STATES]]);
