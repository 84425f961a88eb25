import {boolean, checkArguments, harmless, integer, other, refused} from '../../dialects/arguments';
import {CarryoverError, locatedAt} from '../../errors';
import {Bidirectional, type MergeMode} from '../../layers/bidirectional';
import type {CellClass} from '../../layers/factory';
import type {CommonArgs} from '../../layers/recurrent-layer';
import {Rnn, type RnnLayerArgs} from '../../layers/rnn';
import type {SequenceCell} from '../../layers/sequence-cell';
import {StackedRNNCells, type StackedRNNCellsArgs} from '../../layers/stacked-rnn-cells';
import type {StatefulLayer} from '../../layers/stateful-layer';
import {type Json, list, object, text} from '../../model/json';
import {type BuiltLayer, entryWith, type LayerContext, type LayerEntry} from '../built';
import {objectNames, placesWithin} from '../object-names';
import {otherLayouts} from '../other-layouts';
import {argumentsIn, commonArguments} from '../plain';
import {COMMON} from './plain/parts';
import {forgetsInBidirectional, keptStatesFirst, reverseStateOrder, zeroInBidirectional} from './releases';
import {wrapped} from './wrapped';

/* Layers around recurrent layers and cells: Bidirectional, RNN. */

const NO_CONSTANTS = refused(integer(0), 'expected 0: no cell of Keras itself takes constants');

const BIDIRECTIONAL = {
  ...COMMON,
  layer: other(),
  mergeMode: other<string | null>({'1': 'merge_mode'}, 'concat'),
  numConstants: NO_CONSTANTS,
  backwardLayer: other<Json | null>(),
};

const FORGETS =
  'stateful is left out: Bidirectional of Keras 2.1.4 to 2.3.1 keeps no states between predictions';

export const bidirectional = entryWith(BIDIRECTIONAL, (record, context, builder) => {
  const {args, notes: own} = argumentsIn(BIDIRECTIONAL, record.config, context);
  const inner = wrapped(record);
  const forgets = inner.config.stateful === true && forgetsInBidirectional(context.version);
  const forward = builder.layer(forgets ? {...inner, config: {...inner.config, stateful: false}} : inner);
  const backward = args.backwardLayer ? builder.layer(wrapped(record, 'backward_layer')) : undefined;
  const made = locatedAt(
    context.where,
    () =>
      new Bidirectional({
        layer: forward.layer as StatefulLayer,
        backwardLayer: backward?.layer as StatefulLayer | undefined,
        // Python's None is a mode of its own.
        mergeMode: (record.config.merge_mode === null ? null : args.mergeMode) as MergeMode,
        ...commonArguments(args, context),
      }),
  );
  return {
    layer: made,
    roles: made.arrayNames,
    places: [
      ...placesWithin('forward_layer', forward),
      ...placesWithin('backward_layer', backward ?? forward),
    ],
    inputShape: forward.inputShape,
    ...otherLayouts(made),
    notes: [...own, ...(forward.notes ?? []), ...(backward?.notes ?? []), ...(forgets ? [FORGETS] : [])],
  };
});

const RNN = {
  ...COMMON,
  cell: other(),
  returnSequences: boolean(false),
  returnState: boolean(false),
  goBackwards: boolean(false),
  stateful: boolean(false),
  unroll: harmless(boolean(false)),
  timeMajor: boolean(false),
  zeroOutputForMask: boolean(false),
  numConstants: NO_CONSTANTS,
};

const STACK = {cells: other(), reverseStateOrder: boolean(reverseStateOrder)};

/** What a cell has beside its own arguments. */
export const CELL_COMMON = {
  name: harmless(other()),
  trainable: boolean(true),
  dtype: COMMON.dtype,
};

/** What an RNN layer does otherwise in other releases. */
const byRelease = (version: string) => ({
  keptStatesFirst: keptStatesFirst(version),
  zeroInBidirectional: zeroInBidirectional(version),
});

