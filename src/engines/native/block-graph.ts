import {addedPeepholes, anyValue, only, type Support, unset, unsupported} from '../../recurrence/fields';
import {memoized} from '../../recurrence/memo';
import {type PeepholeGate, type Recurrence, runsAgainstTime} from '../../recurrence/types';
import type {RecurrenceInputs} from '../types';
import {countedLoop, type Frame} from './control-flow';
import type {ForwardSpec} from './forward-graph';
import {type CompiledGraph, GraphWriter} from './graph-def';
import {type Int, integers} from './integers';
import {Layout} from './layout';
import {tensors} from './tensors';

/** What TensorFlow's BlockLSTM computes: sigmoid gates, tanh, peepholes as Gers and Schmidhuber's. */
const SUPPORT: Support = {
  cell: only(['lstm'], 'it is an LSTM'),
  input: only(['features'], 'it multiplies x itself'),
  activations: ({i, f, c, o, h}) =>
    [i, f, o].every(gate => gate!.kind === 'sigmoid') && c!.kind === 'tanh' && h!.kind === 'tanh'
      ? undefined
      : 'its gates are sigmoids, its values tanh',
  peepholes: addedPeepholes,
  recurrent: only([undefined, 'matrix'], 'its recurrent kernel is a matrix'),
  coupled: unset('its input gate is a gate'),
  layerNorm: unset('it does not normalize'),
  recurrentDropout: unset('it does not drop out'),
  projection: unset('it does not project'),
  projectionClip: unset('it does not project'),
  // It takes 0 for no limit.
  cellClip: limit => (limit === undefined || limit > 0 ? undefined : 'its limit is positive'),
  units: anyValue,
  bias: anyValue,
  forgetBias: anyValue,
  direction: anyValue,
  outputOrder: anyValue,
  // Those of a GRU.
  recurrentBias: anyValue,
  reset: anyValue,
  updateGate: anyValue,
  // It runs calls without masks, and without gradients.
  mask: anyValue,
  bptt: anyValue,
};

/** Whether TensorFlow's BlockLSTM computes exactly this. */
export const isBlockLstm = memoized(r => unsupported(SUPPORT, r) === undefined);

/**
 * BlockLSTM keeps seven values a step, needed or not. It is given so many steps at once that no tensor has more values
 * than this; longer calls are a loop over chunks of time, which is as fast. With larger ones, memory goes back to the
 * system and is asked for again, or does not go back at all.
 */
const CHUNK_VALUES = 1 << 15;

export function fitsOneBlock(r: Recurrence, {x}: RecurrenceInputs): boolean {
  const [batch, time, features] = x.shape as [number, number, number];
  return batch * time * Math.max(features, r.units) <= CHUNK_VALUES;
}

export interface BlockSpec extends Pick<ForwardSpec, 'initial' | 'biased' | 'returns'> {
  /** In chunks of time, where a call has more values than one block is given. */
  readonly chunked: boolean;
}

/**
 * Many steps in one operation, without masks and without what a gradient needs: feeds and outputs as
 * `forwardGraph` has them. Source: tensorflow/core/ops/rnn_ops.cc, BlockLSTMV2 (gates i, f, c, o; no forget bias).
 */
