import {gateColumns} from '../../recurrence/cells';
import type {Node} from '../../recurrence/expression';
import {type CarriedState, GATES, type Gate, type Recurrence} from '../../recurrence/types';
import {type WeightName, weightOf} from '../../recurrence/weights';
import type {FeedName} from './feeds';
import type {GraphType, GraphWriter} from './graph-def';
import type {Int} from './integers';
import {leafKey, type Source, stackSource} from './loop';
import {type Tensors, tensors} from './tensors';
import {TimeSlices} from './time-slices';

/** A graph under construction, and what forward and backward graphs both read of a call's tensors. */
export class Layout {
  readonly outside: Tensors;
  /** What has to be fed, in order. */
  readonly feeds: FeedName[] = [];
  private readonly sizes = new Map<string, string>();
  private readonly cut = new Map<string, string>();
  /** Of the tensors that have a value for each step of the call. */
  readonly slices: TimeSlices;

  constructor(
    readonly g: GraphWriter,
    readonly r: Recurrence,
  ) {
    this.outside = tensors(g);
    this.slices = new TimeSlices(g, this.size('x', 0), this.size('x', 1));
  }

  /** A tensor of the call: `x`, `mask`, `weight.…`, `initial.…`, `dropout.…`, … */
  feed(name: FeedName, type: GraphType = 'float32'): string {
    if (this.feeds.includes(name)) return name;
    this.feeds.push(name);
    return this.g.placeholder(name, type);
  }

  /** The k-th dimension of a tensor of the call. */
  size(name: FeedName, k: number): string {
    const key = `${name} ${k}`;
    const known = this.sizes.get(key) ?? this.outside.size(this.feed(name), k);
    this.sizes.set(key, known);
    return known;
  }

  get units(): Int {
    const width = this.size('weight.recurrentKernel', this.r.recurrent === 'diagonal' ? 0 : 1);
    return this.outside.ints.div(width, GATES[this.r.cell].length);
  }

  /** How many values a carried state has. */
  stateSize(state: CarriedState): Int {
    const isOutput = state !== 'c' && this.r.recurrent !== 'diagonal';
    return isOutput ? this.size('weight.recurrentKernel', 0) : this.units;
  }

  /** `[batch, time, ·]` with time first, or back. */
  turned(x: string): string {
    return this.outside.transpose(x, 1, 0, 2);
  }

  /** These gates' columns of a weight. */
  weight(name: WeightName, gates: readonly Gate[]): string {
    const whole = this.feed(`weight.${name}`);
    if (gates.length === 0 || gates.length === GATES[this.r.cell].length) return whole;
    const key = `${name} ${gates}`;
    const rank = weightOf(this.r, name)!.rows === 'vector' ? 1 : 2;
    const known = this.cut.get(key) ?? this.columns(this.outside, whole, rank, gates);
    this.cut.set(key, known);
    return known;
  }

  /** The columns of neighbouring gates of something that has columns for all. */
  columns(t: Tensors, whole: string, rank: number, gates: readonly Gate[], units = this.units): string {
    const [first, count] = gateColumns(this.r.cell, gates);
    const before = new Array<Int>(rank - 1).fill(0);
    const begin = [...before, t.ints.mul(units, first)];
    return t.slice(whole, begin, [...before.map(() => -1), t.ints.mul(units, count)]);
  }

  /** Leaves that are the same at every step. */
  fixedLeaves(nodes: readonly Node[]): Map<string, string> {
    const leaves = new Map<string, string>();
    for (const node of nodes) {
      if (node.op === 'weight') leaves.set(leafKey(node), this.weight(node.name, node.gates));
      if (node.op === 'dropout') leaves.set(leafKey(node), this.feed(`dropout.${node.gate ?? 'all'}`));
      if (node.op !== 'product') continue;
      const {weight: name, gates, transposed} = node;
      const key = leafKey({op: 'weight', name, gates});
      if (leaves.has(key)) continue;
      const matrix = this.weight(name, gates);
      // In a loop, TensorFlow's product with a transpose takes three times as long as one with a transposed copy.
      leaves.set(key, transposed ? this.outside.transpose(matrix, 1, 0) : matrix);
    }
    return leaves;
  }

  /** The masks that a graph reads, of `[batch, time]`. `part` takes the steps out of a stack that are run. */
  maskSources(nodes: readonly Node[], part = (stack: string): string => stack): Source[] {
    const {outside: t, r} = this;
    return nodes.flatMap(node => {
      if (node.op !== 'mask') return [];
      const masks = t.expand(t.transpose(this.feed('mask'), 1, 0), 2);
      if (node.of === 'this') return [stackSource(leafKey(node), part(masks))];
      // Each step's mask moved to the step that is processed after it; 0 at the first one.
      const none = t.zeros(1, this.size('mask', 0), 1);
      const others = t.ints.sub(this.size('mask', 1), 1);
      const begin = r.direction === 'forward' ? 0 : 1;
      const rest = t.slice(masks, [begin, 0, 0], [others, -1, -1]);
      const shifted = t.concat(r.direction === 'forward' ? [none, rest] : [rest, none], 0);
      return [stackSource(leafKey(node), part(shifted))];
    });
  }
}
