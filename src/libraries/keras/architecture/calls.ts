import {CarryoverError} from '../../../errors';
import type {CallValue, LayerCall, TensorRef} from '../../../model/architecture';
import {brief, isJson, type Json, list} from '../../../model/json';

/** What tf.keras writes for the first argument of a call where it is no tensor. */
const CONSTANT = '_CONSTANT_VALUE';

/** What Keras 3 writes where Python has a value that JSON lacks. */
const TENSOR = '__keras_tensor__';
const TUPLE = '__tuple__';
const SLICE = '__slice__';

/**
 * The calls of a layer of a functional model: `inbound_nodes`, as Keras 1 and 2 write them
 * (`[["lstm_1", 0, 0, {"training": false}], ...]` for each call) or Keras 3 (`{"args": [...], "kwargs": {...}}`).
 * @param members the names in the container: only they are those of tensors among the arguments by name
 */
export function callsOf(nodes: unknown, members: ReadonlySet<string>, where: string): LayerCall[] {
  return list(nodes ?? [], `${where}: inbound_nodes`).map((node, k) => {
    const reader = new CallReader(members, `${where}: inbound_nodes ${k}`);
    return isJson(node) ? reader.keras3(node) : reader.keras2(list(node, reader.where));
  });
}

/** `[["lstm_1", 0, 0], ...]`, or one such triple alone; of an output of Keras 3 a name may stand before each. */
export function refs(value: unknown, where: string): TensorRef[] {
  if (isJson(value)) return Object.values(value).flatMap(inner => refs(inner, where));
  const entries = list(value, where);
  return isTriple(entries) ? [refOf(entries, where)] : entries.flatMap(entry => refs(entry, where));
}

/** The tensors of a call in the order of their arguments, and the arguments that refer to them. */
class CallReader {
  private readonly inputs: TensorRef[] = [];

  constructor(
    private readonly members: ReadonlySet<string>,
    readonly where: string,
  ) {}

  /** Keyword arguments stand fourth in each tensor's entry; of several tensors they are the same. */
  keras2(node: readonly unknown[]): LayerCall {
    const alone = typeof node[0] === 'string';
    const entries = (alone ? [node] : node).map(entry => list(entry, this.where));
    const first = entries.map(entry => this.entry(entry));
    const args = first.length === 1 ? first : [{items: first}];
    const told = (entries[0]?.[3] ?? {}) as unknown;
    if (!isJson(told)) throw this.odd(told, 'the arguments of the call by name');
    const kwargs = Object.entries(told).map(([name, value]) => [name, this.value(value)] as const);
    return this.call(args, kwargs);
  }

  private entry(entry: readonly unknown[]): CallValue {
    return entry[0] === CONSTANT ? {constant: entry[2]} : this.tensor(refOf(entry, this.where));
  }

  keras3({args, kwargs}: Json): LayerCall {
    const positional = list(args ?? [], `${this.where}: args`).map(value => this.value(value));
    if (kwargs !== undefined && !isJson(kwargs)) throw this.odd(kwargs, 'the arguments of the call by name');
    const named = Object.entries(kwargs ?? {}).map(([name, value]) => [name, this.value(value)] as const);
    return this.call(positional, named);
  }

  private call(args: readonly CallValue[], kwargs: readonly (readonly [string, CallValue])[]): LayerCall {
    const {inputs} = this;
    const isPlain = args.every(value => 'input' in value) && kwargs.length === 0;
    return isPlain ? {inputs} : {inputs, arguments: {args, kwargs: Object.fromEntries(kwargs)}};
  }

  private tensor(ref: TensorRef): CallValue {
    this.inputs.push(ref);
    return {input: this.inputs.length - 1};
  }

  private value(value: unknown): CallValue {
    if (Array.isArray(value)) {
      if (isTriple(value) && this.members.has(value[0])) return this.tensor(refOf(value, this.where));
      const items = value.map(item => this.value(item));
      return items.every(item => 'constant' in item) ? {constant: value} : {items};
    }
    if (!isJson(value)) return {constant: value};
    const {class_name: className, config, items, ...others} = value;
    if (className === TENSOR) return this.tensor(historyOf(config, this.where));
    if (className === TUPLE) return this.value(list(items, this.where));
    if (className === SLICE && isJson(config)) return this.slice(config);
    const isSlice = ['start', 'stop', 'step'].every(key => key in others) && Object.keys(value).length === 3;
    return isSlice ? this.slice(value) : {constant: value};
  }

  private slice({start, stop, step}: Json): CallValue {
    return {slice: [start, stop, step].map(bound => this.value(bound ?? null))};
  }

  private odd(found: unknown, expected: string): CarryoverError {
    return new CarryoverError('E_ARCHITECTURE', `${this.where}: found ${brief(found)}; expected ${expected}`);
  }
}

const isTriple = (value: readonly unknown[]): value is readonly [string, number, number, ...unknown[]] =>
  value.length >= 3 &&
  typeof value[0] === 'string' &&
  Number.isInteger(value[1]) &&
  Number.isInteger(value[2]);

function historyOf(config: unknown, where: string): TensorRef {
  const history = isJson(config) ? config.keras_history : undefined;
  return refOf(list(history, `${where}: keras_history`), where);
}

function refOf(entry: readonly unknown[], where: string): TensorRef {
  if (isTriple(entry)) return {layer: entry[0], call: entry[1], output: entry[2]};
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: found ${brief(entry)}; expected ["layer", call, output]`,
  );
}
