import {attribute} from '../../../converters/graph-def/node';
import {dataInputs} from '../nodes';
import type {ModelGraph, Ref} from '../types';
import type {LoopVariable} from './loops';
import {numberOf, numbersOf, scalarOf, type Term} from './term';
import type {Terms} from './terms';

/** What a loop writes step by step. */
export interface WrittenArray {
  readonly variable: LoopVariable;
  /** What is written, of one step. */
  readonly value: Term;
  /** How many steps there is place for. */
  readonly size: Term;
  /** All steps in one tensor, time first. */
  readonly stacked: readonly Ref[];
}

/** The arrays that loops read and write: TensorArrays and lists. */
export class LoopArrays {
  private readonly stacks: readonly {readonly ref: Ref; readonly term: Term}[];

  constructor(
    {nodes}: ModelGraph,
    private readonly terms: Terms,
  ) {
    this.stacks = nodes
      .filter(({op}) => /^TensorArrayGather|^TensorListStack/.test(op))
      .map(({name}) => ({ref: `${name}:0`, term: terms.of(`${name}:0`)}));
  }

  /** The data of which a tensor is the step that is at hand, time first. */
  readBy(term: Term, counters: ReadonlySet<Term>): Term | undefined {
    const [array, index, flow] = term.args;
    if (!array || !index || !counters.has(index)) return undefined;
    if (term.op === 'TensorListGetItem')
      return array.op === 'TensorListFromTensor' ? array.args[0] : undefined;
    if (!/^TensorArrayRead/.test(term.op) || !flow || !/^TensorArrayScatter/.test(flow.op)) return undefined;
    const [own, indices, value] = flow.args;
    return own === array && this.counts(indices) ? value : undefined;
  }

  /** An array that a variable is, with a write at each step and nothing else; undefined where it is none. */
  written(variable: LoopVariable, counters: ReadonlySet<Term>): WrittenArray | undefined {
    const {next, self, initial} = variable;
    const list = next.op === 'TensorListSetItem';
    if (!list && !/^TensorArrayWrite/.test(next.op)) return undefined;
    const [array, index, value, flow] = next.args;
    if (!array || !index || !value || !counters.has(index) || (list ? array : flow) !== self)
      return undefined;
    const {node} = list ? initial : array;
    // A list is reserved, a TensorArray made: its first output is the handle, its second what it holds.
    const made = list ? node.op === 'TensorListReserve' : /^TensorArray(V\d)?$/.test(node.op);
    // Before its third version a TensorArray had no such output, and 0 stood for it.
    const fresh = initial.node === node || (!list && !/V3$/.test(node.op) && scalarOf(initial) === 0);
    if (!made || !fresh || attribute(node, 'dynamic_size')?.bool) return undefined;
    const size = dataInputs(node)[list ? 1 : 0];
    if (size === undefined) return undefined;
    const sizeTerm = this.terms.of(size);
    return {variable, value, size: sizeTerm, stacked: this.stackedFrom(variable, array, sizeTerm, list)};
  }

  private stackedFrom(variable: LoopVariable, handle: Term, size: Term, list: boolean): Ref[] {
    const exits = new Set(variable.exits.map(ref => this.terms.of(ref)));
    return this.stacks.flatMap(({ref, term}) => {
      const [first, second, third] = term.args;
      if (list) {
        const count = attribute(term.node, 'num_elements')?.int ?? -1;
        const whole = count === -1 || count === numberOf(size);
        return exits.has(first!) && whole ? [ref] : [];
      }
      if (first !== handle || !exits.has(third!)) return [];
      return this.counts(second, size, exits) ? [ref] : [];
    });
  }

  /** Whether indices are `0, 1, 2, ...`: as many as what is scattered over them has, or (of `size`) all there are. */
  private counts(indices: Term | undefined, size?: Term, exits?: ReadonlySet<Term>): boolean {
    if (indices?.op !== 'Range') {
      const numbers = numbersOf(indices);
      const all = size === undefined || numbers?.length === numberOf(size);
      return all && numbers?.every((value, k) => value === k) === true;
    }
    const [start, limit, step] = indices.args;
    if (scalarOf(start) !== 0 || scalarOf(step) !== 1) return false;
    if (size === undefined || limit === size) return true;
    return limit !== undefined && /^TensorArraySize/.test(limit.op) && exits!.has(limit.args[1]!);
  }

  /** Whether a number is how many steps the data have. */
  isAllOf(count: Term, data: Term): boolean {
    const number = scalarOf(count);
    if (number !== undefined) return number === this.lengthOf(data);
    const [shape, begin, end] = count.op === 'StridedSlice' ? count.args : [];
    return (
      shape?.op === 'Shape' &&
      shape.args[0] === data &&
      numbersOf(begin)?.join() === '0' &&
      numbersOf(end)?.join() === '1' &&
      attribute(count.node, 'shrink_axis_mask')?.int === 1
    );
  }

  /** How long the first axis of a tensor is, where the graph tells. */
  private lengthOf(term: Term): number | undefined {
    if (term.value) return term.value.shape[0];
    if (term.op === 'Transpose') {
      const axis = numbersOf(term.args[1])?.[0];
      const {node, op} = term.args[0]!;
      const shape = op === '#leaf' && node.op === 'Placeholder' ? attribute(node, 'shape')?.shape : undefined;
      return axis === undefined ? undefined : (shape?.[axis] ?? undefined);
    }
    return undefined;
  }
}
