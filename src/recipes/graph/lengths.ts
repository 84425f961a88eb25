import type {GraphCell} from './cells';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** The lengths that the rows of a layer's data have, if it was given some. */
export function lengthsOf(view: GraphView, cells: readonly GraphCell[]): Ref | undefined {
  const [first] = cells as [GraphCell];
  if (first.className === 'LSTMBlockFusedCell') return fusedLengths(view, first);
  return cells.map(cell => cellLengths(view, cell)).find(ref => ref !== undefined);
}

/** As far from a cell's outputs to the choice between old and new as there are branches and wrappers. */
const MOST_HOPS = 4;

/** Rows that have ended are told by `time >= lengths`, which chooses between old and new. */
function cellLengths(view: GraphView, cell: GraphCell): Ref | undefined {
  const seen = new Set<Ref>();
  let front: Ref[] = [cell.output, ...cell.next];
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const users = front.filter(ref => !seen.has(ref)).flatMap(ref => view.consumers(ref));
    for (const ref of front) seen.add(ref);
    const choices = users.filter(({op}) => op === 'Select' || op === 'SelectV2');
    const found = choices.map(node => endOfRows(view, view.input(node, 0))).find(ref => ref !== undefined);
    if (found !== undefined) return found;
    front = users
      .filter(({op}) => /^(Switch|Merge|Identity|Add|AddV2)$/.test(op))
      .flatMap(node => [outputRef(node), outputRef(node, 1)]);
  }
  return undefined;
}

function endOfRows(view: GraphView, condition: Ref | undefined): Ref | undefined {
  let node = condition === undefined ? undefined : view.source(condition);
  if (node && /^(Reshape|ExpandDims|BroadcastTo|Tile)$/.test(node.op))
    node = view.source(dataInputs(node)[0]!);
  // Python turns `3 >= lengths` round.
  if (node?.op === 'LessEqual') return view.resolve(view.input(node, 0)!);
  return node?.op === 'GreaterEqual' ? view.resolve(view.input(node, 1)!) : undefined;
}

/** A fused cell stops after the longest row: `max(lengths)`. */
function fusedLengths(view: GraphView, cell: GraphCell): Ref | undefined {
  const block = view.producer(cell.output);
  const longest = block && view.source(view.input(block, 0)!);
  return longest?.op === 'Max' ? view.resolve(view.input(longest, 0)!) : undefined;
}
