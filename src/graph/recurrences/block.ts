import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {byName, downstream, nodeName} from '../nodes';
import type {ModelGraph, Ref} from '../types';
import type {LoopArrays} from './arrays';
import {lstmBlockCell} from './cells';
import {type Found, Refusal} from './found';
import {numbersOf, type Term} from './term';
import type {Terms} from './terms';

/** Outputs of BlockLSTM. Source: contrib/rnn/ops/lstm_ops.cc of TensorFlow 1.15.5. */
const C = 1;
const H = 6;

/** The operations that are a whole LSTM (LSTMBlockFusedCell), where they run over all steps of their data. */
export function blocksOf(graph: ModelGraph, terms: Terms, arrays: LoopArrays): (Found | Refusal)[] {
  const gated = new Set([
    ...downstream(graph.nodes, /^(Ref)?Enter$/, /^(Ref)?Exit$/),
    ...downstream(graph.nodes, /^(Ref)?Switch$/),
  ]);
  const blocks = graph.nodes.filter(({op, name}) => op === 'BlockLSTM' && !gated.has(name));
  if (blocks.length === 0) return [];
  const slices = graph.nodes.filter(({op, name}) => op === 'StridedSlice' && !gated.has(name));
  for (const {name} of slices) terms.of(`${name}:0`);
  const nodes = byName(graph.nodes);
  return blocks.map(node => blockOf(node, {terms, arrays, slices, nodes}));
}

interface Around {
  readonly terms: Terms;
  readonly arrays: LoopArrays;
  readonly slices: readonly GraphNode[];
  readonly nodes: ReadonlyMap<string, GraphNode>;
}

function blockOf(node: GraphNode, {terms, arrays, slices, nodes}: Around): Found | Refusal {
  const {name} = node;
  const y = `${name}:${H}`;
  const output = terms.of(y);
  const [count, x, c, h, w, wci, wcf, wco, b] = output.args;
  const cell = lstmBlockCell(output, {w, wci, wcf, wco, b});
  const steps = count?.op === 'Cast' ? count.args[0] : count;
  if (!cell || !x || !c || !h || !steps) return new Refusal(name, 'its weights are no constants');
  if (!arrays.isAllOf(steps, x)) return new Refusal(name, 'how many steps it runs is not told by its data');
  const [xRef, cRef, hRef] = [x, c, h].map(term =>
    terms.refsOf(term).find(ref => nodes.has(nodeName(ref))),
  ) as [Ref, Ref, Ref];
  const memory = terms.of(`${name}:${C}`);
  const last = slices.filter(slice => isLast(terms.of(`${slice.name}:0`), memory));
  return {
    name,
    cells: [
      {step: {...cell, x, previous: [c, h], next: [memory, output], output}, residual: false, joined: false},
    ],
    x: xRef,
    initial: [cRef, hRef],
    sequences: [y],
    outputs: [],
    finals: [last.map(slice => `${slice.name}:0`), []],
    inside: new Set([name]),
  };
}

/** Whether a term is `all[-1]`. */
function isLast({op, args, node}: Term, all: Term): boolean {
  const [whole, begin, , stride] = args;
  const flags = ['begin_mask', 'ellipsis_mask', 'new_axis_mask'].map(key => attribute(node, key)?.int ?? 0);
  return (
    op === 'StridedSlice' &&
    whole === all &&
    numbersOf(begin)?.join() === '-1' &&
    numbersOf(stride)?.join() === '1' &&
    attribute(node, 'shrink_axis_mask')?.int === 1 &&
    flags.every(flag => flag === 0)
  );
}
