import {boolean, harmless, integer, other, type Spelling} from '../../../dialects/arguments';
import {since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {type DotAxes, Merge, type MergeArgs, type MergeMode} from '../../../layers/plain/merge';
import {plainLayer} from '../../plain';
import {COMMON} from './parts';

const MODES: readonly MergeMode[] = ['sum', 'mul', 'concat', 'ave', 'dot', 'cos', 'max'];

function legacyMode(mode: unknown, type: unknown, where: string): MergeMode {
  if (type !== 'raw' || typeof mode !== 'string') {
    throw new CarryoverError(
      'E_LAYER',
      `${where}: the mode of this Merge is Python code (mode_type ${String(type)}), which cannot be carried over; write it as a tfjs layer and pass it in customObjects under the name Merge`,
    );
  }
  const known = MODES.find(one => one === mode);
  if (known !== undefined) return known;
  throw new CarryoverError(
    'E_LAYER',
    mode === 'join'
      ? `${where}: mode 'join' hands a dictionary to a layer written in Python; write that layer in tfjs and pass it in customObjects`
      : `${where}: Merge mode is '${mode}'; expected one of ${MODES.join(', ')}`,
  );
}

function dotAxes(value: unknown): DotAxes {
  return typeof value === 'number' || Array.isArray(value) ? (value as DotAxes) : -1;
}

/** In 0.x masks are lost; from 3.4 on a step counts where it does in any of the branches. */
const masks = since<MergeArgs['masks']>({'0': 'none', '1': 'all', '3.4': 'any'});
const age = since<MergeArgs['age']>({'0': '0', '1': '1'});

/** Merge of 0.x and 1.x, as a layer of several inputs. What is Python code in it matters to lambdas alone. */
const legacy = plainLayer({
  className: {'0': 'Merge', '2.2': null},
  arguments: {
    ...COMMON,
    mode: other('mode', 'sum'),
    modeType: other({'1': 'mode_type'}, 'raw'),
    concatAxis: integer(-1),
    dotAxes: other({'0.3': 'dot_axes'}, -1),
    layers: harmless(other()),
    outputShape: harmless(other()),
    outputShapeType: harmless(other()),
    outputMask: harmless(other()),
    outputMaskType: harmless(other()),
    arguments: harmless(other()),
    nodeIndices: harmless(other()),
    tensorIndices: harmless(other()),
  },
  layer: (args, {common, version, where}) =>
    new Merge({
      ...common,
      mode: legacyMode(args.mode, args.modeType, where),
      concatAxis: args.concatAxis,
      dotAxes: dotAxes(args.dotAxes),
      masks: masks(version),
      age: age(version),
    }),
});

const merge = (className: Spelling, mode: MergeMode) =>
  plainLayer({
    className,
    arguments: COMMON,
    layer: (_, {common, version}) => new Merge({...common, mode, masks: masks(version)}),
  });

const concatenate = plainLayer({
  className: {'2': 'Concatenate'},
  arguments: {...COMMON, axis: integer(-1)},
  layer: ({axis}, {common, version}) =>
    new Merge({...common, mode: 'concat', concatAxis: axis, masks: masks(version)}),
});

const dot = plainLayer({
  className: {'2': 'Dot'},
  arguments: {...COMMON, axes: other(), normalize: boolean(false)},
  layer: ({axes, normalize}, {common}) =>
    new Merge({...common, mode: 'dot', dotAxes: dotAxes(axes), normalize}),
});

export const MERGE = [
  legacy,
  merge({'2': 'Add'}, 'sum'),
  merge({'2.0.7': 'Subtract'}, 'subtract'),
  merge({'2': 'Multiply'}, 'mul'),
  merge({'2': 'Average'}, 'ave'),
  merge({'2': 'Maximum'}, 'max'),
  merge({'2.0.9': 'Minimum'}, 'min'),
  concatenate,
  dot,
];
