import {memoized} from './memo';
import {
  GATES,
  type Gate,
  outputSize,
  type PeepholeGate,
  type Recurrence,
  type Semantics,
  type StateName,
} from './types';

/** What layer normalization scales and shifts: the pre-activation of a gate, or the new cell, `state`. */
export type Normalized = 'i' | 'f' | 'c' | 'o' | 'state';

/** The canonical weights; `weightsOf` says what shapes they have. */
export type WeightName =
  | 'kernel'
  | 'recurrentKernel'
  | 'bias'
  | 'recurrentBias'
  | 'stepBias'
  | 'projection'
  | `peephole.${PeepholeGate}`
  | `${'gain' | 'shift'}.${Normalized}`;

/** A learned initial state: an array of a layer, which gives it to the recurrence as a state. */
export type InitialName = `initial.${StateName}`;

/** What an array of a library's layer holds, in canonical names. */
export type CanonicalName = WeightName | InitialName;

/** A canonical weight of a recurrence, and its shape. */
export interface WeightSpec {
  readonly name: WeightName;
  /** As many rows as x has features, as the cell has units, as h has values; `vector`: it has one axis alone. */
  readonly rows: 'input' | 'units' | 'output' | 'vector';
  /** The gates whose blocks of columns stand side by side, all of the cell's; none: it is a single block. */
  readonly gates: readonly Gate[];
  /** As many columns a block as the cell has units, or as h has values. */
  readonly columns: 'units' | 'output';
  /** Where it counts: `input` in the pre-activations x·W + b, which do not depend on h; `step` in the step. */
  readonly acts: 'input' | 'step';
  /** It may be left out, and counts as zero then. */
  readonly optional?: boolean;
}

/** What the weights of a recurrence depend on. Where it does not say what x holds, x holds features. */
type Weighted = Semantics & Partial<Pick<Recurrence, 'input'>>;

const NORMALIZED = ['i', 'f', 'c', 'o', 'state'] as const;

/**
 * The canonical weights of a recurrence, in a fixed order:
 * - `kernel` and `bias` make the pre-activations x·W + b, unless x holds those already;
 * - `recurrentKernel` multiplies h;
 * - `recurrentBias` is added to h·U (GRU with the reset after the product, NAS);
 * - `stepBias` is added to the candidate after its activation (MUT1);
 * - `peephole.…` multiply the cell on its way to a gate (LSTM; a coupled input gate is 1 − f and has none);
 * - `gain.…` and `shift.…` belong to layer normalization (LSTM);
 * - `projection` multiplies h on its way out (LSTM, NAS).
 */
export const weightsOf = memoized((r: Weighted): readonly WeightSpec[] => {
  const gates = GATES[r.cell];
  const vector = {rows: 'vector', columns: 'units', acts: 'step'} as const;
  const hasRecurrentBias = (r.cell === 'gru' && r.reset === 'after') || r.cell === 'nas';
  const specs: (WeightSpec | false)[] = [
    r.input !== 'preactivations' && {name: 'kernel', rows: 'input', gates, columns: 'units', acts: 'input'},
    r.input !== 'preactivations' && r.bias && {...vector, name: 'bias', gates, acts: 'input', optional: true},
    {...vector, name: 'recurrentKernel', rows: r.recurrent === 'diagonal' ? 'vector' : 'output', gates},
    hasRecurrentBias && (r.recurrentBias ?? r.bias) && {...vector, name: 'recurrentBias', gates},
    r.cell === 'mut1' && r.bias && {...vector, name: 'stepBias', gates},
    r.projection !== undefined && {
      ...vector,
      name: 'projection',
      rows: 'units',
      gates: [],
      columns: 'output',
    },
  ];
  for (const gate of ['i', 'f', 'o'] as const)
    if (r.peepholes?.[gate] && !(gate === 'i' && r.coupled))
      specs.push({...vector, name: `peephole.${gate}`, gates: []});
  for (const what of r.layerNorm ? NORMALIZED : [])
    for (const kind of ['gain', 'shift'] as const)
      specs.push({...vector, name: `${kind}.${what}`, gates: []});
  return specs.filter(spec => spec !== false);
});

/** The spec of a canonical weight; undefined where the recurrence has no such weight. */
export function weightOf(r: Weighted, name: WeightName): WeightSpec | undefined {
  return weightsOf(r).find(spec => spec.name === name);
}

/**
 * The shape of a canonical weight: `[rows, columns]`, or `[columns]` of a vector.
 * @param features how many features x has
 */
export function weightShape(
  {rows, gates, columns}: WeightSpec,
  r: Pick<Recurrence, 'units' | 'projection'>,
  features: number,
): number[] {
  const sizes = {input: features, units: r.units, output: outputSize(r)};
  const width = Math.max(1, gates.length) * sizes[columns];
  return rows === 'vector' ? [width] : [sizes[rows], width];
}
