import {createHash} from 'node:crypto';
import type {Node} from '../../recurrence/expression';
import {interpret} from '../interpret';
import {graphArithmetic} from './arithmetic';
import {type Attribute, GraphWriter} from './graph-def';

/** A loop over time steps that runs a step's graph: what native code will do in one call. */
export interface LoopSpec {
  readonly nodes: readonly Node[];
  /** Values carried from step to step, and the node that each becomes; −1: zeros. */
  readonly carried: readonly {readonly leaf: string; readonly next: number}[];
  /** Leaves that have a value of their own at every step, fed as `[time, batch, ·]`. */
  readonly perStep: readonly string[];
  /** Leaves that are the same at every step. */
  readonly fixed: readonly string[];
  /** Nodes whose values at every step come out, `[time, batch, ·]`. */
  readonly stacked: readonly number[];
  /** Nodes whose value at the last step comes out. */
  readonly last: readonly number[];
  /** From the last step to the first. Stacks stay in the order of the feeds. */
  readonly reverse: boolean;
}

/** A loop as a SavedModel, and the names of what goes in and comes out. */
export interface CompiledLoop {
  readonly key: string;
  readonly savedModel: Uint8Array;
  /** `time` (int32), one per carried value, per-step leaf and fixed leaf; then one zero per `last`. */
  readonly inputs: readonly string[];
  /** Carried values, stacks, last values. */
  readonly outputs: readonly string[];
}

export const TAG = 'serve';

/** A leaf's name in a `LoopSpec`. */
export function leafKey(node: Node): string {
  return JSON.stringify(node);
}

const FRAME = 'steps';
const FLOAT: Readonly<Record<string, Attribute>> = {T: {type: 'float32'}};
const INT: Readonly<Record<string, Attribute>> = {T: {type: 'int32'}};

/**
 * Writes a loop as a graph of TensorFlow's own control flow (Enter, Merge, Switch, NextIteration, Exit), with
 * TensorArrays for what is read and written step by step. Runs from TensorFlow 1.15 on, on any device.
 */
