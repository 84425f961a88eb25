import {
  type Argument,
  type Arguments,
  activation,
  boolean,
  choice,
  constraint,
  harmless,
  initializer,
  integer,
  other,
  refused,
  regularizer,
  type Spelling,
} from '../../../dialects/arguments';
import {since} from '../../../dialects/version';
import {
  constraint as constraintOf,
  type FanRule,
  type InitializerRules,
  initializer as initializerOf,
  isRecord,
  KERAS_1_INITIALIZERS,
  KERAS_2_INITIALIZERS,
  regularizer as regularizerOf,
} from '../../../keras';
import {activationSetting} from '../../../layers/plain/activation-setting';
import type {ActivationSetting} from '../../../layers/plain/base';
import {tfjsRule} from '../../../layers/plain/dense';
import type {WeightRuleArgs} from '../../../layers/plain/serial';
import type {StoredLayout} from '../../built';
import type {PlainContext} from '../../plain';

/* What Keras' plain layers have in common, through the ages. */

/** Types in which Keras would compute otherwise than is done here. */
const OTHER_PRECISIONS = /^(mixed_)?(float16|bfloat16|float64|int8|float8)/;

/** What is said of a dtype, which may be a policy, that is not what layers compute in here. */
export function precision(dtype: unknown): string | undefined {
  const config = isRecord(dtype) ? dtype.config : undefined;
  const name = isRecord(config) ? (config.name ?? config.mode) : dtype;
  if (typeof name !== 'string' || !OTHER_PRECISIONS.test(name)) return undefined;
  return `${name} is left out: the layer computes in float32, and its results differ by what Keras rounds`;
}

/** What every layer of Keras takes: from its base class, or because it may be a model's first layer. */
export const COMMON = {
  trainable: boolean(true),
  name: harmless(other()),
  customName: harmless(other()),
  dtype: harmless(other(), precision),
  weights: harmless(other()),
  batchInputShape: harmless(other()),
  batchShape: harmless(other()),
  batchSize: harmless(other()),
  inputShape: harmless(other()),
  inputDtype: harmless(other()),
  inputDim: harmless(integer(null)),
  inputLength: harmless(integer(null)),
  cacheEnabled: harmless(other()),
  createInputLayer: harmless(other()),
  implementation: harmless(other()),
  dynamic: harmless(other()),
  autocast: harmless(other()),
  activityRegularizer: harmless(regularizer(), 'is left out: it acts in training only, and tfjs has none'),
};

/** How a release's initializers draw. */
const drawn = since<InitializerRules>({'0': KERAS_1_INITIALIZERS, '2': KERAS_2_INITIALIZERS});

type Parts = 'Initializer' | 'Regularizer' | 'Constraint';

/**
 * How a weight starts, what it costs and what holds it.
 * @param onlyOld the class went with its old names
 * @param old the name of its initializer before 2.0, and the letter of its regularizer and constraint; null: it had none
 */
export function weight<N extends string>(
  name: N,
  init: Parameters<typeof initializer>[0],
  old: {init: string | null; letter: string | null},
  onlyOld = false,
): {readonly [K in `${N}${Parts}`]: Argument<string | object | null>} {
  const spelled = (before: string | null, part: string): Spelling => ({
    ...(before && {'0': before}),
    ...(!onlyOld && {'2': `${name}_${part}`}),
  });
  const withLetter = (part: string) => spelled(old.letter && `${old.letter}_${part}`, part);
  return {
    [`${name}Initializer`]: initializer(init, spelled(old.init, 'initializer')),
    [`${name}Regularizer`]: regularizer(withLetter('regularizer')),
    [`${name}Constraint`]: constraint(withLetter('constraint')),
  } as {readonly [K in `${N}${Parts}`]: Argument<string | object | null>};
}

export const KERNEL = weight('kernel', 'glorot_uniform', {init: 'init', letter: 'W'});
export const BIAS = {
  useBias: boolean(true, {'1': 'bias', '2': 'use_bias'}),
  ...weight('bias', 'zeros', {init: null, letter: 'b'}),
};
/** Those of layers that kept their names until they went. */
export const OLD_KERNEL = weight('kernel', 'glorot_uniform', {init: 'init', letter: 'W'}, true);
export const OLD_BIAS = {
  useBias: boolean(true, {'1': 'bias'}),
  ...weight('bias', 'zeros', {init: null, letter: 'b'}, true),
};
/** Where a layer's random numbers start. */
export const SEED = harmless(other(), 'is left out: in training the layer draws other numbers than Keras');
/** What is said of arguments that training alone heeds. */
export const IN_TRAINING = 'is left out: it acts in training only';
/** Written with other convolutions' arguments, and of no effect there. */
export const NO_GROUPS = refused(integer(1), 'expected 1: no release has groups in such a layer');
/** Low-rank additions of Keras 3, which trains them alone and saves the kernel with them in it. */
const MERGED = 'is left out: the kernel in the file has it added, and training changes the whole kernel';
export const LORA = {loraRank: harmless(other(), MERGED), loraAlpha: harmless(other())};
export const ACTIVATION = {activation: activation('linear')};

/** Kernel and bias as each age calls them. */
export function kernelAndBias({useBias}: {readonly useBias: boolean}, version: string): StoredLayout {
  return kernelNames(version).slice(0, useBias ? 2 : 1);
}
const kernelNames = since({'0': ['W', 'b'], '2': ['kernel', 'bias']});

/** How the weight of a name starts, what it costs and what holds it. */
export function ruleOf(args: Arguments, name: string, context: PlainContext, fans?: FanRule): WeightRuleArgs {
  const {version, where} = context;
  const init = args[`${name}Initializer`];
  return {
    initializer: init === undefined ? undefined : initializerOf(init, drawn(version), fans, where),
    regularizer: regularizerOf(args[`${name}Regularizer`], where),
    constraint: constraintOf(args[`${name}Constraint`], where),
  };
}

/** The same, as tfjs' own layers take it. */
export function tfjsRules(args: Arguments, names: readonly string[], context: PlainContext): object {
  const rules = names.map(name => tfjsRule(name, ruleOf(args, name, context)));
  return Object.assign({}, ...rules);
}

/** What a layer does for an activation. */
export const activationOf = (spec: unknown, {version, where}: PlainContext): ActivationSetting =>
  activationSetting(spec, where, version);

const ORDERINGS = ['channels_last', 'channels_first', 'tf', 'th', 'default'] as const;
type Ordering = (typeof ORDERINGS)[number];

const ordering = (value: Ordering | ((version: string) => Ordering), python: Spelling) =>
  choice(ORDERINGS, value, python);

/**
 * Where images have their channels. UpSampling2D, ZeroPadding2D and Cropping2D of 0.x and 1.x do not write it: it is
 * the release's default.
 */
export const DATA_FORMAT = ordering(since<Ordering>({'0': 'th', '1.1.1': 'tf', '2': 'channels_last'}), {
  '0.3': 'dim_ordering',
  '2': 'data_format',
});

/** Sequences, and what is flattened, have their channels last where nothing says otherwise. */
export const sequenceFormat = (since: string) => ordering('channels_last', {[since]: 'data_format'});

/** Images have their channels before their rows. */
export function channelsFirst(ordering: string, version: string): boolean {
  const told = ordering === 'default' ? DATA_FORMAT.fallback(version) : ordering;
  return told === 'th' || told === 'channels_first';
}
