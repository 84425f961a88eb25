import type {ConfigOf} from '../dialects/arguments';
import type {Dialect} from '../dialects/dialect';
import {Bidirectional, type BidirectionalArgs} from '../layers/bidirectional';
import {type LayerBase, layerClass, type RecurrentLayerClass} from '../layers/factory';
import {checkGiven} from '../layers/given-arguments';
import type {CommonArgs, LayerConfig, RecurrentLayer} from '../layers/recurrent-layer';
import * as epynnDialects from './epynn/dialect';
import {EpynnLayer} from './epynn/layer';
import * as keras0Dialects from './keras0/dialect';
import * as keras1Dialects from './keras1/dialect';
import * as keras2Dialects from './keras2/dialect';
import * as lasagneDialects from './lasagne/dialect';
import * as neupyDialects from './neupy/dialect';
import * as nntoolsDialects from './nntools/dialect';
import {NntoolsLayer} from './nntools/layer';

/** Layer classes by library and class name, for those who read them in a file. */
const classes = new Map<string, RecurrentLayerClass>();

/** The tfjs layer class of a library's recurrent layer; undefined where it has none of that name. */
export function recurrentLayerClass(library: string, className: string): RecurrentLayerClass | undefined {
  return classes.get(`${library} ${className}`);
}

/** The dialects by library and class name. */
const dialects = new Map<string, Dialect>();

/** What a library says of one of its recurrent layers; undefined where it has none of that name. */
export function recurrentDialect(library: string, className: string): Dialect | undefined {
  return dialects.get(`${library} ${className}`);
}

/** Makes the layer class of a dialect, and the function that users call. */
function factory<D extends Dialect, T extends RecurrentLayer = RecurrentLayer>(
  dialect: D,
  base?: LayerBase<T>,
): (config?: ConfigOf<D> & CommonArgs) => T {
  const layer = layerClass<T>(dialect, base);
  classes.set(`${dialect.library} ${dialect.className}`, layer);
  dialects.set(`${dialect.library} ${dialect.className}`, dialect);
  return config => {
    const given = (config ?? {}) as LayerConfig;
    checkGiven(dialect, given);
    return new layer(given);
  };
}

/** A layer forwards and backwards (`layer`, `mergeMode`: concat, sum, mul, ave or null). */
const bidirectional = (args: BidirectionalArgs): Bidirectional => new Bidirectional(args);

/** Keras 0.1 to 0.3. Layers take the library's arguments in camelCase, and `version` (default 0.3.3). */
export const keras0 = {
  lstm: factory(keras0Dialects.lstm),
  gru: factory(keras0Dialects.gru),
  simpleRNN: factory(keras0Dialects.simpleRNN),
  jzs1: factory(keras0Dialects.jzs1),
  jzs2: factory(keras0Dialects.jzs2),
  jzs3: factory(keras0Dialects.jzs3),
};

/** Keras 1.0 to 1.2. Layers take the library's arguments in camelCase, and `version` (default 1.2.2). */
export const keras1 = {
  lstm: factory(keras1Dialects.lstm),
  gru: factory(keras1Dialects.gru),
  simpleRNN: factory(keras1Dialects.simpleRNN),
  bidirectional,
};

/** Keras 2.0 to 2.3. Layers take the library's arguments in camelCase, and `version` (default 2.3.1). */
export const keras2 = {
  lstm: factory(keras2Dialects.lstm),
  gru: factory(keras2Dialects.gru),
  simpleRNN: factory(keras2Dialects.simpleRNN),
  bidirectional,
};

/** Lasagne's recurrent layers. Beside x they take a mask and initial states, named by `given`: ['mask', 'h', 'c']. */
export const lasagne = {
  lstm: factory(lasagneDialects.lstm),
  gru: factory(lasagneDialects.gru),
  recurrent: factory(lasagneDialects.recurrent),
};

/** nntools' LSTM layer as its code runs (`variant`: seed or commit). */
export const nntools = {lstm: factory(nntoolsDialects.lstm, NntoolsLayer)};

/** neupy 0.8's recurrent layers. */
export const neupy = {lstm: factory(neupyDialects.lstm), gru: factory(neupyDialects.gru)};

/** EpyNN's recurrent layers. */
export const epynn = {
  lstm: factory(epynnDialects.lstm, EpynnLayer),
  gru: factory(epynnDialects.gru, EpynnLayer),
  rnn: factory(epynnDialects.rnn, EpynnLayer),
};
