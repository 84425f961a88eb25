import type {RecurrentLayerClass} from '../layers/factory';
import type {BuiltLayer, LayerEntry} from './built';
import type {Library} from './library';
import {buildPlain, type PlainLayers} from './plain';
import {ANY_LIBRARY} from './shared-layers';

/** How to build each of a library's layers, by class. */
type Entries = ReadonlyMap<string, LayerEntry>;

const known = new WeakMap<Library, Entries>();

/** How a library's layer of a class is built; undefined for a class that the library does not have. */
export function entryOf(library: Library, className: string): LayerEntry | undefined {
  const entries = known.get(library) ?? entriesOf(library);
  known.set(library, entries);
  return entries.get(className);
}

function entriesOf({plainLayers, layers, otherLayers}: Library): Entries {
  return new Map([
    ...plainEntries(ANY_LIBRARY),
    ...plainEntries(plainLayers),
    ...layers.map(layer => [layer.dialect.className, recurrentEntry(layer)] as const),
    ...(otherLayers ?? []),
  ]);
}

const plainEntries = (declared: PlainLayers): (readonly [string, LayerEntry])[] =>
  [...declared].map(([className, declaration]) => [
    className,
    ({config}, context) => buildPlain(declaration, config, context),
  ]);

function recurrentEntry(layerClass: RecurrentLayerClass): LayerEntry {
  return ({config, given, batchSize, version}, {name}) => {
    const layer = new layerClass({...config, name, version, given, batchSize});
    const notes = config.activity_regularizer
      ? ['activity_regularizer is left out: it acts in training only, and tfjs has none']
      : [];
    const inputShape: BuiltLayer['inputShape'] = arrays => [null, null, layer.inputSizeOf(arrays)];
    return {layer, roles: layer.arrayNames, inputShape, notes};
  };
}
