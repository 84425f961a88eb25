import type {Activation} from './activations';

const CELL_GATES = {
  lstm: ['i', 'f', 'c', 'o'],
  gru: ['z', 'r', 'h'],
  simple: ['h'],
  mut1: ['z', 'r', 'h'],
  mut2: ['z', 'r', 'h'],
  mut3: ['z', 'r', 'h'],
  ugrnn: ['z', 'h'],
  nas: ['0', '1', '2', '3', '4', '5', '6', '7'],
} as const;

const CELL_STATES = {
  lstm: ['h', 'c'],
  gru: ['h'],
  simple: ['h'],
  mut1: ['h'],
  mut2: ['h'],
  mut3: ['h'],
  ugrnn: ['h'],
  nas: ['h', 'c'],
} as const satisfies Record<keyof typeof CELL_GATES, readonly string[]>;

/**
 * The kinds of cells. `mut1`–`mut3`: the evolved cells of Jozefowicz et al. 2015; `ugrnn`: Collins et al. 2016;
 * `nas`: Zoph and Le 2016.
 */
export type CellKind = keyof typeof CELL_GATES;

/** The gates of one kind of cell. */
export type GateOf<C extends CellKind> = (typeof CELL_GATES)[C][number];
/** The states of one kind of cell. */
export type StateOf<C extends CellKind> = (typeof CELL_STATES)[C][number];
/** A gate of any cell. */
export type Gate = GateOf<CellKind>;
/** A state of any cell: the hidden state h, which is also the output, or the memory c. */
export type StateName = StateOf<CellKind>;
/** What a loop over time steps carries: the cell's states, and `y` where masked steps repeat the previous output. */
export type CarriedState = StateName | 'y';
/** The gates that can read the cell through a peephole. */
export type PeepholeGate = 'i' | 'f' | 'o';

/** The gates of each cell, in the order of the weights' columns. */
export const GATES: Readonly<Record<CellKind, readonly Gate[]>> = CELL_GATES;

/** The states of each cell, the output first. */
export const STATES: Readonly<Record<CellKind, readonly StateName[]>> = CELL_STATES;

/**
 * What a masked time step does to the state and to the output.
 *
 * | rule | state | output |
 * |---|---|---|
 * | `holdRepeat` | kept | the previous output; 0 before the first |
 * | `holdZero` | kept | 0 |
 * | `holdState` | kept | the kept h |
 * | `forget` | before each step, multiplied by the *previous* step's mask (0 at the first step) | computed as usual |
 */
export type MaskRule = 'holdRepeat' | 'holdZero' | 'holdState' | 'forget';

/** A gate's view of the cell: a weight per unit, times the cell before or after this step's update. */
export interface Peephole {
  /** `add` to the gate's pre-activation, or take its place. */
  readonly rule: 'add' | 'replace';
  readonly reads: 'previous' | 'new';
}

/** Limits on back-propagation through time. */
export interface BpttLimits {
  /** Only the last this many steps of the whole sequence carry gradient. All of them when absent. */
  readonly steps?: number;
  /** Gradients of the pre-activations are limited to ± this at every step. */
  readonly clip?: number;
  /** The gradients of the layer's weights are scaled together where their norm is larger than this. */
  readonly norm?: number;
}

/** A recurrent layer in canonical form: what every engine runs and every dialect translates into. */
export interface Recurrence {
  readonly cell: CellKind;
  /** Size of the hidden state h (and of the cell c). */
  readonly units: number;
  /** One activation per gate; an LSTM also has `h`, applied to the cell on its way to the output. */
  readonly activations: Readonly<Partial<Record<Gate, Activation>>>;
  readonly mask: MaskRule;
  /** `backward`: the last time step is processed first. */
  readonly direction: 'forward' | 'backward';
  /** Order of the output sequence: as processed, or put back into time order. */
  readonly outputOrder: 'processed' | 'time';
  /** Whether there are bias weights at all. */
  readonly bias: boolean;
  /** GRU, reset after: whether the recurrent product has a bias of its own. Default: as `bias`. */
  readonly recurrentBias?: boolean;
  /** LSTM: h is projected to this size on its way out and back in. */
  readonly projection?: number;
  /** LSTM: |h| is limited to this after the projection. */
  readonly projectionClip?: number;
  /** `diagonal`: each unit sees its own h alone; the recurrent kernel is a vector per gate. */
  readonly recurrent?: 'matrix' | 'diagonal';
  /** LSTM: pre-activations and the new cell are normalized over the units, then scaled and shifted. */
  readonly layerNorm?: {readonly epsilon: number};
  /** LSTM, ugrnn: added to the forget gate's pre-activation at run time. Default 0. */
  readonly forgetBias?: number;
  /** LSTM: the input gate is 1 − f. */
  readonly coupled?: boolean;
  /** LSTM: gates that read the cell. */
  readonly peepholes?: Readonly<Partial<Record<PeepholeGate, Peephole>>>;
  /** LSTM: |c| is limited to this before the output gate reads it. */
  readonly cellClip?: number;
  /** GRU: the reset gate acts on h before or after the recurrent product. Default `before`. */
  readonly reset?: 'before' | 'after';
  /** GRU: z keeps the previous h (h = z∘h₋₁ + (1−z)∘ĥ) or takes the candidate (roles turned round). */
  readonly updateGate?: 'keeps' | 'takes';
  /**
   * Masks on h for the recurrent product (dropout in training), given with each call:
   * one for all gates, or one per gate; `state`: one that thins the state itself.
   */
  readonly recurrentDropout?: 'shared' | 'perGate' | 'state';
  /** `preactivations`: the input already is x·W + b for every gate, `[batch, time, gates·units]`. */
  readonly input: 'features' | 'preactivations';
  readonly bptt?: BpttLimits;
}

/** What a layer computes, whatever its input holds. */
export type Semantics = Omit<Recurrence, 'input'>;

/** Whether a sequence of outputs begins with the last time step's. */
export function runsAgainstTime({
  direction,
  outputOrder,
}: Pick<Recurrence, 'direction' | 'outputOrder'>): boolean {
  return direction === 'backward' && outputOrder === 'processed';
}

/** How many values h has. */
export function outputSize(r: Pick<Recurrence, 'units' | 'projection'>): number {
  return r.projection ?? r.units;
}

/** How many values a carried state has: the cell as many as units, h and y as many as come out. */
export function stateSize(r: Pick<Recurrence, 'units' | 'projection'>, state: CarriedState): number {
  return state === 'c' ? r.units : outputSize(r);
}
