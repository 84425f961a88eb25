import {harmless, other} from '../../../dialects/arguments';
import {CarryoverError} from '../../../errors';
import {Operation, type SavedValue} from '../../../layers/plain/operation';
import {argumentsOf, type CallArguments, type LayerRecord} from '../../../model/architecture';
import {isJson, type Json, text} from '../../../model/json';
import type {BuiltLayer, CallSpec, LayerContext, LayerEntry} from '../../built';
import {argumentsIn, commonArguments} from '../../plain';
import {OPERATIONS as PREFIX} from '../architecture/network';
import {COMMON} from '../plain/parts';
import {KERAS_OPS} from './keras3';
import {nodeCall} from './node-def';
import {bind, type Signature} from './signature';
import {TENSORFLOW} from './tensorflow';

/* Python's operators and functions of tensors, which models hold as layers. */

const FUNCTION = {...COMMON, function: other<string>()};
const NODE = {...COMMON, nodeDef: other<Json>(), constants: harmless(other<Json>())};

/** A function of TensorFlow by its name. Source: tf.keras 2.15, `layers/core/tf_op_layer.py`. */
const tensorflowFunction: LayerEntry = (record, context) => {
  const {args} = argumentsIn(FUNCTION, record.config, context);
  const name = text(args.function, `${context.where}: function`);
  const signature = TENSORFLOW.get(name);
  if (!signature) throw unknown(`TensorFlow's function '${name}'`, context);
  return made(signature, callOf(record, context), context);
};

/** An op of TensorFlow as the graph has it. Source: tf.keras 2.1, `engine/base_layer.py`, TensorFlowOpLayer. */
const tensorflowOp: LayerEntry = (record, context) => {
  argumentsIn(NODE, record.config, context);
  const tensors = record.calls[0]?.inputs.length ?? 0;
  const {signature, args, kwargs} = nodeCall(record.config, tensors, context.where);
  return made(signature, {args, kwargs}, context);
};

/** What the config of every operation may have beside what its class keeps. */
const OF_ALL = ['name', 'dtype', 'trainable'];

/** An operation of Keras 3. What its class keeps is in the config, whatever its calls say. */
const kerasOperation =
  (signature: Signature): LayerEntry =>
  (record, context) => {
    const {args, kwargs} = callOf(record, context);
    const kept = Object.entries(record.config)
      .filter(([key]) => !OF_ALL.includes(key) || signature.kept.includes(key))
      .map(([key, constant]) => [key, {constant}] as const);
    return made(signature, {args, kwargs: {...Object.fromEntries(kept), ...kwargs}}, context);
  };

const callOf = ({calls: [first]}: LayerRecord, {call}: LayerContext): CallArguments =>
  call ?? argumentsOf(first?.inputs ?? []);

function made(signature: Signature, {args, kwargs}: CallArguments, context: LayerContext): BuiltLayer {
  const named = Object.entries(kwargs).map(([name, value]) => [name, withConstants(value)] as const);
  const values = bind(signature, args.map(withConstants), Object.fromEntries(named), context.where);
  const layer = new Operation({
    ...commonArguments({}, context),
    operation: signature.operation,
    values,
  });
  return {layer, roles: []};
}

/** Constants as plain JSON, wherever they are. */
function withConstants(value: SavedValue): SavedValue {
  if ('items' in value) return {items: value.items.map(withConstants)};
  return 'constant' in value ? {constant: plain(value.constant)} : value;
}

/** Arrays and types as Keras 3 writes them, as plain JSON. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isJson(value)) return value;
  const {class_name: className, config} = value;
  const inside = isJson(config) ? config : {};
  if (className === '__numpy__' || className === '__tensor__') return inside.value;
  if (className === '__tuple__') return plain(value.items ?? inside.items);
  if (typeof inside.name === 'string' && className === 'DTypePolicy') return inside.name;
  return value;
}

function unknown(what: string, {where}: LayerContext): CarryoverError {
  return new CarryoverError(
    'E_LAYER',
    `${where}: ${what} is not known; load as much of the model as comes before it (outputs; on the command line: --until LAYER), or pass a layer of your own in customObjects`,
  );
}

/** Operations by the classes that files have for them. */
export const KERAS_OPERATIONS: ReadonlyMap<string, LayerEntry> = new Map<string, LayerEntry>([
  ['TFOpLambda', tensorflowFunction],
  ['SlicingOpLambda', tensorflowFunction],
  ['TensorFlowOpLayer', tensorflowOp],
  ...[...KERAS_OPS].map(([name, signature]) => [PREFIX + name, kerasOperation(signature)] as const),
]);

const ALL: CallSpec = {takes: 'all'};

/** Operations take all arguments of their calls. */
export const OPERATION_CALLS: ReadonlyMap<string, CallSpec> = new Map(
  [...KERAS_OPERATIONS.keys()].map(name => [name, ALL] as const),
);
