import {CarryoverError} from '../errors';
import {type Activation, sameActivation} from '../recurrence/activations';
import {cellFunction} from './cell-functions';
import {camel, snake} from './spelling';
import {type Since, since} from './version';

/**
 * A function that only layers outside of cells have: it works along an axis, or no cell's engine has it. Its name is tfjs'
 * own, or that of one of Carryover's (`src/layers/plain/functions.ts`), which may have parameters.
 */
export interface LayerFunction {
  readonly layer: string;
  readonly parameters?: Readonly<Record<string, number | readonly number[] | null>>;
}

type Meaning = Activation | LayerFunction;
/** Parameters as a serialized activation layer has them; null: its own default. */
type Parameters_ = Readonly<Record<string, number | null>>;

interface Named {
  /** What the name means, by Keras' releases; undefined where parameters mean nothing that is known. */
  readonly means: (parameters: Parameters_, release: string) => Meaning | undefined;
  /** The parameters that it may be given. */
  readonly parameters: readonly string[];
}

const plain = (meaning: Meaning | Since<Meaning>): Named => {
  const byRelease = 'kind' in meaning || 'layer' in meaning ? {'0': meaning as Meaning} : meaning;
  const inForce = since(byRelease as Since<Meaning>);
  return {means: (_, release) => inForce(release), parameters: []};
};

const elu: Named = {
  means: ({alpha}) => ({kind: 'elu', alpha: alpha ?? 1, scale: 1}),
  parameters: ['alpha'],
};

/** Keras 3 renamed the slope; both names are read. The function's default is another than the layer's. */
const leakyRelu = (fallback: number): Named => ({
  means: ({alpha, negative_slope: slope}) => ({kind: 'leakyRelu', alpha: alpha ?? slope ?? fallback}),
  parameters: ['alpha', 'negative_slope'],
});

/** Cells have it with a slope or a limit; with both, or a threshold, layers outside of cells do. */
const relu: Named = {
  means: ({max_value: limit, negative_slope: slope, threshold}) => {
    if (threshold || (slope && limit != null)) {
      const parameters = {maxValue: limit ?? null, negativeSlope: slope ?? 0, threshold: threshold ?? 0};
      return {layer: 'relu', parameters};
    }
    if (slope) return {kind: 'leakyRelu', alpha: slope};
    return limit == null ? {kind: 'relu'} : {kind: 'cappedRelu', limit};
  },
  parameters: ['max_value', 'negative_slope', 'threshold'],
};

/** A function of layers alone, with parameters that have the same names here and there. */
const withParameters = (layer: string, ...parameters: readonly string[]): Named => ({
  means: given => {
    const told = parameters.filter(name => given[name] != null).map(name => [name, given[name]]);
    return {layer, parameters: Object.fromEntries(told)};
  },
  parameters,
});

/** By default the exact one; `approximate` is that of tanh. */
const gelu: Named = {
  means: ({approximate}) => ({layer: approximate ? 'gelu_new' : 'gelu'}),
  parameters: ['approximate'],
};

const hardSigmoid = (slope: number): Activation => ({kind: 'hardSigmoid', slope, offset: 0.5});

/**
 * Every activation by the name that Keras gives it, as a function (`elu`) or as a layer (`ELU`). hard_sigmoid is another
 * function in Keras 3 than before; softmax works on the last axis in every release.
 * Source: keras/activations.py of 0.2.0 to 2.3.1, keras/src/activations of 2.15.0, 3.0.5 and 3.15.1, advanced_activations.py.
 */
const TABLE: ReadonlyMap<string, Named> = new Map([
  ['linear', plain({kind: 'linear'})],
  ['tanh', plain({kind: 'tanh'})],
  ['sigmoid', plain({kind: 'sigmoid'})],
  ['hardSigmoid', plain({'0': hardSigmoid(0.2), '3': hardSigmoid(1 / 6)})],
  ['relu', relu],
  ['softplus', plain({kind: 'softplus'})],
  ['softsign', plain({kind: 'softsign'})],
  ['elu', elu],
  ['selu', plain({kind: 'elu', alpha: 1.6732632423543772, scale: 1.0507009873554805})],
  ['exponential', plain({kind: 'exponential'})],
  ['relu6', plain({kind: 'cappedRelu', limit: 6})],
  ['softmax', withParameters('softmax', 'axis')],
  ['timeDistributedSoftmax', plain({layer: 'softmax'})],
  ['logSoftmax', plain({layer: 'logSoftmax'})],
  ['swish', plain({layer: 'swish'})],
  ['silu', plain({layer: 'swish'})],
  ['mish', plain({layer: 'mish'})],
  ['gelu', gelu],
  ['leakyRelu', leakyRelu(0.2)],
  ['hardSilu', plain({layer: 'hardSwish'})],
  ['hardSwish', plain({layer: 'hardSwish'})],
  ['hardTanh', plain({layer: 'hardTanh'})],
  ['hardShrink', withParameters('hardShrink', 'threshold')],
  ['softShrink', withParameters('softShrink', 'threshold')],
  ['tanhShrink', plain({layer: 'tanhShrink'})],
  ['squareplus', withParameters('squareplus', 'b')],
  ['celu', withParameters('celu', 'alpha')],
  ['glu', withParameters('glu', 'axis')],
  ['sparsePlus', plain({layer: 'sparsePlus'})],
  ['sparseSigmoid', plain({layer: 'sparseSigmoid'})],
  ['sparsemax', withParameters('sparsemax', 'axis')],
  ['logSigmoid', plain({layer: 'logSigmoid'})],
  ['ReLU', relu],
  ['ELU', elu],
  ['LeakyReLU', leakyRelu(0.3)],
  ['ThresholdedReLU', withParameters('thresholdedRelu', 'theta')],
  ['Softmax', withParameters('softmax', 'axis')],
]);

