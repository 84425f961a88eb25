import {type Recurrence, runsAgainstTime} from '../../recurrence/types';
import {memoized} from '../memo';
import type {ForwardSpec} from './forward-graph';
import {type CompiledGraph, GraphWriter} from './graph-def';
import {Layout} from './layout';

/** Whether TensorFlow's BlockLSTM computes exactly this: sigmoid gates, tanh, peepholes as Gers & Schmidhuber's. */
export const isBlockLstm = memoized((r): boolean => {
  if (r.cell !== 'lstm' || r.input !== 'features' || r.recurrent === 'diagonal') return false;
  if (r.coupled || r.layerNorm || r.recurrentDropout || r.projection !== undefined) return false;
  if (r.projectionClip !== undefined || (r.cellClip !== undefined && r.cellClip <= 0)) return false;
  const {i, f, c, o, h} = r.activations;
  const gates = [i, f, o].every(gate => gate!.kind === 'sigmoid');
  if (!gates || c!.kind !== 'tanh' || h!.kind !== 'tanh') return false;
  return Object.entries(r.peepholes ?? {}).every(
    ([gate, peephole]) =>
      !peephole || (peephole.rule === 'add' && peephole.reads === (gate === 'o' ? 'new' : 'previous')),
  );
});

/**
 * The whole sequence in one operation, without masks and without what a gradient needs: feeds and outputs as
 * `forwardGraph` has them. Source: tensorflow/core/ops/rnn_ops.cc, BlockLSTMV2 (gates i, f, c, o; no forget bias).
 */
export function blockGraph(
  r: Recurrence,
  {initial, biased, returns}: Pick<ForwardSpec, 'initial' | 'biased' | 'returns'>,
): CompiledGraph {
  const g = new GraphWriter();
  const layout = new Layout(g, r);
  const {outside: t, units} = layout;
  const backwards = r.direction === 'backward';
  const batch = layout.size('x', 0);
  const time = layout.size('x', 1);
  const steps = layout.turned(layout.feed('x'));
  const start = (state: string): string =>
    initial.includes(state) ? layout.feed(`initial.${state}`) : t.zeros(batch, units);
  const kernel = t.concat([layout.feed('weight.kernel'), layout.feed('weight.recurrentKernel')], 0);
  const peephole = (gate: 'i' | 'f' | 'o'): string =>
    r.peepholes?.[gate] ? layout.feed(`weight.peephole.${gate}`) : t.zeros(units);
  const block = g.add(
    'BlockLSTMV2',
    [
      g.add('Cast', [time], {SrcT: {type: 'int32'}, DstT: {type: 'int64'}}),
      backwards ? t.reverse(steps, 0) : steps,
      start('c'),
      start('h'),
      kernel,
      ...(['i', 'f', 'o'] as const).map(peephole),
      bias(layout, r.forgetBias ?? 0, biased),
    ],
    {
      T: {type: 'float32'},
      cell_clip: {float: r.cellClip ?? 0},
      use_peephole: {bool: Object.values(r.peepholes ?? {}).some(Boolean)},
    },
  );
  const cells = `${block}:1`;
  const outputs = `${block}:6`;
  const last = (stack: string): string =>
    t.reshape(t.slice(stack, [t.ints.sub(time, 1), 0, 0], [1, -1, -1]), -1, units);
  const h = last(outputs);
  const inOrder = backwards && !runsAgainstTime(r) ? t.reverse(outputs, 0) : outputs;
  return g.compile(layout.feeds, [returns === 'last' ? h : layout.turned(inOrder), h, last(cells)]);
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