export function compileLoop(spec: LoopSpec): CompiledLoop {
  const g = new GraphWriter();
  const inputs = ['time'];
  const feed = (kind: string, k: number): string => {
    const name = `${kind}${k}`;
    inputs.push(name);
    return g.placeholder(name);
  };
  const time = g.placeholder('time', 'int32');
  const carriedFeeds = spec.carried.map((_, k) => feed('carried', k));
  const stepFeeds = spec.perStep.map((_, k) => feed('step', k));
  const fixedFeeds = spec.fixed.map((_, k) => feed('fixed', k));
  const lastFeeds = spec.last.map((_, k) => feed('last', k));

  const range = g.add('Range', [g.constant(0, 'int32'), time, g.constant(1, 'int32')], {
    Tidx: {type: 'int32'},
  });
  const sources = stepFeeds.map(stack => unstack(g, stack, range, time));
  const sinks = spec.stacked.map(() => newArray(g, time));

  const entered = new Map<string, string>();
  /** A value from outside the loop, the same at every step. */
  const enter = (outside: string, type: Attribute = {type: 'float32'}): string => {
    const known = entered.get(outside);
    if (known) return known;
    const inside = g.add('Enter', [outside], {T: type, ...frame(true)});
    entered.set(outside, inside);
    return inside;
  };
  const enterConstant = (name: string): string => enter(name, {type: g.isInt(name) ? 'int32' : 'float32'});

  // Loop variables: the counter, carried values, last values, the sinks' flows.
  const starts: [string, Attribute][] = [
    [g.constant(0, 'int32'), {type: 'int32'}],
    ...[...carriedFeeds, ...lastFeeds, ...sinks.map(({flow}) => flow)].map((name): [string, Attribute] => [
      name,
      {type: 'float32'},
    ]),
  ];
  const merges = starts.map(([start, type], k) => {
    const begin = g.add('Enter', [start], {T: type, ...frame(false)});
    return g.add('Merge', [begin, `next${k}`], {T: type, N: {int: 2}});
  });
  const going = g.add('LoopCond', [g.add('Less', [merges[0]!, enter(time, {type: 'int32'})], INT)]);
  const switches = merges.map((merge, k) => g.add('Switch', [merge, going], {T: starts[k]![1]}));
  const values = switches.map((name, k) => g.add('Identity', [`${name}:1`], {T: starts[k]![1]}));
  const counter = values[0]!;
  const int = (value: number): string => enter(g.constant(value, 'int32'), {type: 'int32'});
  const index = spec.reverse
    ? g.add('Sub', [g.add('Sub', [enter(time, {type: 'int32'}), int(1)], INT), counter], INT)
    : counter;

  const leaf = new Map<string, string>();
  for (const [k, {leaf: key}] of spec.carried.entries()) leaf.set(key, values[1 + k]!);
  for (const [k, key] of spec.perStep.entries()) {
    const {handle, flow} = sources[k]!;
    const read = [enter(handle, {type: 'resource'}), index, enter(flow)];
    leaf.set(key, g.add('TensorArrayReadV3', read, {dtype: {type: 'float32'}}));
  }
  for (const [k, key] of spec.fixed.entries()) leaf.set(key, enter(fixedFeeds[k]!));
  const of = (node: Node): string => leaf.get(leafKey(node))!;
  const results = interpret(
    spec.nodes,
    {
      input: gates => of({op: 'input', gates}),
      state: name => of({op: 'state', name}),
      weight: (name, gates) => of({op: 'weight', name, gates}),
      dropout: gate => of({op: 'dropout', gate}),
      mask: which => of({op: 'mask', of: which}),
      saved: id => of({op: 'saved', id}),
      upstream: name => of({op: 'upstream', name}),
    },
    graphArithmetic(g, enterConstant),
  );

  const flows = sinks.map(({handle}, k) => {
    const flow = values[1 + spec.carried.length + spec.last.length + k]!;
    const write = [enter(handle, {type: 'resource'}), index, results[spec.stacked[k]!]!, flow];
    return g.add('TensorArrayWriteV3', write, FLOAT);
  });
  const nexts = [
    g.add('AddV2', [counter, int(1)], INT),
    ...spec.carried.map(({next}, k) =>
      next < 0 ? g.add('ZerosLike', [values[1 + k]!], FLOAT) : results[next]!,
    ),
    ...spec.last.map(id => results[id]!),
    ...flows,
  ];
  for (const [k, next] of nexts.entries()) g.add('NextIteration', [next], {T: starts[k]![1]}, `next${k}`);
  const exits = switches.map((name, k) => g.add('Exit', [name], {T: starts[k]![1]}));

  const first = 1 + spec.carried.length + spec.last.length;
  const outputs = [
    ...exits.slice(1, 1 + spec.carried.length),
    ...sinks.map(({handle}, k) =>
      g.add('TensorArrayGatherV3', [handle, range, exits[first + k]!], arrayAttributes),
    ),
    ...exits.slice(1 + spec.carried.length, first),
  ].map((name, k) => g.add('Identity', [name], FLOAT, `out${k}`));
  const savedModel = g.toSavedModel(TAG);
  return {
    key: createHash('sha256').update(savedModel).digest('hex').slice(0, 16),
    savedModel,
    inputs,
    outputs,
  };
}

const arrayAttributes: Readonly<Record<string, Attribute>> = {
  dtype: {type: 'float32'},
  element_shape: {shape: null},
};

function frame(constant: boolean): Record<string, Attribute> {
  return {frame_name: {text: FRAME}, is_constant: {bool: constant}, parallel_iterations: {int: 1}};
}

interface TensorArray {
  readonly handle: string;
  readonly flow: string;
}

function newArray(g: GraphWriter, size: string): TensorArray {
  const handle = g.add('TensorArrayV3', [size], {
    ...arrayAttributes,
    dynamic_size: {bool: false},
    clear_after_read: {bool: true},
    identical_element_shapes: {bool: true},
    tensor_array_name: {text: ''},
  });
  return {handle, flow: `${handle}:1`};
}

function unstack(g: GraphWriter, stack: string, range: string, size: string): TensorArray {
  const {handle, flow} = newArray(g, size);
  return {handle, flow: g.add('TensorArrayScatterV3', [handle, range, stack, flow], FLOAT)};
}