/** What a layer's config has beside its parameters. */
const OF_LAYERS = ['name', 'trainable', 'dtype', 'dynamic', 'batch_input_shape'];

/** Of Keras' functions, those that every library of cells has been given a name of. */
const ARGUMENTS = [
  ...['linear', 'tanh', 'sigmoid', 'relu', 'softplus', 'softsign', 'exponential'],
  ...['hardSigmoid', 'elu', 'selu'],
];

/**
 * What an activation means: a name (`hard_sigmoid` or `hardSigmoid`), a serialized function or activation layer.
 * @param release of Keras, for names whose meaning changed
 * @throws CarryoverError `E_LAYER` for one that is not known, or has parameters that cannot be said
 */
export function namedActivation(spec: unknown, where: string, release: string): Meaning {
  if (spec === null || spec === undefined) return {kind: 'linear'};
  if (typeof spec === 'object' && 'kind' in spec) return spec as Activation;
  const {name, config} = parts(spec);
  // A layer of its own that says no more than a name.
  if (name === 'Activation') return namedActivation(config.activation, where, release);
  const found = TABLE.get(camel(name));
  if (!found) {
    throw new CarryoverError(
      'E_LAYER',
      `${where}: activation '${name}' is not known; expected one of ${[...TABLE.keys()].map(key => (/^[a-z]/.test(key) ? snake(key) : key)).join(', ')}; a function of your own needs a layer in customObjects`,
    );
  }
  const odd = Object.keys(config).find(key => ![...found.parameters, ...OF_LAYERS].includes(key));
  const meaning = odd === undefined ? found.means(config as Parameters_, release) : undefined;
  if (meaning) return meaning;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: activation '${name}' has ${odd === undefined ? 'parameters' : `a parameter '${odd}'`} that cannot be carried over (${JSON.stringify(config)}); use a layer of its own after this one`,
  );
}

/** The three spellings: a name, `{class_name, config}`, and Keras 3's `{class_name: "function", config: name}`. */
function parts(spec: unknown): {name: string; config: Readonly<Record<string, unknown>>} {
  if (typeof spec === 'string') return {name: spec, config: {}};
  const {class_name, className, name, config} = spec as Readonly<Record<string, unknown>>;
  if (typeof config === 'string') return {name: config, config: {}};
  const told = class_name ?? className ?? name ?? JSON.stringify(spec);
  return {name: String(told), config: (config ?? {}) as Readonly<Record<string, unknown>>};
}

/**
 * The activation of a cell.
 * @param release of Keras, for names whose meaning changed
 * @throws CarryoverError `E_LAYER` for one that is unknown, or no element-wise function that cells have
 */
export function parseActivation(spec: unknown, where: string, release = '2'): Activation {
  const meaning = namedActivation(spec, where, release);
  if ('kind' in meaning) return meaning;
  const {layer, parameters} = meaning as {layer: string; parameters?: Readonly<Record<string, unknown>>};
  const found = cellFunction(layer, parameters);
  if (found) return found;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: '${parts(spec).name}' is no element-wise activation of a recurrent layer; ` +
      `known are ${ARGUMENTS.map(snake).join(', ')}`,
  );
}

/**
 * The Keras name of an activation, for a dialect's `fromRecurrence`; the activation itself where it has none, which no
 * dialect takes for one of its own.
 */
export function activationArgument(f: Activation | undefined): unknown {
  if (!f) return undefined;
  return ARGUMENTS.find(name => sameActivation(parseActivation(name, 'activation'), f)) ?? f;
}
