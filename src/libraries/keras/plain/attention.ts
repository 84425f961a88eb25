import {
  boolean,
  harmless,
  integer,
  integers,
  number,
  other,
  type ValuesOf,
} from '../../../dialects/arguments';
import {before, since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {Attention, type Scoring} from '../../../layers/plain/attention';
import type {AttentionRole, DataRole} from '../../../layers/plain/attention-base';
import {MultiHeadAttention} from '../../../layers/plain/multi-head-attention';
import type {CallSpec} from '../../built';
import {type PlainContext, type PlainLayer, plainLayer} from '../../plain';
import {BIAS, COMMON, KERNEL, ruleOf, SEED} from './parts';

/** An argument of a call that is true or false. */
function flagIn({call, where}: PlainContext, name: string): boolean {
  const value = call?.kwargs[name];
  if (value === undefined) return false;
  if ('constant' in value && typeof value.constant === 'boolean') return value.constant;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: the layer is called with a ${name} that is no constant; expected true or false`,
  );
}

/** What calls of all kinds of attention say. */
const calledWith = (context: PlainContext) => ({
  causal: flagIn(context, 'use_causal_mask'),
  returnScores: flagIn(context, 'return_attention_scores'),
});

const FLAGS = ['use_causal_mask', 'return_attention_scores'] as const;

const LIST_CALL: CallSpec = {
  takes: FLAGS,
  order: ['mask', 'training', 'return_attention_scores', 'use_causal_mask'],
};

const OF_TWO = {
  ...COMMON,
  dropout: number(0, {'2.4': 'dropout'}),
  /** As an argument of calls from 2.10 on. */
  causal: boolean(false, {'2.4': 'causal', '2.10': null}),
  seed: SEED,
};

/** Query, value and maybe key in one list. */
const two = (
  args: Readonly<Pick<ValuesOf<typeof OF_TWO>, 'dropout' | 'causal'>> & {readonly useScale: boolean},
  scoring: Scoring,
  context: PlainContext,
) => {
  const {causal, returnScores} = calledWith(context);
  return new Attention({
    ...context.common,
    scoring,
    useScale: args.useScale,
    dropout: args.dropout,
    causal: causal || args.causal,
    returnScores,
    implicitMasks: ['query', 'value', 'key'],
  });
};

const SCORE_MODES = ['dot', 'concat'] as const;

const attention = plainLayer({
  className: {'2.4': 'Attention'},
  arguments: {...OF_TWO, useScale: boolean(false), scoreMode: other<unknown>({'2.10': 'score_mode'}, 'dot')},
  call: LIST_CALL,
  arrays: ({useScale, scoreMode}) => [
    [...(useScale ? ['scale'] : []), ...(scoreMode === 'concat' ? ['concat_score_weight'] : [])],
  ],
  layer: (args, context) => {
    const mode = SCORE_MODES.find(one => one === args.scoreMode);
    if (mode) return two(args, mode, context);
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${context.where}: score_mode is ${JSON.stringify(args.scoreMode)}; expected one of ${SCORE_MODES.join(', ')}`,
    );
  },
});

const additiveAttention = plainLayer({
  className: {'2.4': 'AdditiveAttention'},
  arguments: {...OF_TWO, useScale: boolean(true), scoreMode: harmless(other())},
  call: LIST_CALL,
  arrays: ({useScale}) => [useScale ? ['scale'] : []],
  layer: (args, context) => two(args, 'additive', context),
});

/** What the tensors of a call may be. */
const TENSORS: readonly AttentionRole[] = [
  'query',
  'value',
  'key',
  'query_mask',
  'value_mask',
  'key_mask',
  'attention_mask',
];
/** Data whose masks count by themselves. Source: `_compute_attention_mask` of tf.keras 2.9 and 2.10. */
const countedMasks = since<readonly DataRole[]>({'0': [], '2.10': ['query', 'value', 'key']});

const HEADS_CALL: CallSpec = {takes: [...TENSORS, ...FLAGS], order: ['value', 'key']};

