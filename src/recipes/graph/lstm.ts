import {
  type Affine,
  activated,
  affine,
  type CellStep,
  clipped,
  exact,
  type Matcher,
  parts,
  products,
  stackedInput,
  sums,
} from './match';
import type {GraphVariable} from './variables';
import {outputRef, type Ref} from './view';

/** A gate on its way from the split to its sigmoid. */
interface Gate {
  readonly sigmoid: Ref;
  readonly bias?: number;
  readonly peephole?: GraphVariable;
}

/** h made smaller on its way out. */
interface Projection {
  readonly weight: GraphVariable;
  readonly clip?: number;
  readonly output: Ref;
}

/**
 * BasicLSTMCell, LSTMCell and CoupledInputForgetGateLSTMCell by their operations: whatever their variables are called, what
 * is added to the forget gate, which activations and clips they have is in the graph. Source: `call` of each in
 * tensorflow/python/ops/rnn_cell_impl.py of 1.15.5, `__call__` in rnn_cell.py of 0.12.1.
 */
export function lstmStep(matcher: Matcher, dense: Affine): CellStep | undefined {
  const {view} = matcher;
  const stacked = stackedInput(view, dense.input);
  const four = parts(view, dense.output, 4);
  const split = four ?? parts(view, dense.output, 3);
  if (!stacked || !split || !dense.bias) return undefined;
  const [i, j, f, o] = four ? split : [undefined, ...split];
  const forget = gate(matcher, f!);
  const output = gate(matcher, o!);
  const input = i === undefined ? undefined : gate(matcher, i);
  if (!forget || !output || (i !== undefined && !input)) return undefined;
  const state = newState(matcher, forget, input, j!);
  if (!state) return undefined;
  const clip = clipped(view, state.c);
  const c = clip?.output ?? state.c;
  const hidden = hiddenOf(matcher, output, c);
  if (!hidden) return undefined;
  const projected = project(matcher, hidden, stacked.h);
  const peepholes = {w_f_diag: forget.peephole, w_i_diag: input?.peephole, w_o_diag: output.peephole};
  const given = Object.entries(peepholes).filter(
    (entry): entry is [string, GraphVariable] => entry[1] !== undefined,
  );
  const extras = {
    ...(given.length > 0 && {use_peepholes: true}),
    ...(clip && {cell_clip: exact(clip.limit)}),
    ...(projected && projectionSettings(projected)),
  };
  return {
    className: classOf(four !== undefined, Object.keys(extras).length === 0),
    config: {
      num_units: dense.bias.shape[0]! / split.length,
      ...extras,
      forget_bias: exact(forget.bias ?? 0),
      ...(state.activation !== 'tanh' && {activation: state.activation}),
    },
    variables: {
      kernel: dense.kernel,
      bias: dense.bias,
      ...Object.fromEntries(given),
      ...(projected && {'projection/kernel': projected.weight}),
    },
    x: stacked.x,
    previous: [state.previous, stacked.h],
    next: [c, projected?.output ?? hidden],
    output: projected?.output ?? hidden,
  };
}

/** @param plain without peepholes, projection and clips */
function classOf(hasInputGate: boolean, plain: boolean): string {
  if (!hasInputGate) return 'CoupledInputForgetGateLSTMCell';
  return plain ? 'BasicLSTMCell' : 'LSTMCell';
}

function projectionSettings({weight, clip}: Projection): Readonly<Record<string, unknown>> {
  return {num_proj: weight.shape[1], ...(clip !== undefined && {proj_clip: exact(clip)})};
}

/** Follows a gate through the forget bias and the peephole that are added to it. */
function gate({view, variables}: Matcher, from: Ref): Gate | undefined {
  let at = from;
  let bias: number | undefined;
  let peephole: GraphVariable | undefined;
  for (let k = 0; k < 4; k++) {
    const sigmoid = view.consumers(at).find(({op}) => op === 'Sigmoid');
    if (sigmoid) return {sigmoid: outputRef(sigmoid), bias, peephole};
    const [sum] = sums(view, at);
    if (!sum) return undefined;
    const number = view.number(sum.other);
    const product = view.source(sum.other);
    if (number !== undefined) bias = (bias ?? 0) + number;
    else if (product?.op === 'Mul') {
      const [a, b] = [view.input(product, 0), view.input(product, 1)];
      peephole = variables.of(a) ?? variables.of(b);
    } else return undefined;
    at = sum.output;
  }
  return undefined;
}

/** `c · f + act(j) · i` */
function newState(
  {view}: Matcher,
  forget: Gate,
  input: Gate | undefined,
  j: Ref,
): {c: Ref; previous: Ref; activation: string} | undefined {
  for (const kept of products(view, forget.sigmoid)) {
    for (const sum of sums(view, kept.output)) {
      for (const {activation, output} of activated(view, j)) {
        const added = products(view, output).find(product => product.output === sum.other);
        if (added && (!input || added.other === input.sigmoid)) {
          return {c: sum.output, previous: kept.other, activation};
        }
      }
    }
  }
  return undefined;
}

/** `o · act(c)` */
function hiddenOf({view}: Matcher, {sigmoid}: Gate, c: Ref): Ref | undefined {
  const candidates = activated(view, c).map(({output}) => output);
  return products(view, sigmoid).find(({other}) => candidates.includes(other))?.output;
}

/** A product with a weight is the projection if what comes out is what the next step reads. */
function project(matcher: Matcher, hidden: Ref, previous: Ref): Projection | undefined {
  const {view} = matcher;
  for (const node of view.consumers(hidden)) {
    const dense = affine(matcher, node);
    if (!dense || dense.bias || view.resolve(dense.input) !== view.resolve(hidden)) continue;
    const clip = clipped(view, dense.output);
    const output = clip?.output ?? dense.output;
    if (isProjection(matcher, dense, output, previous))
      return {weight: dense.kernel, clip: clip?.limit, output};
  }
  return undefined;
}

function isProjection(
  matcher: Matcher,
  {kernel, output: product}: Affine,
  output: Ref,
  previous: Ref,
): boolean {
  const {view} = matcher;
  const name = [kernel.array].flat()[0]!;
  if (/(?:^|\/)(?:projection\/(?:weights|kernel)|W_P_\d+)$/.test(name)) return true;
  const merge = view.source(previous);
  const loop = merge && view.loop(merge);
  return loop !== undefined && [output, product].some(ref => reads(matcher, loop.next, ref));
}

/** Whether a state's next value is this tensor, on rows that have not ended. */
function reads({view}: Matcher, next: Ref, ref: Ref): boolean {
  const node = view.producer(next);
  if (next === ref) return true;
  return (node?.op === 'Select' || node?.op === 'SelectV2') && view.input(node, 2) === ref;
}
