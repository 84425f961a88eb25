import type {GraphNode} from '../../../converters/graph-def/node';
import {placeOf} from '../names/place';
import {classOf} from '../names/roles';
import type {GraphCell} from './cells';
import type {Matcher} from './match';
import {StepOutputs} from './step-outputs';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** Cells that run over a sequence together. */
export interface GraphSequence {
  readonly kind: 'dynamic' | 'static' | 'fused' | 'call';
  /** The first reads the data, each further one what the one before it puts out. */
  readonly cells: readonly GraphCell[];
  /** Those whose input is added to their output (ResidualWrapper). */
  readonly residual: ReadonlySet<GraphCell>;
  /** The data of all time steps; undefined where the graph hides it. */
  readonly source?: Ref;
  readonly timeMajor: boolean;
  /** From the last step to the first. */
  readonly backwards: boolean;
  /** The length of each row. */
  readonly lengths?: Ref;
  /** The output of all steps as one tensor, before it is put into another order. */
  readonly outputs: readonly Ref[];
}

/** Puts the cells of a graph together to layers, in the order in which these come in it. */
export function findSequences(matcher: Matcher, cells: readonly GraphCell[]): GraphSequence[] {
  const {view} = matcher;
  const steps = new StepOutputs(view, cells);
  const before = new Map(cells.map(cell => [cell, predecessor(steps, cell)]));
  const followed = new Set([...before.values()].filter(cell => cell !== undefined));
  return cells
    .filter(cell => !followed.has(cell))
    .map(last => {
      const chain = [last];
      for (let cell = before.get(last); cell && !chain.includes(cell); cell = before.get(cell))
        chain.unshift(cell);
      return sequenceOf(view, chain, steps);
    })
    .sort((a, b) => cells.indexOf(a.cells[0]!) - cells.indexOf(b.cells[0]!));
}

/** The cell before, in the same step of the same layer. */
function predecessor(steps: StepOutputs, cell: GraphCell): GraphCell | undefined {
  if (cell.className === 'LSTMBlockFusedCell') return undefined;
  const found = steps.at(cell.steps[0]!.x);
  if (!found || found.cell === cell || found.cell.className === 'LSTMBlockFusedCell') return undefined;
  const looped = cell.steps.length === 1 && found.cell.steps.length === 1;
  return looped || layerOf(found.cell) === layerOf(cell) ? found.cell : undefined;
}

/** The scope of the layer that a cell is in, by its kernel's name. */
export function layerOf(cell: GraphCell): string {
  const [kernel] = Object.values(cell.variables).flatMap(({array}) => array);
  const scope = kernel!.replace(/\/(?:(?:Gates|Candidate|gates|candidate)\/)?(?:Linear\/)?[^/]+$/, '');
  return placeOf(scope, classOf(scope) !== undefined).layer;
}

function sequenceOf(view: GraphView, cells: readonly GraphCell[], steps: StepOutputs): GraphSequence {
  const [first] = cells as [GraphCell];
  const residual = new Set(cells.slice(1).flatMap(cell => steps.residualAt(cell.steps[0]!.x) ?? []));
  const last = cells.at(-1)!;
  const lengths = cells.map(cell => lengthsOf(view, cell)).find(ref => ref !== undefined);
  if (first.className === 'LSTMBlockFusedCell') {
    const common = {cells, residual, timeMajor: true, backwards: false};
    return {
      ...common,
      kind: 'fused',
      source: first.x,
      lengths: fusedLengths(view, first),
      outputs: [first.output],
    };
  }
  const read = view.source(first.x);
  const common = {cells, lengths};
  if (read && /^TensorArrayRead|^TensorListGetItem/.test(read.op)) {
    const {source, timeMajor} = batchMajor(view, scattered(view, read));
    const written = writtenBy(view, steps, last);
    if (written?.residual) residual.add(last);
    const reversed = reversal(view, source);
    return {
      ...common,
      residual,
      kind: 'dynamic',
      source: reversed ? batchMajor(view, reversed).source : source,
      timeMajor: timeMajor && !(reversed && !batchMajor(view, reversed).timeMajor),
      backwards: reversed !== undefined,
      outputs: written ? [written.output] : [],
    };
  }
  const data = unstacked(view, first.steps[0]!.x);
  const outputs = steps.stacks(last);
  for (const {residual: added} of outputs) if (added) residual.add(last);
  if (!data)
    return {
      ...common,
      residual,
      kind: 'call',
      source: first.x,
      timeMajor: false,
      backwards: false,
      outputs: [last.output],
    };
  const end = unstacked(view, first.steps.at(-1)!.x);
  const reversed = reversal(view, data.source);
  return {
    ...common,
    residual,
    kind: 'static',
    source: reversed ?? data.source,
    timeMajor: data.axis === 0,
    backwards: reversed !== undefined || (end !== undefined && end.index < data.index),
    outputs: outputs.map(({output}) => output),
  };
}

