import {CarryoverError} from '../errors';
import type {CallSpec} from '../libraries/built';
import {WITH_MASK} from '../libraries/shared-layers';
import {
  argumentsOf,
  type CallArguments,
  type CallValue,
  callOf,
  type LayerCall,
  type LayerRecord,
  outputOf,
  type TensorRef,
} from './architecture';
import {brief} from './json';

/** What the first argument is called, where a call names it. Source: `call` of Keras 2 and 3's layers. */
const FIRST = ['inputs', 'x', 'sequences', 'sequence', 'input'];

/** A layer, as far as its calls are concerned. */
export type Called = Omit<LayerRecord, 'calls' | 'config' | 'className'>;

/** A call whose arguments are tensors, and those that the layer itself acts on. */
export interface LoweredCall {
  readonly call: LayerCall;
  /** Layers that stand for arguments: they come before this one. */
  readonly before: readonly LayerRecord[];
  /** The call says `training=True`. */
  readonly training: boolean;
  readonly notes: readonly string[];
}

/**
 * Says a call in tensors alone. A mask becomes a layer before this one that puts it on, initial states join the inputs,
 * what matters to training alone is noted, what says nothing (None) goes, and what the layer acts on itself stays.
 *
 * Source: tf.keras 2.15, `base_layer.Layer.__call__`; Keras 3.10, `layers/layer.py`.
 * @param fresh makes a name that no layer has
 * @throws CarryoverError `E_LAYER` for an argument that is not known to be exact
 */
export function lowerCall(
  layer: Called,
  call: LayerCall,
  spec: CallSpec,
  fresh: (stem: string) => string,
): LoweredCall {
  if (!call.arguments) return {call, before: [], training: false, notes: []};
  const told = named(call.arguments, spec, layer);
  const {own, states, masks, training, notes} = sorted(told.kwargs, spec, call, layer);
  if (spec.takes === 'all') {
    const isPlain = own.size === 0 && told.args.every(value => 'input' in value);
    const whole = {inputs: call.inputs, arguments: {args: told.args, kwargs: Object.fromEntries(own)}};
    return {call: isPlain ? callOf(...call.inputs) : whole, before: [], training, notes};
  }
  const data = told.args.flatMap(value => tensorsOf(value, 'its first argument', call, layer));
  const {inputs, before} = masked(data, masks, call, layer, fresh);
  return {call: kept([...inputs, ...states], own, call), before, training, notes};
}

interface Sorted {
  /** What the layer acts on itself. */
  readonly own: Map<string, CallValue>;
  readonly states: TensorRef[];
  masks?: CallValue;
  training: boolean;
  readonly notes: string[];
}

/** Arguments by name, by what becomes of them. */
function sorted(
  kwargs: ReadonlyMap<string, CallValue>,
  {takes}: CallSpec,
  call: LayerCall,
  layer: Called,
): Sorted {
  const result: Sorted = {own: new Map(), states: [], training: false, notes: []};
  for (const [name, value] of kwargs) {
    if (isNone(value)) continue;
    const taken = takes === 'all' || takes.includes(name);
    if (name === 'training' && 'constant' in value && typeof value.constant === 'boolean') {
      result.training = value.constant;
      if (!value.constant) {
        result.notes.push(
          `${layer.name}: called with training=False, which is left out: it acts in training only`,
        );
      }
    } else if (takes !== 'all' && taken && name === 'initial_state')
      result.states.push(...tensorsOf(value, name, call, layer));
    else if (taken) result.own.set(name, value);
    else if (name === 'mask') result.masks = value;
    else throw refused(name, value, layer);
  }
  return result;
}

/** Arguments after the first by their names. */
function named(
  {args, kwargs}: CallArguments,
  {takes, order = []}: CallSpec,
  layer: Called,
): {args: readonly CallValue[]; kwargs: Map<string, CallValue>} {
  const byName = new Map(Object.entries(kwargs));
  if (takes === 'all') return {args, kwargs: byName};
  const [first, ...others] = args;
  for (const [k, value] of others.entries()) {
    const name = order[k];
    if (isNone(value)) continue;
    if (name === undefined || byName.has(name)) throw refused(`argument ${k + 2}`, value, layer);
    byName.set(name, value);
  }
  if (first) return {args: [first], kwargs: byName};
  const key = FIRST.find(name => byName.has(name));
  const value = key === undefined ? undefined : byName.get(key);
  byName.delete(key ?? '');
  return {args: value ? [value] : [], kwargs: byName};
}

/** The data with their masks put on: one for the first of them, or one each (None leaves one as it is). */
function masked(
  data: readonly TensorRef[],
  masks: CallValue | undefined,
  {inputs: tensors}: LayerCall,
  layer: Called,
  fresh: (stem: string) => string,
): {inputs: readonly TensorRef[]; before: readonly LayerRecord[]} {
  const given = masks === undefined ? [] : 'items' in masks ? masks.items : [masks];
  if (given.length > data.length) throw refused('mask', masks!, layer);
  const before: LayerRecord[] = [];
  const inputs = data.map((ref, k) => {
    const mask = given[k];
    if (mask === undefined || isNone(mask)) return ref;
    if (!('input' in mask)) throw refused('mask', mask, layer);
    const name = fresh(`${layer.name}_mask`);
    const calls = [callOf(ref, tensors[mask.input]!)];
    before.push({...layer, name, className: WITH_MASK, config: {}, calls, group: name});
    return outputOf(name);
  });
  return {inputs, before};
}

/** The tensors and the arguments that stay, which count the tensors anew. */
function kept(
  inputs: readonly TensorRef[],
  own: ReadonlyMap<string, CallValue>,
  {inputs: tensors}: LayerCall,
): LayerCall {
  if (own.size === 0) return {inputs};
  const all = [...inputs];
  const again = (value: CallValue): CallValue => {
    if ('input' in value) return {input: all.push(tensors[value.input]!) - 1};
    return 'items' in value ? {items: value.items.map(again)} : value;
  };
  const kwargs = Object.fromEntries([...own].map(([name, value]) => [name, again(value)]));
  return {inputs: all, arguments: {...argumentsOf(inputs), kwargs}};
}

function tensorsOf(value: CallValue, name: string, call: LayerCall, layer: Called): TensorRef[] {
  if ('input' in value) return [call.inputs[value.input]!];
  if ('items' in value) return value.items.flatMap(item => tensorsOf(item, name, call, layer));
  throw refused(name, value, layer);
}

const isConstant = (value: CallValue, wanted: unknown): boolean =>
  'constant' in value && value.constant === wanted;

const isNone = (value: CallValue): boolean => isConstant(value, null);

function refused(name: string, value: CallValue, {where}: Called): CarryoverError {
  const found = 'constant' in value ? brief(value.constant) : 'a tensor';
  return new CarryoverError(
    'E_LAYER',
    `${where}: the layer is called with ${name}=${found}, which is not supported; expected tensors of other layers alone`,
    {argument: name},
  );
}