export function blockGraph(r: Recurrence, {initial, biased, returns, chunked}: BlockSpec): CompiledGraph {
  const g = new GraphWriter();
  const layout = new Layout(g, r);
  const {outside: t, units, slices} = layout;
  const {ints} = t;
  const [batch, time, features] = [0, 1, 2].map(k => layout.size('x', k)) as [string, string, string];
  const x = t.reshape(layout.feed('x'), -1, features);
  const width = ints.ref(units);
  const block = blockOf(layout, biased);
  /** `count` steps, in the order of processing. */
  const part: Part = (frame, begin, count, before) => {
    const {enter} = frame;
    const inside = tensors(g, enter);
    const {range, sub} = inside.ints;
    const forwards = range(begin, count, 1);
    const steps = r.direction === 'forward' ? forwards : range(sub(sub(enter(time), 1), begin), count, -1);
    const values = inside.reshape(slices.readEach(frame, x, steps), count, enter(batch), -1);
    const {cells, outputs} = block(frame, values, count, before);
    const last = (stack: string): string =>
      inside.reshape(inside.slice(stack, [sub(count, 1), 0, 0], [1, -1, -1]), -1, enter(width));
    const states = [last(cells), last(outputs)];
    const buffer = before[2];
    if (buffer === undefined) return states;
    const places = runsAgainstTime(r) ? forwards : steps;
    return [...states, slices.writeEach(frame, buffer, places, inside.reshape(outputs, -1, enter(width)))];
  };
  const starts = [
    ...(['c', 'h'] as const).map(state =>
      initial.includes(state) ? layout.feed(`initial.${state}`) : t.zeros(batch, units),
    ),
    ...(returns === 'sequence' ? [slices.buffer(units)] : []),
  ];
  const [c, h, y] = (
    chunked ? chunks(layout, starts, part) : part({enter: value => value}, 0, time, starts)
  ) as [string, string, string?];
  return g.compile(layout.feeds, [y === undefined ? h : t.reshape(y, batch, time, units), h, c]);
}

/** Some steps: what they make of c, h and, where there is one, the buffer for outputs. */
type Part = (frame: Frame, begin: Int, count: string, before: readonly string[]) => string[];

/** All steps, a chunk after the other. */
function chunks(layout: Layout, starts: readonly string[], part: Part): string[] {
  const {g, units} = layout;
  const {ints} = layout.outside;
  const [batch, time, features] = [0, 1, 2].map(k => layout.size('x', k)) as [string, string, string];
  const steps = ints.div(CHUNK_VALUES, ints.mul(batch, ints.max(features, units)));
  const chunk = ints.ref(ints.max(steps, 1));
  return countedLoop(g, {
    name: 'chunks',
    starts,
    iterations: ints.ref(ints.div(ints.sub(ints.add(time, chunk), 1), chunk)),
    parallelIterations: 1,
    body: (frame, counter, before) => {
      const {mul, sub, min, ref} = integers(g, frame.enter);
      const begin = mul(counter, frame.enter(chunk));
      const count = ref(min(frame.enter(chunk), sub(frame.enter(time), begin)));
      return part(frame, begin, count, before);
    },
  });
}

/** BlockLSTM over `count` steps `[count, batch, features]`: c and h after each, `[count, batch, units]`. */
function blockOf(layout: Layout, biased: boolean) {
  const {g, r, outside: t, units} = layout;
  const peephole = (gate: PeepholeGate): string =>
    r.peepholes?.[gate] ? layout.feed(`weight.peephole.${gate}`) : t.zeros(units);
  const weights = [
    t.concat([layout.feed('weight.kernel'), layout.feed('weight.recurrentKernel')], 0),
    ...(['i', 'f', 'o'] as const).map(peephole),
    bias(layout, r.forgetBias ?? 0, biased),
  ];
  return ({enter}: Frame, x: string, count: string, [c, h]: readonly string[]) => {
    const long = g.add('Cast', [count], {SrcT: {type: 'int32'}, DstT: {type: 'int64'}});
    const block = g.add('BlockLSTMV2', [long, x, c!, h!, ...weights.map(enter)], {
      T: {type: 'float32'},
      cell_clip: {float: r.cellClip ?? 0},
      use_peephole: {bool: Object.values(r.peepholes ?? {}).some(Boolean)},
    });
    return {cells: `${block}:1`, outputs: `${block}:6`};
  };
}

/** With the constant that is added to the forget gate. */
function bias(layout: Layout, forgetBias: number, biased: boolean): string {
  const {outside: t, units} = layout;
  const none = t.zeros(units);
  const constant = (): string => t.concat([none, t.fill(forgetBias, units), none, none], 0);
  if (!biased) return constant();
  const own = layout.feed('weight.bias');
  return forgetBias === 0 ? own : t.add(own, constant());
}
