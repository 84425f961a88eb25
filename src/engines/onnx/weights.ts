import {GATES, type Gate, type Recurrence} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {OPERATORS} from './operators';
import type {OnnxTensor} from './proto';

/** A weight's values in canonical layout. */
export type Values = (name: WeightName) => Float32Array | undefined;

/** Canonical weights as ONNX's W `[1, gates·units, features]`, R, B `[1, 2·gates·units]` and P `[1, 3·units]`. */
export function onnxWeights(r: Recurrence, features: number, values: Values): OnnxTensor[] {
  const {units, cell} = r;
  const order = OPERATORS[cell]!.gates;
  const width = order.length * units;
  const source = (gate: Gate): Gate => (gate === 'i' && r.coupled ? 'f' : gate);
  const columns = order.map(gate => GATES[cell].indexOf(source(gate)) * units);
  // f(−x) = 1 − f(x): what is one minus a gate is that gate with its weights negated.
  const sign = (gate: Gate): number => {
    const opposite = cell === 'gru' ? gate === 'z' && r.updateGate === 'takes' : gate !== source(gate);
    return opposite ? -1 : 1;
  };

  const matrix = (name: string, canonical: Float32Array, rows: number): OnnxTensor => {
    const data = new Float32Array(width * rows);
    for (const [g, gate] of order.entries())
      for (let u = 0; u < units; u++)
        for (let k = 0; k < rows; k++)
          data[(g * units + u) * rows + k] = sign(gate) * canonical[k * width + columns[g]! + u]!;
    return {name, dims: [1, width, rows], data};
  };
  const bias = new Float32Array(2 * width);
  const own = values('bias');
  const recurrent = cell === 'gru' && r.reset === 'after' ? values('recurrentBias') : undefined;
  for (const [g, gate] of order.entries()) {
    const constant = cell === 'lstm' && source(gate) === 'f' ? (r.forgetBias ?? 0) : 0;
    for (let u = 0; u < units; u++) {
      const column = columns[g]! + u;
      bias[g * units + u] = sign(gate) * ((own?.[column] ?? 0) + constant);
      bias[width + g * units + u] = sign(gate) * (recurrent?.[column] ?? 0);
    }
  }
  const tensors = [
    matrix('W', values('kernel')!, features),
    matrix('R', values('recurrentKernel')!, units),
    {name: 'B', dims: [1, 2 * width], data: bias},
  ];
  return hasPeepholes(r) ? [...tensors, peepholes(r, values)] : tensors;
}

export function hasPeepholes({cell, peepholes}: Recurrence): boolean {
  return cell === 'lstm' && Object.values(peepholes ?? {}).some(peephole => peephole !== undefined);
}

function peepholes(r: Recurrence, values: Values): OnnxTensor {
  const data = new Float32Array(3 * r.units);
  for (const [k, gate] of (['i', 'o', 'f'] as const).entries()) {
    const coupled = gate === 'i' && r.coupled;
    const source = coupled ? 'f' : gate;
    const own = r.peepholes?.[source] && values(`peephole.${source}`)!;
    if (own) data.set(coupled ? own.map(value => -value) : own, k * r.units);
  }
  return {name: 'P', dims: [1, 3 * r.units], data};
}