/** What was scattered over the array that a step reads from: time-major. */
function scattered(view: GraphView, read: GraphNode): Ref | undefined {
  const [handle] = dataInputs(read);
  if (handle === undefined) return undefined;
  const origin = view.resolve(handle);
  const list = view.producer(origin);
  if (list?.op === 'TensorListFromTensor') return view.input(list, 0);
  for (const node of view.nodes) {
    const unpack = /^TensorArrayUnpack/.test(node.op);
    if (!unpack && !/^TensorArrayScatter/.test(node.op)) continue;
    const [own, ...others] = dataInputs(node);
    if (own !== undefined && view.resolve(own) === origin) return others[unpack ? 0 : 1];
  }
  return undefined;
}

/** A tensor whose first two axes were exchanged, before that. */
function batchMajor(view: GraphView, ref: Ref | undefined): {source?: Ref; timeMajor: boolean} {
  const node = ref === undefined ? undefined : view.source(ref);
  if (node && isSwap(view, node)) return {source: view.input(node, 0), timeMajor: false};
  return {source: ref, timeMajor: true};
}

/** `transpose` with a permutation [1, 0, ...], given as such or put together from `[1, 0]` and a range. */
function isSwap(view: GraphView, node: GraphNode): boolean {
  if (node.op !== 'Transpose') return false;
  const permutation = view.input(node, 1);
  const given = permutation === undefined ? undefined : view.source(permutation);
  const joined = given?.op === 'ConcatV2' || given?.op === 'Concat';
  const start = joined ? view.input(given, given.op === 'Concat' ? 1 : 0) : permutation;
  const [first, second] = view.numbers(start) ?? [];
  return first === 1 && second === 0;
}

/** What a tensor was before its time steps were turned round. */
function reversal(view: GraphView, ref: Ref | undefined): Ref | undefined {
  const node = ref === undefined ? undefined : view.source(ref);
  if (node?.op === 'ReverseSequence' || node?.op === 'ReverseV2' || node?.op === 'Reverse')
    return view.input(node, 0);
  return undefined;
}

/** What the last cell's outputs are written to, read as one tensor. */
function writtenBy(
  view: GraphView,
  steps: StepOutputs,
  cell: GraphCell,
): {output: Ref; residual: boolean} | undefined {
  for (const write of view.nodes) {
    if (!/^TensorArrayWrite|^TensorListSetItem/.test(write.op)) continue;
    const [handle, , value] = dataInputs(write);
    const found = value === undefined ? undefined : steps.at(value);
    if (found?.cell !== cell || handle === undefined) continue;
    const residual = steps.residualAt(value!) === cell;
    const origin = view.resolve(handle);
    const gather = view.nodes.find(node => {
      if (!/^TensorArray(Gather|Pack)|^TensorListStack/.test(node.op)) return false;
      const [own] = dataInputs(node);
      return own !== undefined && view.resolve(own) === origin;
    });
    if (gather) return {output: outputRef(gather), residual};
  }
  return undefined;
}

/** What a time step was cut from, along which axis, and its index. */
function unstacked(view: GraphView, ref: Ref): {source: Ref; axis: number; index: number} | undefined {
  let at = view.resolve(ref);
  for (let k = 0; k < 4; k++) {
    const node = view.producer(at);
    if (!node) return undefined;
    const inputs = dataInputs(node);
    const index = Number(at.slice(at.lastIndexOf(':') + 1));
    if (node.op === 'Unpack') return {source: inputs[0]!, axis: view.int(node, 'axis') ?? 0, index};
    if (node.op === 'Split') return {source: inputs[1]!, axis: view.number(inputs[0]) ?? 1, index};
    if (node.op === 'SplitV') return {source: inputs[0]!, axis: view.number(inputs[2]) ?? 1, index};
    if (node.op === 'StridedSlice') {
      const axis = Math.log2(view.int(node, 'shrink_axis_mask') ?? 0);
      const begin = view.numbers(inputs[1]);
      return Number.isInteger(axis) && begin
        ? {source: inputs[0]!, axis, index: begin[axis] ?? 0}
        : undefined;
    }
    if (node.op !== 'Squeeze' && node.op !== 'Reshape') return undefined;
    at = view.resolve(inputs[0]!);
  }
  return undefined;
}

/** Rows that have ended are told by `time >= lengths`, which chooses between old and new. */
function lengthsOf(view: GraphView, cell: GraphCell): Ref | undefined {
  const seen = new Set<Ref>();
  let front: Ref[] = [cell.output, ...cell.next];
  for (let depth = 0; depth < 4; depth++) {
    const next: Ref[] = [];
    for (const ref of front) {
      if (seen.has(ref)) continue;
      seen.add(ref);
      for (const node of view.consumers(ref)) {
        if (node.op === 'Select' || node.op === 'SelectV2') {
          const lengths = endOfRows(view, view.input(node, 0));
          if (lengths !== undefined) return lengths;
        }
        if (/^(Switch|Merge|Identity|Add|AddV2)$/.test(node.op))
          next.push(outputRef(node), outputRef(node, 1));
      }
    }
    front = next;
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
