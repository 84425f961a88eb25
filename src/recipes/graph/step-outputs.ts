import type {GraphNode} from '../../../converters/graph-def/node';
import type {GraphCell} from './cells';
import {dataInputs, type GraphView, isAdd, outputRef, type Ref} from './view';

/** Which step of which cell a tensor comes from. */
export interface StepOutput {
  readonly cell: GraphCell;
  readonly step: number;
}

/** The way from a cell's output to a tensor is short: a choice by row, a branch, a residual sum, dropout. */
const MOST_HOPS = 12;

/** Recognises the outputs of cells, past what wrappers and lengths do to them. */
export class StepOutputs {
  private readonly known = new Map<Ref, StepOutput>();

  constructor(
    private readonly view: GraphView,
    cells: readonly GraphCell[],
  ) {
    for (const cell of cells)
      for (const [step, {output}] of cell.steps.entries()) this.known.set(view.resolve(output), {cell, step});
  }

  at(ref: Ref, hops = MOST_HOPS): StepOutput | undefined {
    const at = this.view.resolve(ref);
    const found = this.known.get(at);
    if (found || hops === 0) return found;
    const node = this.view.producer(at);
    if (!node) return undefined;
    const inputs = dataInputs(node);
    const kept = withoutDropout(this.view, node);
    if (kept !== undefined) return this.at(kept, hops - 1);
    if (node.op === 'Select' || node.op === 'SelectV2') return this.at(inputs[2]!, hops - 1);
    if (node.op === 'Merge' && !this.view.isLoop(node)) return this.first(inputs, hops);
    return isAdd(node) ? this.residual(node, hops)?.output : undefined;
  }

  /** The cell whose output this is, its input added. */
  residualAt(ref: Ref, hops = MOST_HOPS): GraphCell | undefined {
    const node = this.view.source(ref);
    if (!node || hops === 0) return undefined;
    if (node.op === 'Select' || node.op === 'SelectV2')
      return this.residualAt(dataInputs(node)[2]!, hops - 1);
    return isAdd(node) ? this.residual(node, hops)?.output.cell : undefined;
  }

  /** Whether an unrolled cell's outputs go nowhere but into their sum with what the cell reads. The last step feeds no other. */
  isResidual(cell: GraphCell): boolean {
    const users = this.view.consumers(cell.steps.at(-1)!.output).filter(({op}) => op !== 'Identity');
    return users.length > 0 && users.every(user => this.residualAt(outputRef(user)) === cell);
  }

  private first(refs: readonly Ref[], hops: number): StepOutput | undefined {
    for (const ref of refs) {
      const found = this.at(ref, hops - 1);
      if (found) return found;
    }
    return undefined;
  }

  private residual(node: GraphNode, hops: number): {output: StepOutput} | undefined {
    const [a, b] = dataInputs(node);
    for (const [value, added] of [
      [a, b],
      [b, a],
    ]) {
      const output = this.at(value!, Math.min(hops - 1, 2));
      if (output && this.view.resolve(output.cell.steps[output.step]!.x) === this.view.resolve(added!))
        return {output};
    }
    return undefined;
  }
}

/**
 * What stands for a value on rows that have ended, from a tensor back to that value: none where the tensor is the value itself,
 * undefined where it does not lead there.
 */
export function fillersOf(view: GraphView, ref: Ref, value: Ref, hops = MOST_HOPS): Ref[] | undefined {
  const at = view.resolve(ref);
  if (at === value) return [];
  const node = hops > 0 ? view.producer(at) : undefined;
  if (!node) return undefined;
  const inputs = dataInputs(node);
  const kept = withoutDropout(view, node);
  if (kept !== undefined) return fillersOf(view, kept, value, hops - 1);
  if (isAdd(node)) return inputs.map(input => fillersOf(view, input, value, hops - 1)).find(found => found);
  if (node.op === 'Select' || node.op === 'SelectV2') {
    const found = fillersOf(view, inputs[2]!, value, hops - 1);
    return found && [...found, inputs[1]!];
  }
  if (node.op !== 'Merge' || view.isLoop(node)) return undefined;
  const ways = inputs.map(input => fillersOf(view, input, value, hops - 1));
  if (ways.every(way => way === undefined)) return undefined;
  return inputs.flatMap((input, k) => ways[k] ?? [input]);
}

/** What a node of dropout lets through: its input, where it scales it or multiplies it with a random mask. */
export function withoutDropout(view: GraphView, node: GraphNode): Ref | undefined {
  const [a, b] = dataInputs(node);
  if (a === undefined || b === undefined) return undefined;
  if (node.op === 'SelectV2' || node.op === 'Select') {
    return isRandom(view, a) ? dataInputs(node)[1] : undefined;
  }
  if (node.op === 'Mul') {
    if (isRandom(view, b)) return a;
    if (isRandom(view, a)) return b;
  }
  if (node.op !== 'Mul' && node.op !== 'RealDiv' && node.op !== 'Div') return undefined;
  // Scaled on the way into the mask.
  const masked = view.consumers(outputRef(node)).some(user => {
    const choice = user.op === 'SelectV2' || user.op === 'Select';
    const mask = choice ? view.input(user, 0) : view.other(user, outputRef(node));
    return (choice || user.op === 'Mul') && mask !== undefined && isRandom(view, mask);
  });
  return masked ? a : undefined;
}

/** Past dropout. */
export function undropped(view: GraphView, ref: Ref): Ref {
  let at = view.resolve(ref);
  for (let hops = 0; hops < MOST_HOPS; hops++) {
    const node = view.producer(at);
    const kept = node && withoutDropout(view, node);
    if (kept === undefined) break;
    at = view.resolve(kept);
  }
  return at;
}

function isRandom(view: GraphView, ref: Ref, hops = 8): boolean {
  const node = view.source(ref);
  if (!node || hops === 0) return false;
  if (/Random/.test(node.op)) return true;
  return (
    /^(Floor|Add|AddV2|Mul|Sub|Cast|GreaterEqual|Less|Greater)$/.test(node.op) &&
    dataInputs(node).some(input => isRandom(view, input, hops - 1))
  );
}
