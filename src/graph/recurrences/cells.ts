import {attribute} from '../../../converters/graph-def/node';
import {exact} from '../../recipes/graph/match';
import {activations} from './activated';
import {type CellStep, productOf, shapeOf, weight} from './cell';
import {gruCell} from './gru';
import {lstmCell} from './lstm';
import {addends, type Term} from './term';
import type {Terms} from './terms';

/** The cell that puts a tensor out, the equations first that leave least open; undefined where it is none that is known. */
export function cellOf(output: Term, terms: Terms): CellStep | undefined {
  return blockCell(output, terms) ?? lstmCell(output) ?? gruCell(output) ?? rnnCell(output);
}

/** A cell, or one to whose output its input is added (ResidualWrapper). */
export function wrappedCellOf(term: Term, terms: Terms): {cell: CellStep; residual: boolean} | undefined {
  for (const [inner, added] of addends(term)) {
    const cell = cellOf(inner, terms);
    if (cell && cell.x === added) return {cell, residual: true};
  }
  const cell = cellOf(term, terms);
  return cell && {cell, residual: false};
}

/** BasicRNNCell: `act([x, h] · W + b)`. Source: rnn_cell_impl.py of TensorFlow 1.15.5. */
function rnnCell(output: Term): CellStep | undefined {
  for (const {activation, input} of activations(output)) {
    const product = productOf(input);
    const [x, h, ...more] = product?.inputs ?? [];
    if (!product || !x || !h || more.length > 0) continue;
    return {
      className: 'BasicRNNCell',
      config: {num_units: product.width, ...(activation !== 'tanh' && {activation})},
      weights: {kernel: product.kernel, bias: product.bias},
      x,
      previous: [h],
      next: [output],
      output,
    };
  }
  return undefined;
}

/** The cells that are operations of their own. Source: contrib/rnn/ops/{lstm,gru}_ops.cc of TensorFlow 1.15.5. */
function blockCell(output: Term, terms: Terms): CellStep | undefined {
  if (output.op === 'LSTMBlockCell') return lstmBlock(output, terms);
  return output.op === 'GRUBlockCell' ? gruBlock(output) : undefined;
}

const LSTM_C = 1;
const LSTM_H = 6;
const GRU_H = 3;

function lstmBlock(output: Term, terms: Terms): CellStep | undefined {
  const [x, c, h, w, wci, wcf, wco, b] = output.args;
  const found = lstmBlockCell(output, {w, wci, wcf, wco, b});
  if (output.output !== LSTM_H || !found || !x || !c || !h) return undefined;
  return {...found, x, previous: [c, h], next: [terms.sibling(output, LSTM_C), output], output};
}

/** Settings and arrays of the operations that are an LSTM. */
export function lstmBlockCell(
  {node}: Term,
  {w, wci, wcf, wco, b}: Readonly<Record<'w' | 'wci' | 'wcf' | 'wco' | 'b', Term | undefined>>,
): Pick<CellStep, 'className' | 'config' | 'weights'> | undefined {
  const [kernel, bias] = [weight(w, 2), weight(b, 1)];
  if (!kernel || !bias) return undefined;
  const peephole = attribute(node, 'use_peephole')?.bool === true;
  const [wi, wf, wo] = [weight(wci, 1), weight(wcf, 1), weight(wco, 1)];
  if (peephole && (!wi || !wf || !wo)) return undefined;
  const clip = attribute(node, 'cell_clip')?.float ?? 3;
  return {
    className: 'LSTMBlockCell',
    config: {
      num_units: shapeOf(bias)[0]! / 4,
      forget_bias: exact(attribute(node, 'forget_bias')?.float ?? 1),
      ...(peephole && {use_peephole: true}),
      ...(clip > 0 && {cell_clip: exact(clip)}),
    },
    weights: {kernel, bias, ...(peephole && {w_i_diag: wi!, w_f_diag: wf!, w_o_diag: wo!})},
  };
}

function gruBlock(output: Term): CellStep | undefined {
  const [x, h, ru, c, bru, bc] = output.args;
  const [gates, candidate] = [weight(ru, 2), weight(c, 2)];
  const [gatesBias, candidateBias] = [weight(bru, 1), weight(bc, 1)];
  if (output.output !== GRU_H || !x || !h || !gates || !candidate || !gatesBias || !candidateBias)
    return undefined;
  return {
    className: 'GRUBlockCellV2',
    config: {num_units: shapeOf(candidateBias)[0]!},
    weights: {
      'gates/kernel': gates,
      'gates/bias': gatesBias,
      'candidate/kernel': candidate,
      'candidate/bias': candidateBias,
    },
    x,
    previous: [h],
    next: [output],
    output,
  };
}