/** How `RNN` is built. @param cells the classes of the library's cells */
export const rnnEntry = (cells: readonly CellClass[]): LayerEntry =>
  entryWith(RNN, (record, context) => {
    const {args, notes} = argumentsIn(RNN, record.config, context);
    const {
      cell,
      places,
      notes: ofCells,
    } = cellOf(cells, args.cell, {...context, where: `${context.where}: cell`});
    const layer = new Rnn({
      ...(args as Omit<RnnLayerArgs, 'cell' | 'batchInputShape' | 'inputShape' | 'name' | 'trainable'>),
      ...commonArguments(args, context),
      cell,
      ...byRelease(context.version),
    });
    const inputShape: BuiltLayer['inputShape'] = arrays => [null, null, cell.inputSizeOf(arrays)];
    return {
      layer,
      roles: layer.arrayNames,
      places: placesWithin('cell', {places, roles: layer.arrayNames}),
      inputShape,
      ...otherLayouts(layer),
      notes: [...notes, ...ofCells],
    };
  });

interface BuiltCell extends Pick<BuiltLayer, 'places'> {
  readonly cell: SequenceCell;
  readonly className: string;
  readonly notes: readonly string[];
}

/** A cell as Keras wrote it; a list is a stack. */
function cellOf(classes: readonly CellClass[], json: unknown, context: LayerContext): BuiltCell {
  const {version, library, where} = context;
  if (Array.isArray(json)) return stackOf(classes, {cells: json}, context);
  const {class_name: told, config: own} = object(json, where);
  const className = text(told, `${where}: class_name`);
  const config = object(own ?? {}, `${where}: config`);
  if (className === 'StackedRNNCells') return stackOf(classes, config, context);
  const found = classes.find(({dialect}) => dialect.className === className);
  if (!found) {
    const known = [...classes.map(({dialect}) => dialect.className), 'StackedRNNCells'].join(', ');
    throw new CarryoverError(
      'E_LAYER',
      `${where}: cell class '${className}' of ${library} is not known; known are ${known}; write the layer in tfjs and pass it as customObjects: {RNN: ...}`,
    );
  }
  const table = {...CELL_COMMON, ...found.dialect.arguments};
  const notes = checkArguments(table, config, version, where, `${className} of ${library}`);
  return {cell: locatedAt(where, () => new found({...config, version})), className, notes};
}

function stackOf(classes: readonly CellClass[], config: Json, context: LayerContext): BuiltCell {
  const {where, name} = context;
  const {args, notes} = argumentsIn({...CELL_COMMON, ...STACK}, config, {
    ...context,
    className: 'StackedRNNCells',
  });
  const cells = list(args.cells, `${where}: cells`).map((json, k) =>
    cellOf(classes, json, {...context, where: `${where} ${k}`}),
  );
  const stack = locatedAt(
    where,
    () =>
      new StackedRNNCells({
        cells: cells.map(({cell}) => cell),
        reverseStateOrder: args.reverseStateOrder,
        ...commonArguments(args, {...context, name: `${name}_cells`}),
      }),
  );
  const names = objectNames(cells.map(({className}) => className));
  const places = cells.flatMap(({cell, places: inner}, k) =>
    placesWithin(`cells/${names[k]}`, {places: inner, roles: cell.arrayNames}),
  );
  return {
    cell: stack,
    className: 'StackedRNNCells',
    places,
    notes: [...notes, ...cells.flatMap(inner => inner.notes)],
  };
}

/** The functions with which programs make an RNN layer and a stack of cells. */
export const rnnFactories = (defaultVersion: string) => ({
  /** Runs a cell, or a list of them as a stack, over sequences; shapes as of `lstm`. */
  rnn: ({version = defaultVersion, ...args}: RnnLayerArgs & Pick<CommonArgs, 'version'>): Rnn =>
    new Rnn({...byRelease(version), ...args}),
  /** Cells on top of each other as one cell. */
  stackedRNNCells: ({
    version = defaultVersion,
    ...args
  }: StackedRNNCellsArgs & Pick<CommonArgs, 'version'>): StackedRNNCells =>
    new StackedRNNCells({reverseStateOrder: reverseStateOrder(version), ...args}),
});
