import type {GraphNode} from '../../../converters/graph-def/node';
import {placeOf} from '../names/place';
import {classOf} from '../names/roles';
import type {GraphCell} from './cells';
import {lengthsOf} from './lengths';
import type {Matcher} from './match';
import {StepOutputs, undropped} from './step-outputs';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** Cells that run over a sequence together. */
export interface GraphSequence {
  readonly kind: 'dynamic' | 'static' | 'fused' | 'call';
  /** The first reads the data, each further one what the one before it puts out. */
  readonly cells: readonly GraphCell[];
  /** Those whose input is added to their output (ResidualWrapper). */
  readonly residual: ReadonlySet<GraphCell>;
  /** The data: of all steps, time first, or of the one step; undefined of unrolled cells and where the graph hides it. */
  readonly source?: Ref;
  /** What the data come from, past what turns, folds and cuts them. */
  readonly origin?: Ref;
  /** From the last step to the first. */
  readonly backwards: boolean;
  /** The length of each row. */
  readonly lengths?: Ref;
  /** The outputs of all steps as they are made, time first, or of the one step; undefined of unrolled cells. */
  readonly output?: Ref;
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
function layerOf(cell: GraphCell): string {
  const [kernel] = Object.values(cell.variables).flatMap(({array}) => array);
  const scope = kernel!.replace(/\/(?:(?:Gates|Candidate|gates|candidate)\/)?(?:Linear\/)?[^/]+$/, '');
  return placeOf(scope, classOf(scope) !== undefined).layer;
}

function sequenceOf(view: GraphView, cells: readonly GraphCell[], steps: StepOutputs): GraphSequence {
  const [first] = cells as [GraphCell];
  const inner = cells.slice(1).flatMap(cell => steps.residualAt(cell.steps[0]!.x) ?? []);
  const common = {cells, residual: new Set(inner), lengths: lengthsOf(view, cells)};
  if (first.className === 'LSTMBlockFusedCell') {
    const origin = originOf(view, first.x);
    const output = common.lengths === undefined ? first.output : masked(view, first.output);
    return {...common, kind: 'fused', source: first.x, origin, backwards: false, output};
  }
  const read = view.source(undropped(view, first.x));
  if (read && /^TensorArrayRead|^TensorListGetItem/.test(read.op)) return looped(view, common, read, steps);
  const indices = first.steps.map(({x}) => indexOf(view, x));
  if (first.steps.length > 1 || indices[0] !== undefined) return unrolled(view, common, indices, steps);
  const origin = originOf(view, first.x);
  const output = cells.at(-1)!.output;
  return {...common, kind: 'call', source: first.x, origin, backwards: false, output};
}

/** Past a row's length a fused cell's outputs are multiplied by zero. */
function masked(view: GraphView, output: Ref): Ref {
  const product = view.consumers(output).find(({op}) => op === 'Mul');
  return product ? outputRef(product) : output;
}

type Common = Pick<GraphSequence, 'cells' | 'residual' | 'lengths'>;

function looped(view: GraphView, common: Common, read: GraphNode, steps: StepOutputs): GraphSequence {
  const last = common.cells.at(-1)!;
  const source = scattered(view, read);
  const written = writtenBy(view, steps, last);
  const residual = written?.residual ? new Set([...common.residual, last]) : common.residual;
  return {
    ...common,
    residual,
    kind: 'dynamic',
    source,
    origin: source === undefined ? undefined : originOf(view, source),
    backwards: source !== undefined && turns(view, source) % 2 === 1,
    output: written?.output,
  };
}

function unrolled(
  view: GraphView,
  common: Common,
  indices: readonly (number | undefined)[],
  steps: StepOutputs,
): GraphSequence {
  const last = common.cells.at(-1)!;
  const {x} = common.cells[0]!.steps[0]!;
  const descends = (indices.at(-1) ?? 0) < (indices[0] ?? 0);
  return {
    ...common,
    residual: steps.isResidual(last) ? new Set([...common.residual, last]) : common.residual,
    kind: 'static',
    origin: originOf(view, x),
    backwards: turns(view, x) % 2 === (descends ? 0 : 1),
  };
}

/** Operations between data and what reads them in steps. */
const ON_THE_WAY =
  /^(Transpose|ReverseSequence|ReverseV2|Reverse|Reshape|Squeeze|ExpandDims|Unpack|Split|SplitV|StridedSlice|Pack)$/;
const MOST_HOPS = 12;

/** The tensors from one that is read back to the data, that included. */
function wayBack(view: GraphView, ref: Ref): Ref[] {
  const way = [view.resolve(undropped(view, ref))];
  while (way.length < MOST_HOPS) {
    const node = view.producer(way[0]!);
    const input =
      node && ON_THE_WAY.test(node.op) ? dataInputs(node)[node.op === 'Split' ? 1 : 0] : undefined;
    if (input === undefined) break;
    way.unshift(view.resolve(undropped(view, input)));
  }
  return way;
}

const originOf = (view: GraphView, ref: Ref): Ref => wayBack(view, ref)[0]!;

/** How often data are turned round before they are read. */
const turns = (view: GraphView, ref: Ref): number =>
  wayBack(view, ref).filter(at => /^Reverse/.test(view.producer(at)?.op ?? '')).length;

/** Which step of its data a tensor is. */
function indexOf(view: GraphView, ref: Ref): number | undefined {
  for (const at of wayBack(view, ref).reverse()) {
    const node = view.producer(at);
    if (!node) return undefined;
    if (node.op === 'Unpack' || node.op === 'Split' || node.op === 'SplitV')
      return Number(at.slice(at.lastIndexOf(':') + 1));
    if (node.op === 'StridedSlice') return view.sliceAt(node)?.index;
  }
  return undefined;
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
