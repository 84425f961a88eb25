import {layers} from '@tensorflow/tfjs-layers';
import {harmless, integer, number, other} from '../../dialects/arguments';
import {CarryoverError} from '../../errors';
import {Reshape} from '../../layers/plain/rearrange';
import type {FilePatterns} from '../patterns';
import {plainLayer, plainLayers} from '../plain';
import {denseArrays, denseLayer} from '../shared-layers';

/* EpyNN's layers beside the recurrent ones. Source: epynn/{dense,flatten,dropout} of 1.2.13. */

const COMMON = {name: harmless(other())};
const arrays = denseArrays(['W', 'b'], true);

/** The constants that an activation of a Dense would read, as the library's models set them. */
const CONSTANTS: ReadonlyMap<string, readonly [name: string, value: number]> = new Map([
  ['lrelu', ['LRELU_alpha', 0.3]],
  ['elu', ['ELU_alpha', 1]],
  ['softmax', ['softmax_temperature', 1]],
]);

const dense = plainLayer({
  className: 'Dense',
  arguments: {
    ...COMMON,
    units: integer(1),
    activate: other('activate', 'sigmoid'),
    initialization: harmless(other()),
    seHPars: other('se_hPars'),
  },
  arrays: () => arrays(true),
  inputShape: ([kernel]) => kernel && [null, kernel[0]!],
  layer: ({units, activate, seHPars}, context) => {
    const name = activate === 'identity' || activate === null ? 'linear' : String(activate);
    const [constant, usual] = CONSTANTS.get(name) ?? [];
    const given = (seHPars ?? {}) as Readonly<Record<string, unknown>>;
    if (constant !== undefined && (given[constant] ?? usual) !== usual) {
      throw new CarryoverError(
        'E_LAYER',
        `${context.where}: ${constant} is ${JSON.stringify(given[constant])}, which is not supported; expected ${usual}`,
      );
    }
    return denseLayer({units, activation: name, useBias: true, flat: true}, context);
  },
});

const flatten = plainLayer({
  className: 'Flatten',
  arguments: COMMON,
  layer: (_, {common}) => new Reshape({...common, target: [-1]}),
});

const dropout = plainLayer({
  className: 'Dropout',
  arguments: {...COMMON, dropProb: number(0.5), axis: harmless(other())},
  layer: ({dropProb}, {common}) => layers.dropout({...common, rate: dropProb}),
});

export const epynnLayers = plainLayers([dense, flatten, dropout]);

/** Layers that arrays alone give away. */
export const EPYNN_PATTERNS: FilePatterns = {
  plain: [{kind: 'dense', className: 'Dense', sizes: {units: 'units'}, linear: {activate: 'identity'}}],
  flatten: {className: 'Flatten'},
};
