import {CarryoverError} from '../../errors';
import {GATES, type Gate, type PeepholeGate, type Recurrence} from '../../recurrence/types';
import {type WeightName, weightsOf} from '../../recurrence/weights';
import {OPERATORS} from './operators';
import type {OnnxTensor} from './proto';

/** A weight's values in canonical layout. */
export type Values = (name: WeightName) => Float32Array | undefined;

/** The inputs of ONNX's operators that hold weights: the kernels, the biases, the peepholes. */
export type OnnxWeight = 'W' | 'R' | 'B' | 'P';

/** Puts a canonical weight into its inputs of the operator. */
type Writer = (into: OnnxWeights, values: Float32Array) => void;

const peephole =
  (gate: PeepholeGate): Writer =>
  (into, values) =>
    into.peephole(gate, values);

/** Where each canonical weight goes. Undefined: the operators have no such weight, and recurrences that have it are refused. */
const WRITERS: Readonly<Record<WeightName, Writer | undefined>> = {
  kernel: (into, values) => into.matrix('W', values),
  recurrentKernel: (into, values) => into.matrix('R', values),
  bias: (into, values) => into.bias(0, values),
  recurrentBias: (into, values) => into.bias(1, values),
  'peephole.i': peephole('i'),
  'peephole.f': peephole('f'),
  'peephole.o': peephole('o'),
  stepBias: undefined,
  projection: undefined,
  'gain.i': undefined,
  'shift.i': undefined,
  'gain.f': undefined,
  'shift.f': undefined,
  'gain.c': undefined,
  'shift.c': undefined,
  'gain.o': undefined,
  'shift.o': undefined,
  'gain.state': undefined,
  'shift.state': undefined,
};

/** The peepholes' order in P. */
const PEEPHOLES: readonly PeepholeGate[] = ['i', 'o', 'f'];

/**
 * Canonical weights as ONNX's W `[1, gates·units, features]`, R, B `[1, 2·gates·units]` and, where there are peepholes, P
 * `[1, 3·units]`.
 * @throws CarryoverError `E_ENGINE` for a weight that ONNX's operators do not have
 */
export function onnxWeights(r: Recurrence, features: number, values: Values): OnnxTensor<OnnxWeight>[] {
  const into = new OnnxWeights(r, features);
  for (const {name} of weightsOf(r)) {
    const write = WRITERS[name];
    if (!write) throw new CarryoverError('E_ENGINE', `engine onnx has no place for the weight '${name}'`);
    const own = values(name);
    if (own) write(into, own);
  }
  return into.tensors();
}

/** Whether a recurrence has the input P. */
export function hasPeepholes(r: Recurrence): boolean {
  return PEEPHOLES.some(gate => weightsOf(r).some(({name}) => name === `peephole.${gate}`));
}

/** The operator's inputs, being filled; what no weight fills is zero. */
class OnnxWeights {
  private readonly order: readonly Gate[];
  private readonly width: number;
  private readonly data: Record<OnnxWeight, Float32Array>;

  constructor(
    private readonly r: Recurrence,
    private readonly features: number,
  ) {
    this.order = OPERATORS[r.cell]!.gates;
    this.width = this.order.length * r.units;
    this.data = {
      W: new Float32Array(this.width * features),
      R: new Float32Array(this.width * r.units),
      B: new Float32Array(2 * this.width),
      P: new Float32Array(PEEPHOLES.length * r.units),
    };
    this.addForgetBias();
  }

  matrix(input: 'W' | 'R', values: Float32Array): void {
    const {order, width, r, data} = this;
    const rows = this.rows(input);
    const to = data[input];
    for (const [g, gate] of order.entries()) {
      const [sign, column] = [this.sign(gate), this.column(gate)];
      for (let u = 0; u < r.units; u++)
        for (let k = 0; k < rows; k++)
          to[(g * r.units + u) * rows + k] = sign * values[k * width + column + u]!;
    }
  }

  /** @param half 0: the bias of x·W; 1: that of h·U */
  bias(half: 0 | 1, values: Float32Array): void {
    const {units} = this.r;
    for (const [g, gate] of this.order.entries()) {
      const [sign, column] = [this.sign(gate), this.column(gate)];
      for (let u = 0; u < units; u++)
        this.data.B[half * this.width + g * units + u]! += sign * values[column + u]!;
    }
  }

  peephole(gate: PeepholeGate, values: Float32Array): void {
    const {units, coupled} = this.r;
    this.data.P.set(values, PEEPHOLES.indexOf(gate) * units);
    // A coupled input gate is 1 − f.
    if (gate === 'f' && coupled)
      this.data.P.set(
        values.map(value => -value),
        PEEPHOLES.indexOf('i') * units,
      );
  }

  tensors(): OnnxTensor<OnnxWeight>[] {
    const {width, features, r, data} = this;
    const dims: Readonly<Record<OnnxWeight, readonly number[]>> = {
      W: [1, width, features],
      R: [1, width, r.units],
      B: [1, 2 * width],
      P: [1, PEEPHOLES.length * r.units],
    };
    const names: readonly OnnxWeight[] = hasPeepholes(r) ? ['W', 'R', 'B', 'P'] : ['W', 'R', 'B'];
    return names.map(name => ({name, dims: dims[name], data: data[name]}));
  }

  private rows(input: 'W' | 'R'): number {
    return input === 'W' ? this.features : this.r.units;
  }

  private addForgetBias(): void {
    const {cell, units, forgetBias = 0} = this.r;
    if (cell !== 'lstm') return;
    for (const [g, gate] of this.order.entries())
      if (this.source(gate) === 'f')
        this.data.B.fill(this.sign(gate) * forgetBias, g * units, (g + 1) * units);
  }

  /** The gate whose weights a gate is made of. */
  private source(gate: Gate): Gate {
    return gate === 'i' && this.r.coupled ? 'f' : gate;
  }

  /** Where a gate's columns begin in a canonical weight. */
  private column(gate: Gate): number {
    return GATES[this.r.cell].indexOf(this.source(gate)) * this.r.units;
  }

  /** f(−x) = 1 − f(x): what is one minus a gate is that gate with its weights negated. */
  private sign(gate: Gate): number {
    const {cell, updateGate} = this.r;
    const opposite = cell === 'gru' ? gate === 'z' && updateGate === 'takes' : gate !== this.source(gate);
    return opposite ? -1 : 1;
  }
}
