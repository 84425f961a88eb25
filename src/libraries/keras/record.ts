import type {CellClass, RecurrentLayerClass} from '../../layers/factory';
import type {CallSpec, LayerEntry} from '../built';
import {STATES} from '../entries';
import type {Library} from '../library';
import {CONV_LSTMS} from './conv-lstm';
import {KERAS_OPERATIONS, OPERATION_CALLS} from './operations';
import {KERAS_LAYERS} from './plain';
import {COMMON} from './plain/parts';
import {rnnEntry} from './recurrent';
import {KERAS_WRAPPERS, WRAPPER_CALLS} from './wrappers';

/** What the records of Keras 2 and Keras 3 have alike, from the classes of their layers and cells. */
export function kerasRecord(layers: readonly RecurrentLayerClass[], cells: readonly CellClass[]) {
  const loops = new Map<string, LayerEntry>([...CONV_LSTMS, ['RNN', rnnEntry(cells)]]);
  const calls = [...loops.keys()].map((name): [string, CallSpec] => [name, STATES]);
  return {
    layers,
    cells,
    commonArguments: COMMON,
    plainLayers: KERAS_LAYERS,
    otherLayers: new Map([...KERAS_WRAPPERS, ...loops, ...KERAS_OPERATIONS]),
    otherCalls: new Map([...WRAPPER_CALLS, ...calls, ...OPERATION_CALLS]),
    containerArrays: 'trainedFirst',
  } satisfies Partial<Library>;
}