/** What each tensor of a call is to the layer; null where the call names none: query, value and key follow each other. */
function rolesIn({call, where}: PlainContext): readonly AttentionRole[] | null {
  if (call === undefined) return null;
  const roles: AttentionRole[] = call.args.map(() => 'query');
  for (const name of TENSORS) {
    const value = call.kwargs[name];
    if (value === undefined) continue;
    if (!('input' in value)) {
      throw new CarryoverError(
        'E_LAYER',
        `${where}: the layer is called with a ${name} that is no tensor of another layer`,
      );
    }
    roles[value.input] = name;
  }
  if (roles.includes('value') && roles.filter(role => role === 'query').length === 1) return roles;
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: the layer is called with ${roles.length === 0 ? 'no tensors' : roles.join(', ')}; expected a query and a value`,
  );
}

const HEADS = {
  ...COMMON,
  dropout: number(0),
  ...KERNEL,
  ...BIAS,
  useGate: boolean(false, {'3.14': 'use_gate'}),
  slidingWindow: integer(null, {'3.15': 'sliding_window'}),
  flashAttention: harmless(other()),
  seed: SEED,
};

const arraysOf = ({useBias, useGate}: {readonly useBias: boolean; readonly useGate: boolean}) => [
  ['query', 'key', ...(useGate ? ['gate'] : []), 'value', 'attention_output'].flatMap(name =>
    useBias ? [`${name}/kernel`, `${name}/bias`] : [`${name}/kernel`],
  ),
];

/** Each projection is a layer of its own inside. */
const placesOf = ({useBias, useGate}: {readonly useBias: boolean; readonly useGate: boolean}) =>
  ['query', 'key', ...(useGate ? ['gate'] : []), 'value', 'output'].map(name => ({
    path: `${name}_dense`,
    count: useBias ? 2 : 1,
  }));

/** What both classes tell their tfjs layer. */
function headed(args: ValuesOf<typeof HEADS>, context: PlainContext) {
  const {version, common} = context;
  const {causal, returnScores} = calledWith(context);
  const {dropout, useBias, useGate, slidingWindow} = args;
  return {
    ...common,
    roles: rolesIn(context),
    implicitMasks: countedMasks(version),
    causal,
    returnScores,
    dropout,
    useBias,
    useGate,
    window: slidingWindow,
    // Keras' softmax does this, which only these calls go through.
    zeroesMasked: !before(version, '3.14') && (returnScores || dropout > 0),
    kernel: ruleOf(args, 'kernel', context),
    bias: ruleOf(args, 'bias', context),
  };
}

/** How both classes are called, and what their arrays are. */
const PROJECTED = {call: HEADS_CALL, arrays: arraysOf, places: placesOf};

const multiHead = plainLayer({
  className: {'2.4': 'MultiHeadAttention'},
  arguments: {
    ...HEADS,
    numHeads: integer(),
    keyDim: integer(),
    valueDim: integer(null),
    outputShape: other<unknown>('output_shape', null),
    attentionAxes: integers(undefined, null),
    queryShape: harmless(other()),
    keyShape: harmless(other()),
    valueShape: harmless(other()),
  },
  ...PROJECTED,
  layer: (args, context) =>
    new MultiHeadAttention({
      ...headed(args, context),
      heads: args.numHeads,
      keyDim: args.keyDim,
      valueDim: args.valueDim,
      target: args.outputShape == null ? null : ([args.outputShape].flat() as number[]),
      axes: args.attentionAxes && [...args.attentionAxes],
    }),
});

const grouped = plainLayer({
  className: {'3': 'GroupedQueryAttention'},
  arguments: {...HEADS, headDim: integer(), numQueryHeads: integer(), numKeyValueHeads: integer()},
  ...PROJECTED,
  layer: (args, context) =>
    new MultiHeadAttention({
      ...headed(args, context),
      heads: args.numQueryHeads,
      sharedHeads: args.numKeyValueHeads,
      implicitMasks: ['query', 'value', 'key'],
      keyDim: args.headDim,
    }),
});

/** The name that Keras gives it in files; in Python its class has another one. */
const groupedInFiles: PlainLayer = {...grouped, className: {'3': 'GroupQueryAttention'}};

export const ATTENTION = [attention, additiveAttention, multiHead, grouped, groupedInFiles];
