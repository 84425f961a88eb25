import {exact} from '../../recipes/graph/match';
import {activations} from './activated';
import {type CellStep, type Product, partOf, productOf, shapeOf, weight} from './cell';
import {addends, factors, scalarOf, summands, type Term} from './term';

/** The sum before a gate's sigmoid. */
interface Gate {
  readonly product: Term;
  readonly index: number;
  readonly count: number;
  readonly bias: number;
  readonly peephole?: {readonly weight: Term; readonly state: Term};
}

/** The new memory, and what it is made of. */
interface Memory {
  readonly previous: Term;
  readonly clip: number | undefined;
  readonly activation: string;
  readonly forget: Gate;
  /** Undefined where it is one minus the forget gate. */
  readonly input: Gate | undefined;
  readonly candidate: Gate;
}

/** h made smaller on its way out. */
interface Projection {
  readonly kernel: Term;
  readonly clip: number | undefined;
}

/**
 * BasicLSTMCell, LSTMCell and CoupledInputForgetGateLSTMCell from h back. Source: `call` of each in
 * tensorflow/python/ops/rnn_cell_impl.py and contrib/rnn/python/ops/rnn_cell.py of 1.15.5.
 */
export function lstmCell(output: Term): CellStep | undefined {
  const plain = hiddenStep(output, output, undefined);
  if (plain) return plain;
  const clip = clipOf(output);
  const product = clip?.value ?? output;
  const kernel = product.op === 'matmul' ? weight(product.args[1], 2) : undefined;
  return kernel && hiddenStep(output, product.args[0]!, {kernel, clip: clip?.limit});
}

/** A symmetric clip. */
function clipOf(term: Term): {value: Term; limit: number} | undefined {
  if (term.op !== 'clip') return undefined;
  const [value, low, high] = term.args;
  const limit = scalarOf(high);
  return limit !== undefined && limit > 0 && scalarOf(low) === -limit ? {value: value!, limit} : undefined;
}

function hiddenStep(output: Term, hidden: Term, projection: Projection | undefined): CellStep | undefined {
  for (const [gate, squashed] of factors(hidden)) {
    const opened = gate.op === 'sigmoid' ? gateOf(gate.args[0]!) : undefined;
    if (!opened) continue;
    for (const {activation, input} of activations(squashed)) {
      for (const memory of memoriesOf(input)) {
        const step = stepOf({output, memory, c: input, out: opened, projection, activation});
        if (step) return step;
      }
    }
  }
  return undefined;
}

function gateOf(sum: Term): Gate | undefined {
  const parts = summands(sum);
  let bias = 0;
  let cut: ReturnType<typeof partOf>;
  let peephole: Gate['peephole'];
  for (const term of parts) {
    const number = scalarOf(term);
    const found = partOf(term);
    const seen = factors(term).find(([factor]) => weight(factor, 1));
    if (number !== undefined) bias += number;
    else if (found && !cut) cut = found;
    else if (seen && !peephole) peephole = {weight: seen[0], state: seen[1]};
    else return undefined;
  }
  return cut && {product: cut.whole, index: cut.index, count: cut.count, bias, peephole};
}

/** `sigmoid(f) · c + sigmoid(i) · act(j)`, maybe clipped, in every way in which a term may be read as that. */
function memoriesOf(term: Term): Memory[] {
  const clip = clipOf(term);
  const sum = clip?.value ?? term;
  const found: Memory[] = [];
  for (const [kept, added] of addends(sum)) {
    for (const [gate, previous] of factors(kept)) {
      const forget = gate.op === 'sigmoid' ? gateOf(gate.args[0]!) : undefined;
      for (const [opening, fresh] of forget ? factors(added) : []) {
        const input = inputGate(opening, gate);
        const candidate = input && candidateOf(fresh);
        if (candidate) found.push({previous, clip: clip?.limit, forget: forget!, ...input, ...candidate});
      }
    }
  }
  return found;
}

function inputGate(opening: Term, forget: Term): {input: Gate | undefined} | undefined {
  if (opening.op === 'sub' && scalarOf(opening.args[0]) === 1 && opening.args[1] === forget)
    return {input: undefined};
  const input = opening.op === 'sigmoid' ? gateOf(opening.args[0]!) : undefined;
  return input && {input};
}

function candidateOf(fresh: Term): Pick<Memory, 'candidate' | 'activation'> | undefined {
  for (const {activation, input} of activations(fresh)) {
    const candidate = gateOf(input);
    if (candidate) return {candidate, activation};
  }
  return undefined;
}

interface Parts {
  readonly output: Term;
  readonly memory: Memory;
  readonly c: Term;
  readonly out: Gate;
  readonly projection: Projection | undefined;
  readonly activation: string;
}

function stepOf({output, memory, c, out, projection, activation}: Parts): CellStep | undefined {
  const {forget, input, candidate, previous, clip} = memory;
  if (activation !== memory.activation) return undefined;
  const gates = input ? [input, candidate, forget, out] : [candidate, forget, out];
  const product = inOrder(gates);
  const [x, h, ...more] = product?.inputs ?? [];
  if (!product || !x || !h || more.length > 0) return undefined;
  const biased = [input, candidate, out].some(gate => (gate?.bias ?? 0) !== 0);
  const peepholes = peepholesOf(memory, out, c);
  if (biased || !peepholes || candidate.peephole) return undefined;
  const units = product.width / gates.length;
  const extras = {
    ...(Object.keys(peepholes).length > 0 && {use_peepholes: true}),
    ...(clip !== undefined && {cell_clip: exact(clip)}),
    ...(projection && projected(projection, units)),
  };
  const basic = Object.keys(extras).length === 0;
  if (!input && clip !== undefined) return undefined;
  return {
    className: input ? (basic ? 'BasicLSTMCell' : 'LSTMCell') : 'CoupledInputForgetGateLSTMCell',
    config: {
      num_units: units,
      ...extras,
      forget_bias: exact(forget.bias),
      ...(activation !== 'tanh' && {activation}),
    },
    weights: {
      kernel: product.kernel,
      bias: product.bias,
      ...peepholes,
      ...(projection && {'projection/kernel': projection.kernel}),
    },
    x,
    previous: [previous, h],
    next: [c, output],
    output,
  };
}

/** The product that all gates are parts of, in this order. */
function inOrder(gates: readonly Gate[]): Product | undefined {
  const [first] = gates as [Gate];
  const fits = gates.every(
    ({product, index, count}, k) => product === first.product && index === k && count === gates.length,
  );
  return fits ? productOf(first.product) : undefined;
}

/** All of them or none; those of the input and forget gate read the old memory, the output's the new one. */
function peepholesOf(
  {input, forget, previous}: Memory,
  out: Gate,
  c: Term,
): Record<string, Term> | undefined {
  const given = input ? [forget, input, out] : [forget, out];
  const seen = given.map(({peephole}) => peephole);
  if (seen.every(peephole => !peephole)) return {};
  const read = given.map(gate => (gate === out ? c : previous));
  if (seen.some((peephole, k) => peephole?.state !== read[k])) return undefined;
  const names = input ? ['w_f_diag', 'w_i_diag', 'w_o_diag'] : ['w_f_diag', 'w_o_diag'];
  return Object.fromEntries(names.map((name, k) => [name, seen[k]!.weight]));
}

function projected({kernel, clip}: Projection, units: number): Record<string, number> | undefined {
  const [rows, columns] = shapeOf(kernel);
  if (rows !== units) return undefined;
  return {num_proj: columns!, ...(clip !== undefined && {proj_clip: exact(clip)})};
}
