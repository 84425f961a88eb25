import {memoized} from './memo';
import {entriesOf} from './records';
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

const INITIAL: Readonly<Record<InitialName, StateName>> = {'initial.h': 'h', 'initial.c': 'c'};

/** Whether an array holds a learned initial state. */
export function isInitial(name: CanonicalName): name is InitialName {
  return Object.hasOwn(INITIAL, name);
}

/** What an array of a library's layer holds, in canonical names. */
export type CanonicalName = WeightName | InitialName;

/** What a matrix has as many rows of: features of x, units, values of h. */
type RowExtent = 'input' | 'units' | 'output';
type ColumnExtent = 'units' | 'output';

/** A canonical weight of a recurrence, and its shape. */
export interface WeightSpec {
  readonly name: WeightName;
  /** How many rows; `vector`: it has one axis alone. */
  readonly rows: RowExtent | 'vector';
  /** The gates whose blocks of columns stand side by side, all of the cell's; none: it is a single block. */
  readonly gates: readonly Gate[];
  /** How many columns a block. */
  readonly columns: ColumnExtent;
  /** Where it counts: `input` in the pre-activations x·W + b, which do not depend on h; `step` in the step. */
  readonly acts: 'input' | 'step';
  /** It may be left out, and counts as zero then. */
  readonly optional: boolean;
}

/** The weights that are matrices; all others are vectors of units, and so is a diagonal recurrent kernel. */
export const MATRICES: Readonly<
  Partial<Record<CanonicalName, {readonly rows: RowExtent; readonly columns: ColumnExtent}>>
> = {
  kernel: {rows: 'input', columns: 'units'},
  recurrentKernel: {rows: 'output', columns: 'units'},
  projection: {rows: 'units', columns: 'output'},
};

/** What the weights of a recurrence depend on. Where it does not say what x holds, x holds features. */
type Weighted = Semantics & Partial<Pick<Recurrence, 'input'>>;

/** One kind of weight. */
interface Kind {
  /** Whether a recurrence has it. */
  has(r: Weighted): boolean;
  /** It has a block of columns for each gate of the cell. */
  readonly gated?: true;
  /** It makes the pre-activations x·W + b. */
  readonly ofInput?: true;
  readonly optional?: true;
}

const takesFeatures = ({input}: Weighted): boolean => input !== 'preactivations';
const normalizes = {has: ({layerNorm}: Weighted) => layerNorm !== undefined};

/** Every canonical weight, in the order in which `weightsOf` lists them. */
const KINDS: Readonly<Record<WeightName, Kind>> = {
  kernel: {has: takesFeatures, gated: true, ofInput: true},
  bias: {has: r => r.bias && takesFeatures(r), gated: true, ofInput: true, optional: true},
  /** Multiplies h. */
  recurrentKernel: {has: () => true, gated: true},
  /** Added to h·U. */
  recurrentBias: {
    has: r => ((r.cell === 'gru' && r.reset === 'after') || r.cell === 'nas') && (r.recurrentBias ?? r.bias),
    gated: true,
  },
  /** Added to the candidate of MUT1, after an activation. */
  stepBias: {has: ({cell, bias}) => cell === 'mut1' && bias, gated: true},
  /** Multiplies h on its way out. */
  projection: {has: ({projection}) => projection !== undefined},
  // Multiply the cell on its way to a gate. A coupled input gate is 1 − f and has none.
  'peephole.i': {has: ({peepholes, coupled}) => !!peepholes?.i && !coupled},
  'peephole.f': {has: ({peepholes}) => !!peepholes?.f},
  'peephole.o': {has: ({peepholes}) => !!peepholes?.o},
  'gain.i': normalizes,
  'shift.i': normalizes,
  'gain.f': normalizes,
  'shift.f': normalizes,
  'gain.c': normalizes,
  'shift.c': normalizes,
  'gain.o': normalizes,
  'shift.o': normalizes,
  'gain.state': normalizes,
  'shift.state': normalizes,
};

/** The canonical weights of a recurrence, in a fixed order. */
export const weightsOf = memoized((r: Weighted): readonly WeightSpec[] =>
  entriesOf(KINDS)
    .filter(([, {has}]) => has(r))
    .map(([name, {gated, ofInput, optional = false}]) => ({
      name,
      rows: 'vector',
      columns: 'units',
      ...(name === 'recurrentKernel' && r.recurrent === 'diagonal' ? undefined : MATRICES[name]),
      gates: gated ? GATES[r.cell] : [],
      acts: ofInput ? 'input' : 'step',
      optional,
    })),
);

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
