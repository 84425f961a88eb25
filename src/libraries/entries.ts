import {type ArgumentTable, checkArguments} from '../dialects/arguments';
import {locatedAt} from '../errors';
import type {RecurrentLayerClass} from '../layers/factory';
import {type BuiltLayer, type CallSpec, entryWith, type LayerEntry, TENSORS} from './built';
import type {Library} from './library';
import {otherLayouts} from './other-layouts';
import {buildPlain, type PlainLayers} from './plain';
import {ANY_LIBRARY} from './shared-layers';

/** How to build each of a library's layers, by class. */
type Entries = ReadonlyMap<string, LayerEntry>;

const known = new WeakMap<Library, Entries>();

/** How a library's layer of a class is built; undefined for a class that the library does not have. */
export function entryOf(library: Library, className: string): LayerEntry | undefined {
  return entriesIn(library).get(className);
}

/** The arguments of a library's layers of a class; undefined where configs of that class have no arguments. */
export const argumentsOf = (library: Library, className: string): ArgumentTable | undefined =>
  entryOf(library, className)?.table;

/** The classes of a library's layers. */
export const classesOf = (library: Library): string[] => [...entriesIn(library).keys()];

function entriesIn(library: Library): Entries {
  const entries = known.get(library) ?? entriesOf(library);
  known.set(library, entries);
  return entries;
}

/** Initial states of recurrent layers join their inputs. Source: Keras 3.0, `RNN.call`; older files have names alone. */
export const STATES: CallSpec = {
  takes: ['initial_state'],
  order: ['initial_state', 'mask', 'training'],
};

/** Every name of a recurrent layer's class. */
const namesOf = ({dialect: {className, aliases = []}}: RecurrentLayerClass): readonly string[] => [
  className,
  ...aliases,
];

/** What a call of a library's layer of a class may say beside tensors. */
export function callSpecOf({plainLayers, layers, otherCalls}: Library, className: string): CallSpec {
  if (layers.some(layer => namesOf(layer).includes(className))) return STATES;
  const plain = plainLayers.get(className) ?? ANY_LIBRARY.get(className);
  return otherCalls?.get(className) ?? plain?.call ?? TENSORS;
}

function entriesOf({plainLayers, layers, otherLayers, commonArguments = {}}: Library): Entries {
  return new Map([
    ...plainEntries(ANY_LIBRARY),
    ...plainEntries(plainLayers),
    ...layers.flatMap(layer => {
      const entry = recurrentEntry(layer, commonArguments);
      return namesOf(layer).map(name => [name, entry] as const);
    }),
    ...(otherLayers ?? []),
  ]);
}

const plainEntries = (declared: PlainLayers): (readonly [string, LayerEntry])[] =>
  [...declared].map(([className, declaration]) => [
    className,
    entryWith(declaration.arguments, ({config}, context) => buildPlain(declaration, config, context)),
  ]);

function recurrentEntry(layerClass: RecurrentLayerClass, common: ArgumentTable): LayerEntry {
  const {arguments: own, library, className} = layerClass.dialect;
  const table = {...common, ...own};
  return entryWith(table, ({config, given, batchSize}, {name, version, where}) => {
    const notes = checkArguments(table, config, version, where, `${className} of ${library}`);
    const layer = locatedAt(where, () => new layerClass({...config, name, version, given, batchSize}));
    const inputShape: BuiltLayer['inputShape'] = arrays => [null, null, layer.inputSizeOf(arrays)];
    return {layer, roles: layer.arrayNames, inputShape, ...otherLayouts(layer), notes};
  });
}
