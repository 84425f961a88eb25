import {
  type Affine,
  activated,
  affine,
  type CellStep,
  exact,
  type Matcher,
  parts,
  products,
  stackedInput,
  sums,
} from './match';
import {outputRef, type Ref} from './view';

/** A candidate of a GRU: what goes into it, and where it comes out of its activation. */
interface Candidate {
  readonly variables: CellStep['variables'];
  readonly className: string;
  readonly activation: string;
  readonly output: Ref;
}

/**
 * GRUCell and CudnnCompatibleGRUCell, and UGRNNCell, by their operations. Source: rnn_cell_impl.py of 1.15.5, rnn_cell.py of
 * 0.12.1, contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py and contrib/rnn/python/ops/rnn_cell.py of 1.15.5.
 */
export function gruStep(matcher: Matcher, dense: Affine): CellStep | undefined {
  const {view} = matcher;
  const stacked = stackedInput(view, dense.input);
  if (!stacked || !dense.bias) return undefined;
  const gates = gatesOf(matcher, dense.output);
  if (!gates) return ugrnnStep(matcher, dense, stacked);
  const candidate = [
    ...products(view, gates.r).map(({output}) => before(matcher, output)),
    ...products(view, gates.r).map(({other, output}) => after(matcher, other, output)),
  ].find(found => found !== undefined);
  if (!candidate) return undefined;
  const state = mixed(matcher, gates.u, candidate.output);
  if (!state) return undefined;
  return {
    className: candidate.className,
    config: {
      num_units: dense.bias.shape[0]! / 2,
      ...(candidate.activation !== 'tanh' && {activation: candidate.activation}),
    },
    variables: {'gates/kernel': dense.kernel, 'gates/bias': dense.bias, ...candidate.variables},
    x: stacked.x,
    previous: [state.previous],
    next: [state.next],
    output: state.next,
  };
}

/** r and u: split and then squashed up to 1.1, the other way round since. */
function gatesOf({view}: Matcher, ref: Ref): {r: Ref; u: Ref} | undefined {
  const squashed = view.consumers(ref).find(({op}) => op === 'Sigmoid');
  const split = parts(view, squashed ? outputRef(squashed) : ref, 2);
  if (!split) return undefined;
  const [r, u] = squashed
    ? split
    : split.map(part => {
        const sigmoid = view.consumers(part).find(({op}) => op === 'Sigmoid');
        return sigmoid && outputRef(sigmoid);
      });
  return r !== undefined && u !== undefined ? {r, u} : undefined;
}

/** GRUCell: `act([x, r · h] · W + b)` */
function before(matcher: Matcher, reset: Ref): Candidate | undefined {
  const {view} = matcher;
  for (const concat of view.consumers(reset)) {
    for (const node of view.consumers(outputRef(concat))) {
      const dense = affine(matcher, node);
      if (!dense?.bias || !stackedInput(view, dense.input)) continue;
      const [first] = activated(view, dense.output);
      const variables = {'candidate/kernel': dense.kernel, 'candidate/bias': dense.bias};
      return {className: 'GRUCell', variables, ...first!};
    }
  }
  return undefined;
}

/** CudnnCompatibleGRUCell: `act(x · W + b + r · (h · U + b'))` */
function after(matcher: Matcher, hidden: Ref, reset: Ref): Candidate | undefined {
  const {view} = matcher;
  const recurrent = affineAt(matcher, hidden);
  for (const sum of sums(view, reset)) {
    const input = affineAt(matcher, sum.other);
    if (!recurrent?.bias || !input?.bias) continue;
    const [first] = activated(view, sum.output);
    const variables = {
      'candidate/input_projection/kernel': input.kernel,
      'candidate/hidden_projection/kernel': recurrent.kernel,
      'candidate/input_projection/bias': input.bias,
      'candidate/hidden_projection/bias': recurrent.bias,
    };
    return {className: 'CudnnCompatibleGRUCell', variables, ...first!};
  }
  return undefined;
}

/** The product and bias that a tensor is. */
function affineAt(matcher: Matcher, ref: Ref): Affine | undefined {
  const {view} = matcher;
  const add = view.source(ref);
  if (!add) return undefined;
  for (const input of [0, 1]) {
    const operand = view.input(add, input);
    const node = operand === undefined ? undefined : view.source(operand);
    const dense = node && affine(matcher, node);
    if (dense?.output === outputRef(add)) return dense;
  }
  return undefined;
}

/** `u · h + (1 − u) · c` */
function mixed({view}: Matcher, u: Ref, candidate: Ref): {previous: Ref; next: Ref} | undefined {
  const others = view
    .consumers(u)
    .filter(({op}) => op === 'Sub')
    .map(node => outputRef(node));
  for (const kept of products(view, u)) {
    for (const sum of sums(view, kept.output)) {
      const added = products(view, candidate).find(({output}) => output === sum.other);
      if (added && others.includes(added.other)) return {previous: kept.other, next: sum.output};
    }
  }
  return undefined;
}

/** `g · h + (1 − g) · act(c)`, g of `[g, c]` with the forget bias added */
function ugrnnStep(matcher: Matcher, dense: Affine, {x}: {x: Ref}): CellStep | undefined {
  const {view} = matcher;
  const split = parts(view, dense.output, 2);
  if (!split || !dense.bias) return undefined;
  for (const sum of sums(view, split[0]!)) {
    const bias = view.number(sum.other);
    const sigmoid = view.consumers(sum.output).find(({op}) => op === 'Sigmoid');
    if (bias === undefined || !sigmoid) continue;
    for (const {activation, output} of activated(view, split[1]!)) {
      const state = mixed(matcher, outputRef(sigmoid), output);
      if (!state) continue;
      return {
        className: 'UGRNNCell',
        config: {
          num_units: dense.bias.shape[0]! / 2,
          forget_bias: exact(bias),
          ...(activation !== 'tanh' && {activation}),
        },
        variables: {kernel: dense.kernel, bias: dense.bias},
        x,
        previous: [state.previous],
        next: [state.next],
        output: state.next,
      };
    }
  }
  return undefined;
}
