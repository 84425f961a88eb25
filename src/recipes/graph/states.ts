import type {GraphCell} from './cells';
import {fillersOf} from './step-outputs';
import {dataInputs, type GraphView, type Ref} from './view';

/** A cell's states as the graph keeps them. */
export interface CellStates {
  /** c and h are one tensor, `[c, h]`. */
  readonly joined: boolean;
  /** What holds each state from step to step: a loop's variable, or what the first step reads. */
  readonly roots: readonly Ref[];
  /** What each is before the first step. */
  readonly initial: readonly Ref[];
}

export function statesOf(view: GraphView, cell: GraphCell): CellStates {
  const found = cell.steps[0]!.previous.map(ref => rootOf(view, ref));
  const joined = found.length === 2 && found[0]!.cut && found[0]!.root === found[1]!.root;
  const roots = (joined ? found.slice(0, 1) : found).map(({root}) => root);
  return {joined, roots, initial: roots.map(root => initialOf(view, root))};
}

/** A part of a state of `[c, h]`, or of all states of a MultiRNNCell, leads to the whole. */
function rootOf(view: GraphView, ref: Ref): {root: Ref; cut: boolean} {
  let root = view.resolve(ref);
  let cut = false;
  for (let k = 0; k < 3; k++) {
    const node = view.producer(root);
    if (!node || !/^(Split|SplitV|Slice|StridedSlice)$/.test(node.op)) break;
    root = view.resolve(dataInputs(node)[node.op === 'Split' ? 1 : 0]!);
    cut = true;
  }
  return {root, cut};
}

function initialOf(view: GraphView, root: Ref): Ref {
  const node = view.producer(root);
  const loop = node && view.loop(node);
  return loop ? view.resolve(loop.initial) : root;
}

/** `zero_state`, in whatever way it is written. */
export function isZero(view: GraphView, ref: Ref): boolean {
  const node = view.source(ref);
  if (!node) return false;
  if (node.op === 'ZerosLike' || node.op === 'Zeros') return true;
  if (node.op === 'Fill') return view.number(view.input(node, 1)) === 0;
  if (node.op === 'PlaceholderWithDefault') return isZero(view, dataInputs(node)[0]!);
  const numbers = view.numbers(ref);
  return numbers?.every(value => value === 0) === true;
}

/** Whether a tensor is a cell's state after the last step: which of them. */
export function finalState(
  view: GraphView,
  cell: GraphCell,
  states: CellStates,
  at: Ref,
): number | undefined {
  const index = states.roots.findIndex((root, k) => isFinal(view, cell, states, {root, at, k}));
  return index < 0 ? undefined : index;
}

function isFinal(
  view: GraphView,
  cell: GraphCell,
  {joined}: CellStates,
  {root, at, k}: {root: Ref; at: Ref; k: number},
): boolean {
  const node = view.producer(root);
  if (node && view.isLoop(node)) return at === root;
  if (cell.className === 'LSTMBlockFusedCell') return isLastOf(view, at, view.resolve(cell.next[k]!));
  if (joined) return false;
  // Of rows that have ended the state of the step before is held.
  const fillers = fillersOf(view, at, view.resolve(cell.steps.at(-1)!.next[k]!));
  return fillers !== undefined && !fillers.some(filler => isZero(view, filler));
}

/** Of a fused cell: the last of its states of all steps, or with lengths, after the initial one, each row's own. */
function isLastOf(view: GraphView, at: Ref, states: Ref): boolean {
  const node = view.producer(at);
  const from = node && view.input(node, 0);
  if (!node || from === undefined) return false;
  if (node.op === 'StridedSlice') {
    const slice = view.sliceAt(node);
    return slice?.axis === 0 && slice.index === -1 && view.resolve(from) === states;
  }
  const all = node.op === 'GatherNd' ? view.source(from) : undefined;
  const values = all?.op === 'ConcatV2' ? view.input(all, 1) : undefined;
  const product = values === undefined ? undefined : view.source(values);
  const held = product?.op === 'Mul' ? view.input(product, 0) : values;
  return held !== undefined && view.resolve(held) === states;
}
