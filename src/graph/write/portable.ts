import type {NdArray} from '../../../converters/arrays';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {CarryoverError} from '../../errors';
import {inPlaceOf, isControl} from '../nodes';
import {honoured, runsAlone} from '../tfjs/attributes';
import {PASSING} from '../tfjs/known';
import {RECURRENCE} from '../types';
import {Builder} from './builder';

/** Loops, branches and what they keep, which TensorFlow.js runs by `executeAsync`. */
const CONTROL_FLOW =
  /^(Enter|Exit|LoopCond|Merge|NextIteration|Switch|While|StatelessWhile|If|StatelessIf|PlaceholderWithDefault|TensorArray(V3|Read|Write|Gather|Scatter|Concat|Split|Size|Close)(V3)?|TensorList(Reserve|FromTensor|Stack|GetItem|SetItem|Gather|Scatter|ScatterV2|Concat|ConcatV2|Split|Length|Resize|PushBack|PopBack)|EmptyTensorList)$/;

/** How an operation that TensorFlow.js lacks, or has otherwise, is said in those that it has. */
const REWRITTEN: ReadonlyMap<string, (builder: Builder, node: GraphNode) => void> = new Map([
  ['Select', select],
  ['ReverseSequence', reverseSequence],
  ['Inv', (builder, {inputs}) => builder.finish('Reciprocal', inputs)],
  ['Rint', (builder, {inputs}) => builder.finish('Round', inputs)],
  ['Softsign', softsign],
  ['L2Loss', l2Loss],
  ['InvertPermutation', invertPermutation],
  ['ClipByValue', clip],
  ['Sign', sign],
  ['Mod', remainder],
  ['TruncateMod', remainder],
  ['EnsureShape', (builder, {inputs}) => builder.finish('Identity', inputs)],
] as const);

/** Nodes in operations that TensorFlow.js has. */
export interface Portable {
  readonly nodes: readonly GraphNode[];
  /** The values of constants that were added. */
  readonly values: ReadonlyMap<string, NdArray>;
}

/**
 * Says nodes in operations that TensorFlow.js' graph executor has.
 * @param within whether they are a function's
 * @throws CarryoverError `E_UNSUPPORTED` for an operation that cannot be said so, by its node's name
 */
export function portableNodes(nodes: readonly GraphNode[], within = false): Portable {
  const values = new Map<string, NdArray>();
  const result = nodes.flatMap((node): readonly GraphNode[] => {
    const data = {...node, inputs: node.inputs.filter(input => !isControl(input))};
    if (PASSING.has(node.op) && node.op !== 'PlaceholderWithDefault')
      return [inPlaceOf(data, 'Identity', {inputs: data.inputs.slice(0, 1), attributes: node.attributes})];
    const rewrite = REWRITTEN.get(node.op);
    if (rewrite) {
      const builder = new Builder(data, within);
      rewrite(builder, data);
      for (const [name, value] of builder.values) values.set(name, value);
      return builder.nodes;
    }
    if (CONTROL_FLOW.test(node.op) || node.op === RECURRENCE) return [data];
    if (runsAlone(node)) return [honoured(data)];
    throw new CarryoverError(
      'E_UNSUPPORTED',
      `${node.where}: TensorFlow.js has no operation ${node.op}, so the graph cannot be written for it; ` +
        'write a SavedModel (--to saved-model), or ask for a tensor before it (outputs; on the command line: --until NAME)',
      {found: node.op},
    );
  });
  return {nodes: result, values};
}

/**
 * A condition of rank 1 picks rows: it gets axes of 1 until it has as many as what it picks from. That is asked of the
 * third input: the second is often the same in every turn of a loop, and TensorFlow.js computes what is made of such
 * tensors alone in the first turn only.
 */
function select(builder: Builder, {inputs: [condition, yes, no]}: GraphNode): void {
  const missing = builder.add('Sub', [builder.add('Rank', [no!]), builder.add('Rank', [condition!])]);
  const ones = builder.add('Fill', [
    builder.add('Reshape', [missing, builder.constant([1])]),
    builder.constant(1),
  ]);
  const shape = builder.add('ConcatV2', [builder.add('Shape', [condition!]), ones, builder.constant(0)], {
    N: {i: 2},
  });
  builder.finish('SelectV2', [builder.add('Reshape', [condition!, shape]), yes!, no!]);
}

