import type {GraphCell} from './cells';
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

/** Every tensor that holds the state after the last step. */
export function finalStates(view: GraphView, cell: GraphCell, {roots, joined}: CellStates): Ref[][] {
  const last = cell.steps.at(-1)!;
  return roots.map((root, k) => {
    const node = view.producer(root);
    if (node && view.isLoop(node)) return [root];
    if (cell.className === 'LSTMBlockFusedCell') return [];
    return joined ? [] : [view.resolve(last.next[k]!)];
  });
}
