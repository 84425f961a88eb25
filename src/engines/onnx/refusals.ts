import {isPointSymmetric, sameActivation} from '../../recurrence/activations';
import {addedPeepholes, anyValue, only, type Support, unset, unsupported} from '../../recurrence/fields';
import {memoized} from '../../recurrence/memo';
import {entriesOf} from '../../recurrence/records';
import type {Recurrence} from '../../recurrence/types';
import type {Call} from '../types';
import {onnxActivation} from './activations';
import {MASKED_OUTPUT} from './masks';
import {OPERATORS} from './operators';

/** Why ONNX's LSTM, GRU and RNN operators cannot run a call exactly; undefined if they can. */
export function refusal(r: Recurrence, call: Call): string | undefined {
  if (call.save) return 'ONNX Runtime runs forwards only; this call is for training';
  if (call.masked && MASKED_OUTPUT[r.mask] === undefined) return `ONNX has no mask rule '${r.mask}'`;
  return refusalOf(r);
}

/** What ONNX's operators can run. Whatever is not allowed here is refused. */
const SUPPORT: Support = {
  cell: cell => (OPERATORS[cell] ? undefined : `ONNX has no ${cell} cell`),
  input: only(['features'], 'ONNX takes features, not pre-activations'),
  recurrentDropout: unset('ONNX has no dropout inside of a recurrence'),
  recurrent: only([undefined, 'matrix'], 'ONNX has no recurrent kernels but matrices'),
  layerNorm: unset('ONNX has no layer normalization inside of a cell'),
  projection: unset('ONNX has no projection of h'),
  projectionClip: unset('ONNX has no projection of h'),
  cellClip: unset('ONNX limits pre-activations, not the cell'),
  peepholes: addedPeepholes,
  activations: (_, r) => activationRefusal(r),
  updateGate: (gate, r) =>
    gate === 'takes' && r.cell === 'gru' && !isPointSymmetric(r.activations.z!)
      ? 'ONNX has update gates that keep only'
      : undefined,
  coupled: (coupled, r) =>
    coupled && r.cell === 'lstm' && !isPointSymmetric(r.activations.f!)
      ? 'ONNX has no input gate that is what the forget gate leaves'
      : undefined,
  // Numbers in the model, or in what is made of its inputs and outputs.
  units: anyValue,
  direction: anyValue,
  outputOrder: anyValue,
  bias: anyValue,
  recurrentBias: anyValue,
  forgetBias: anyValue,
  reset: anyValue,
  // Calls with a mask are looked at one by one.
  mask: anyValue,
  // Of gradients, which ONNX Runtime does not make.
  bptt: anyValue,
};

const refusalOf = memoized(r => unsupported(SUPPORT, r));

function activationRefusal({cell, activations, coupled}: Recurrence): string | undefined {
  const other = entriesOf(activations).find(([, f]) => onnxActivation(f) === undefined);
  if (other) return `ONNX has no ${other[1].kind}`;
  // A coupled input gate has no activation of its own.
  const alike = (OPERATORS[cell]?.alike ?? []).filter(gate => !(coupled && gate === 'i'));
  const [first, ...others] = alike.map(gate => activations[gate]!);
  return others.some(f => !sameActivation(f, first!))
    ? `ONNX has one activation for ${alike.join(', ')}`
    : undefined;
}
