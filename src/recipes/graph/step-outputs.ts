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

  /** The tensors that have all outputs of an unrolled cell, one after the other. */
  stacks(cell: GraphCell): {output: Ref; residual: boolean}[] {
    const found = this.view.nodes.flatMap(node => {
      if (!/^(Pack|ConcatV2|Concat)$/.test(node.op)) return [];
      const inputs = dataInputs(node);
      const values =
        node.op === 'Pack' ? inputs : node.op === 'Concat' ? inputs.slice(1) : inputs.slice(0, -1);
      if (values.length !== cell.steps.length) return [];
      const all = values.every((value, k) => {
        const step = this.at(value);
        return step?.cell === cell && (step.step === k || step.step === values.length - 1 - k);
      });
      return all ? [{output: outputRef(node), residual: this.residualAt(values[0]!) === cell}] : [];
    });
    return found;
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

function isRandom(view: GraphView, ref: Ref, hops = 8): boolean {
  const node = view.source(ref);
  if (!node || hops === 0) return false;
  if (/Random/.test(node.op)) return true;
  return (
    /^(Floor|Add|AddV2|Mul|Sub|Cast|GreaterEqual|Less|Greater)$/.test(node.op) &&
    dataInputs(node).some(input => isRandom(view, input, hops - 1))
  );
}
