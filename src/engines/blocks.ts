import type {BackwardGraph, WeightGradient} from '../recurrence/differentiate';
import {type CellKind, GATES, type Gate} from '../recurrence/types';
import type {WeightName} from '../recurrence/weights';

/** A block of columns, and the (neighbouring) gates that it covers; none: it belongs to no gate. */
export interface Block<T> {
  readonly gates: readonly Gate[];
  readonly value: T;
}

/** What blocks are put together with, in an engine's own kind of value. */
export interface BlockArithmetic<T> {
  /** As wide as one gate, for one that nothing flowed into. */
  none(): T;
  /** Along the last axis. */
  concat(blocks: readonly T[]): T;
}

/** Blocks of gates in the cell's order, all gates side by side. */
export function sideBySide<T>(cell: CellKind, blocks: readonly Block<T>[], m: BlockArithmetic<T>): T {
  const names = GATES[cell];
  const list: T[] = [];
  for (let k = 0; k < names.length; ) {
    const block = blocks.find(({gates}) => gates[0] === names[k]);
    list.push(block ? block.value : m.none());
    k += block ? block.gates.length : 1;
  }
  return list.length === 1 ? list[0]! : m.concat(list);
}

export interface GradientArithmetic<T> extends BlockArithmetic<T> {
  /** The sum over all steps, of the w-th of the backward graph's. */
  product(gradient: WeightGradient, w: number): T;
  add(a: T, b: T): T;
  /** As the whole weight. */
  zeros(): T;
}

/** The gradient of a weight that the step reads, from all places where it does. */
export function weightGradient<T>(
  cell: CellKind,
  {weights}: BackwardGraph,
  name: WeightName,
  m: GradientArithmetic<T>,
): T {
  const blocks = new Map<Gate | undefined, Block<T>>();
  for (const [w, gradient] of weights.entries()) {
    if (gradient.weight !== name) continue;
    const {gates} = gradient;
    const value = m.product(gradient, w);
    const sofar = blocks.get(gates[0]);
    blocks.set(gates[0], {gates, value: sofar ? m.add(sofar.value, value) : value});
  }
  if (blocks.size === 0) return m.zeros();
  const ofNoGate = blocks.get(undefined);
  return ofNoGate ? ofNoGate.value : sideBySide(cell, [...blocks.values()], m);
}
