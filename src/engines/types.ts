import type {Tensor} from '@tensorflow/tfjs-core';
import type {Gate, Recurrence, StateName} from '../recurrence/types';
import type {WeightName} from '../recurrence/weights';

/** Tensors by the names of what they are of, as many as there are. */
export type TensorsOf<Name extends string> = Readonly<Partial<Record<Name, Tensor>>>;

/** The tensors of one call. Shapes in batch-major order, float32. */
export interface RecurrenceInputs {
  /** `[batch, time, features]`, or `[batch, time, gates·units]` where the recurrence says `preactivations`. */
  readonly x: Tensor;
  /** `[batch, time]`, 1 where a step counts, 0 where it is masked. */
  readonly mask?: Tensor;
  /** `[batch, units]` per state; zeros where absent. */
  readonly initial: TensorsOf<StateName>;
  /** By canonical name; `weightsOf` says which ones there are, and their shapes. */
  readonly weights: TensorsOf<WeightName>;
  /** Dropout on h: `[batch, units]` by gate, or under `all`. */
  readonly dropout: TensorsOf<Gate | 'all'>;
}

export interface ForwardOptions {
  /** The whole output sequence, or the last processed step's output alone. */
  readonly returns: 'sequence' | 'last';
  /** Keep what `backward` will need. */
  readonly save: boolean;
  /** The final states are asked for, as they are by default and in every call that saves. */
  readonly states?: boolean;
  /** x depends on variables, so that its gradient will most likely be asked for; unknown where absent. */
  readonly traced?: boolean;
}

/** What a call asks of an engine, before any tensor is looked at. */
export interface Call extends ForwardOptions {
  readonly batch: number;
  readonly time: number;
  readonly features: number;
  readonly masked: boolean;
  /** Initial states are given. */
  readonly initial: boolean;
}

export interface ForwardResult {
  /** `[batch, time, units]` or, for `last`, `[batch, units]`. */
  readonly y: Tensor;
  /** The final states, `[batch, units]` each, in the order of the cell's states; or none, where nobody asks. */
  readonly states: readonly Tensor[];
  /** Whatever `backward` of the same engine wants to see again; empty unless asked to save. */
  readonly reserve: readonly Tensor[];
  /** The same outside of tensors; freed by the engine once nobody holds it. */
  readonly kept?: unknown;
}

/** What a backward pass starts from. */
export interface Saved {
  /** Of the forward pass. */
  readonly reserve: readonly Tensor[];
  readonly kept?: unknown;
  /** Gradient of `y`, of its shape. */
  readonly dy: Tensor;
  /** Gradients of the final states. */
  readonly dStates: readonly Tensor[];
}

/** Gradients by the names of the inputs; tfjs calls each that it needs, once. */
export interface Gradients {
  x(): Tensor;
  initial(state: StateName): Tensor;
  weight(name: WeightName): Tensor;
}

/** How engines go about their work, whatever the call. */
export interface EngineOptions {
  /** How many threads an engine may use for one call; what is left out is up to the engine. */
  readonly threads?: number;
}

/** Runs and differentiates recurrences. Engines know nothing of libraries. */
export interface Engine {
  readonly name: string;
  /** Why this engine cannot run anything here and now (on this backend); undefined if it can. */
  unavailable(): string | undefined;
  /** Why this engine cannot run the recurrence as asked, exactly; undefined if it can. */
  refuses(recurrence: Recurrence, call: Call): string | undefined;
  /** About how long the call will take, in milliseconds; a call that saves includes its way back. */
  estimate(recurrence: Recurrence, call: Call): number;
  forward(recurrence: Recurrence, inputs: RecurrenceInputs, options: ForwardOptions): ForwardResult;
  backward(
    recurrence: Recurrence,
    inputs: RecurrenceInputs,
    options: ForwardOptions,
    saved: Saved,
  ): Gradients;
  /** Takes options for all later calls, in place of those it had; none where the engine has no use for them. */
  configure?(options: EngineOptions): void;
  /** Frees what is kept between calls; it is made again when needed. */
  dispose?(): void;
}
