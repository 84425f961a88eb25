import {type Activation, sameActivation} from '../../recurrence/activations';
import {memoized} from '../../recurrence/memo';
import type {Gate, Recurrence} from '../../recurrence/types';
import type {Call} from '../types';
import {onnxActivation} from './activations';

/** Why ONNX's LSTM, GRU and RNN operators cannot say a call exactly; undefined if they can. */
export function refusal(r: Recurrence, call: Call): string | undefined {
  if (call.save) return 'ONNX Runtime runs forwards only; this call is for training';
  if (call.masked && r.mask === 'forget') return 'ONNX has no masks that make a step forget';
  return unsaid(r);
}

/** Why they cannot say a recurrence, whatever the call. */
const unsaid = memoized((r): string | undefined => {
  if (r.cell !== 'lstm' && r.cell !== 'gru' && r.cell !== 'simple') return `ONNX has no ${r.cell} cell`;
  if (r.input !== 'features') return 'ONNX takes features, not pre-activations';
  if (r.recurrentDropout) return 'ONNX has no dropout inside of a recurrence';
  if (r.recurrent === 'diagonal') return 'ONNX has no diagonal recurrent kernels';
  if (r.layerNorm) return 'ONNX has no layer normalization inside of a cell';
  if (r.projection !== undefined || r.projectionClip !== undefined) return 'ONNX has no projection of h';
  if (r.cellClip !== undefined) return 'ONNX limits pre-activations, not the cell';
  return unsaidPeephole(r) ?? unsaidActivation(r);
});

function unsaidPeephole({peepholes}: Recurrence): string | undefined {
  for (const [gate, peephole] of Object.entries(peepholes ?? {})) {
    if (!peephole) continue;
    if (peephole.rule !== 'add') return `the ${gate} gate's peephole replaces its pre-activation`;
    const reads = gate === 'o' ? 'new' : 'previous';
    if (peephole.reads !== reads) return `the ${gate} gate's peephole does not read the ${reads} cell`;
  }
  return undefined;
}

/** Gates that share an activation in ONNX. */
const ALIKE: Readonly<Record<string, readonly Gate[]>> = {lstm: ['i', 'f', 'o'], gru: ['z', 'r']};

function unsaidActivation(r: Recurrence): string | undefined {
  const {activations} = r;
  const odd = Object.entries(activations).find(([, f]) => onnxActivation(f) === undefined);
  if (odd) return `ONNX has no ${odd[1].kind}`;
  const coupled = r.cell === 'lstm' && r.coupled === true;
  const alike = (ALIKE[r.cell] ?? []).filter(gate => !(coupled && gate === 'i'));
  const [first, ...others] = alike.map(gate => activations[gate]!);
  if (others.some(f => !sameActivation(f, first!))) return `ONNX has one activation for ${alike.join(', ')}`;
  if (r.updateGate === 'takes' && r.cell === 'gru' && !isOdd(first!))
    return 'ONNX has update gates that keep only';
  if (coupled && !isOdd(first!)) return 'ONNX has no input gate that is what the forget gate leaves';
  return undefined;
}

/**
 * Whether f(−x) = 1 − f(x): then an update gate that takes is one that keeps, with its weights negated, and a coupled
 * input gate is the forget gate with its weights negated.
 */
function isOdd(f: Activation): boolean {
  return f.kind === 'sigmoid' || (f.kind === 'hardSigmoid' && f.offset === 0.5);
}
