import {activations} from './activated';
import {type CellStep, partOf, productOf} from './cell';
import {addends, factors, scalarOf, type Term} from './term';

/** GRUCell from h back: `u · h + (1 − u) · c`. Source: rnn_cell_impl.py of TensorFlow 1.15.5. */
export function gruCell(output: Term): CellStep | undefined {
  for (const [kept, added] of addends(output)) {
    for (const [update, h] of factors(kept)) {
      for (const [rest, candidate] of update.op === 'sigmoid' ? factors(added) : []) {
        const inverse = rest.op === 'sub' && scalarOf(rest.args[0]) === 1 && rest.args[1] === update;
        const step = inverse ? stepOf(output, update, h, candidate) : undefined;
        if (step) return step;
      }
    }
  }
  return undefined;
}

function stepOf(output: Term, update: Term, h: Term, squashed: Term): CellStep | undefined {
  const cut = partOf(update.args[0]!);
  const gates = cut?.index === 1 && cut.count === 2 ? productOf(cut.whole) : undefined;
  if (!cut || gates?.inputs.length !== 2 || gates.inputs[1] !== h) return undefined;
  const [x] = gates.inputs as [Term, Term];
  for (const {activation, input} of activations(squashed)) {
    const candidate = productOf(input);
    const [own, reset] = candidate?.inputs ?? [];
    if (!candidate || own !== x || !reset || candidate.width * 2 !== gates.width) continue;
    if (
      candidate.inputs.length !== 2 ||
      !factors(reset).some(([gate, state]) => state === h && opens(gate, cut.whole))
    )
      continue;
    return {
      className: 'GRUCell',
      config: {num_units: candidate.width, ...(activation !== 'tanh' && {activation})},
      weights: {
        'gates/kernel': gates.kernel,
        'gates/bias': gates.bias,
        'candidate/kernel': candidate.kernel,
        'candidate/bias': candidate.bias,
      },
      x,
      previous: [h],
      next: [output],
      output,
    };
  }
  return undefined;
}

/** Whether a gate is the first part of the same product. */
function opens(gate: Term, whole: Term): boolean {
  const cut = gate.op === 'sigmoid' ? partOf(gate.args[0]!) : undefined;
  return cut?.whole === whole && cut.index === 0 && cut.count === 2;
}
