import type {GraphNode} from '../../../converters/graph-def/node';
import type {GraphVariable, GraphVariables} from './variables';
import {dataInputs, type GraphView, isAdd, outputRef, type Ref} from './view';

/** A step of a cell, as the graph computes it: in a loop's body, or one of the steps of an unrolled layer. */
export interface CellStep {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, GraphVariable>>;
  readonly x: Ref;
  /** The previous states, as the step reads them: c and h, or the only one. */
  readonly previous: readonly Ref[];
  /** The new states, as the step makes them. */
  readonly next: readonly Ref[];
  readonly output: Ref;
  /** What its operations do not tell. */
  readonly assumed?: readonly string[];
}

/** A product with a weight, and the bias that is added to it. */
export interface Affine {
  readonly node: GraphNode;
  readonly input: Ref;
  readonly kernel: GraphVariable;
  readonly bias?: GraphVariable;
  /** The shape that the product is given before the bias is added. */
  readonly fold?: Ref;
  readonly output: Ref;
}

export interface Matcher {
  readonly view: GraphView;
  readonly variables: GraphVariables;
}

/** What a MatMul with a variable is, with the bias after it. */
export function affine({view, variables}: Matcher, node: GraphNode): Affine | undefined {
  if (node.op !== 'MatMul' || view.flag(node, 'transpose_a') || view.flag(node, 'transpose_b'))
    return undefined;
  const [input, weight] = dataInputs(node);
  const kernel = variables.of(weight) ?? variables.of(reshaped(view, weight));
  if (input === undefined || kernel?.shape.length !== 2) return undefined;
  const product = outputRef(node);
  const folds = view.consumers(product).filter(({op}) => op === 'Reshape');
  for (const fold of [undefined, ...folds]) {
    const ref = fold ? outputRef(fold) : product;
    for (const add of view.consumers(ref).filter(isAdd)) {
      const bias = variables.of(view.other(add, ref));
      if (bias?.shape.length !== 1) continue;
      return {node, input, kernel, bias, fold: fold && view.input(fold, 1), output: outputRef(add)};
    }
  }
  return {node, input, kernel, output: product};
}

/** A weight before `tensordot` (a Dense layer over sequences) brings it into the shape that it has already. */
function reshaped(view: GraphView, weight: Ref | undefined): Ref | undefined {
  const fold = weight === undefined ? undefined : view.source(weight);
  if (fold?.op !== 'Reshape') return undefined;
  const inner = view.source(dataInputs(fold)[0]!);
  return inner && view.keepsAxes(inner) ? view.input(inner, 0) : dataInputs(fold)[0];
}

/** `[x, h]` side by side. */
export function stackedInput(view: GraphView, ref: Ref): {x: Ref; h: Ref} | undefined {
  const node = view.source(ref);
  if (!node || (node.op !== 'ConcatV2' && node.op !== 'Concat')) return undefined;
  const inputs = dataInputs(node);
  const [x, h] = node.op === 'Concat' ? inputs.slice(1) : inputs;
  return x !== undefined && h !== undefined && inputs.length === 3 ? {x, h} : undefined;
}

/** The parts that a tensor is split into, if it is into `count`. */
export function parts(view: GraphView, ref: Ref, count: number): Ref[] | undefined {
  const split = view
    .consumers(ref)
    .find(node => (node.op === 'Split' || node.op === 'SplitV') && view.int(node, 'num_split') === count);
  return split && Array.from({length: count}, (_, k) => outputRef(split, k));
}

const ACTIVATIONS: Readonly<Record<string, string>> = {
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
  Relu: 'relu',
  Relu6: 'relu6',
  Elu: 'elu',
  Selu: 'selu',
  Softplus: 'softplus',
  Softsign: 'softsign',
  LeakyRelu: 'leaky_relu',
};

/** Where a tensor goes through an activation, if it does. */
export function activated(view: GraphView, ref: Ref): {activation: string; output: Ref}[] {
  const found = view.consumers(ref).flatMap(node => {
    const activation = ACTIVATIONS[node.op];
    return activation ? [{activation, output: outputRef(node)}] : [];
  });
  return [...found, {activation: 'linear', output: ref}];
}

export const activationOf = (op: string): string | undefined => ACTIVATIONS[op];

/** The product of two tensors, one of which is `ref`. */
export function products(view: GraphView, ref: Ref): {other: Ref; output: Ref}[] {
  return view.consumers(ref).flatMap(node => {
    if (node.op !== 'Mul') return [];
    const other = view.other(node, ref);
    return other === undefined ? [] : [{other, output: outputRef(node)}];
  });
}

export function sums(view: GraphView, ref: Ref): {other: Ref; output: Ref}[] {
  return view.consumers(ref).flatMap(node => {
    if (!isAdd(node)) return [];
    const other = view.other(node, ref);
    return other === undefined ? [] : [{other, output: outputRef(node)}];
  });
}

/** `clip_by_value(ref, −limit, limit)` */
export function clipped(view: GraphView, ref: Ref): {limit: number; output: Ref} | undefined {
  for (const node of view.consumers(ref)) {
    const limit = view.number(view.other(node, ref));
    if (node.op === 'ClipByValue') {
      const high = view.number(view.input(node, 2));
      if (high !== undefined) return {limit: high, output: outputRef(node)};
    }
    if (node.op !== 'Minimum' || limit === undefined) continue;
    const low = view.consumers(outputRef(node)).find(({op}) => op === 'Maximum');
    if (low) return {limit, output: outputRef(low)};
  }
  return undefined;
}

/** A float32 constant in the fewest digits that still are it. */
export function exact(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}