/** Each entry is taken from where it lies: at `length - 1 - t` of the first `length`, else at `t`. */
function reverseSequence(builder: Builder, node: GraphNode): void {
  const [x, lengths] = node.inputs as [string, string];
  const time = attribute(node, 'seq_dim')?.int ?? 0;
  const batch = attribute(node, 'batch_dim')?.int ?? 0;
  if (time + batch !== 1 || time < 0 || batch < 0) {
    throw new CarryoverError(
      'E_UNSUPPORTED',
      `${node.where}: a ReverseSequence over axis ${time} by rows of axis ${batch} cannot be written for TensorFlow.js; expected the first two axes`,
      {found: node.op},
    );
  }
  const shape = builder.add('Shape', [x]);
  const size = (axis: number): string =>
    builder.add('Reshape', [
      builder.add('Slice', [shape, builder.constant([axis]), builder.constant([1])]),
      builder.constant([]),
    ]);
  const range = (axis: number, form: readonly number[]): string =>
    builder.add('Reshape', [
      builder.add('Range', [builder.constant(0), size(axis), builder.constant(1)], {Tidx: {type: 3}}),
      builder.constant(form),
    ]);
  const along = (axis: number): number[] => (axis === 0 ? [-1, 1] : [1, -1]);
  const steps = range(time, along(time));
  const ends = builder.add('Reshape', [
    builder.add('Cast', [lengths], {DstT: {type: 3}, SrcT: {type: 3}}),
    builder.constant(along(batch)),
  ]);
  const turned = builder.add('Sub', [builder.add('Sub', [ends, steps]), builder.constant(1)]);
  const zeros = builder.add('Mul', [turned, builder.constant(0)]);
  const whole = builder.add('AddV2', [zeros, steps]);
  const from = builder.add('SelectV2', [builder.add('Less', [whole, ends]), turned, whole]);
  const rows = builder.add('AddV2', [zeros, range(batch, along(batch))]);
  const places = builder.add('Pack', time === 0 ? [from, rows] : [rows, from], {axis: {i: 2}, N: {i: 2}});
  builder.finish('GatherNd', [x, places]);
}

function softsign(builder: Builder, {inputs: [x]}: GraphNode): void {
  const below = builder.add('AddV2', [builder.add('Abs', [x!]), builder.constant(1, 'float32')]);
  builder.finish('RealDiv', [x!, below]);
}

function l2Loss(builder: Builder, {inputs: [x]}: GraphNode): void {
  const flat = builder.add('Reshape', [x!, builder.constant([-1])]);
  const sum = builder.add('Sum', [builder.add('Square', [flat]), builder.constant([0])], {
    keep_dims: {b: false},
  });
  builder.finish('Mul', [sum, builder.constant(0.5, 'float32')]);
}

function clip(builder: Builder, {inputs: [x, least, most]}: GraphNode): void {
  builder.finish('Maximum', [builder.add('Minimum', [x!, most!]), least!]);
}

/** Of what is no number it is none, where TensorFlow.js says 0. */
function sign(builder: Builder, {inputs: [x]}: GraphNode): void {
  builder.finish('SelectV2', [builder.add('IsNan', [x!]), x!, builder.add('Sign', [x!])]);
}

/** With the sign of the dividend. */
function remainder(builder: Builder, {inputs: [a, b]}: GraphNode): void {
  const size = builder.add('FloorMod', [builder.add('Abs', [a!]), builder.add('Abs', [b!])]);
  builder.finish('Mul', [size, builder.add('Sign', [a!])]);
}

function invertPermutation(builder: Builder, {inputs: [x]}: GraphNode): void {
  const size = builder.add('Size', [x!]);
  const all = builder.add('Range', [builder.constant(0), size, builder.constant(1)], {Tidx: {type: 3}});
  builder.finish('ScatterNd', [
    builder.add('ExpandDims', [x!, builder.constant(-1)]),
    all,
    builder.add('Shape', [x!]),
  ]);
}
