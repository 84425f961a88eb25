import {CarryoverError} from '../../../errors';
import {type DotAxes, Merge, type MergeMode} from '../../../layers/plain/merge';
import {built, type Config, common, flag, number} from './read';
import type {LayerContext, PlainLayerFactory} from './types';

const MODES: readonly MergeMode[] = ['sum', 'mul', 'concat', 'ave', 'dot', 'cos', 'max'];

function legacyMode(config: Config, context: LayerContext): MergeMode {
  const {mode = 'sum', mode_type: type = 'raw'} = config;
  if (type !== 'raw' || typeof mode !== 'string') {
    throw new CarryoverError(
      'E_LAYER',
      `${context.where}: the mode of this Merge is Python code (${String(type)}), which cannot be carried over; write it as a tfjs layer and pass it in customObjects under the name Merge`,
    );
  }
  const known = MODES.find(one => one === mode);
  if (known !== undefined) return known;
  throw new CarryoverError(
    'E_LAYER',
    mode === 'join'
      ? `${context.where}: mode 'join' hands a dictionary to a layer written in Python; write that layer in tfjs and pass it in customObjects`
      : `${context.where}: Merge mode is '${mode}', expected ${MODES.join(', ')}`,
  );
}

function dotAxes(value: unknown): DotAxes {
  return typeof value === 'number' || Array.isArray(value) ? (value as DotAxes) : -1;
}

/** Merge of 0.x (mask lost) and 1.x, as a layer of several inputs. */
const merge: PlainLayerFactory = (config, context) => {
  const first = context.library === 'keras0';
  const layer = new Merge({
    ...common(config, context),
    mode: legacyMode(config, context),
    concatAxis: number(config, ['concat_axis'], context, -1),
    dotAxes: dotAxes(config.dot_axes),
    masks: first ? 'none' : 'all',
    age: first ? 'keras0' : 'keras1',
  });
  return built(layer, [], config);
};

const modern =
  (mode: MergeMode): PlainLayerFactory =>
  (config, context) => {
    const layer = new Merge({
      ...common(config, context),
      mode,
      concatAxis: number(config, ['axis'], context, -1),
      dotAxes: dotAxes(config.axes),
      normalize: flag(config, ['normalize'], false),
    });
    return built(layer, [], config);
  };

export const MERGE: Readonly<Record<string, PlainLayerFactory>> = {
  Merge: merge,
  Add: modern('sum'),
  Subtract: modern('subtract'),
  Multiply: modern('mul'),
  Average: modern('ave'),
  Maximum: modern('max'),
  Minimum: modern('min'),
  Concatenate: modern('concat'),
  Dot: modern('dot'),
};
