/** What is timed: one recurrent layer that returns sequences, of one size. */
export interface Problem {
  readonly cell: 'lstm' | 'gru' | 'simple';
  readonly batch: number;
  readonly time: number;
  readonly features: number;
  readonly units: number;
  readonly gates: 'sigmoid' | 'hardSigmoid';
  /** Where the reset gate of a GRU acts: before or after the recurrent product. */
  readonly reset: 'before' | 'after';
  /** Rows end at different steps. */
  readonly masked: boolean;
  readonly peepholes: boolean;
  /** A training step (forward, backward, SGD on the mean square of the outputs), not the forward pass. */
  readonly training: boolean;
}

/** Batch, time, features, units. */
export type Shape = readonly [number, number, number, number];

export const SHAPES: readonly Shape[] = [
  [1, 100, 64, 128],
  [8, 50, 32, 64],
  [32, 100, 128, 256],
  [64, 100, 256, 512],
];
export const TRAINED: readonly Shape[] = SHAPES.slice(1, 3);

/** Of the training step's SGD. So large that one step shows in float32; see `expectClose`. */
export const LEARNING_RATE = 0.5;

const PLAIN = {
  cell: 'lstm',
  gates: 'sigmoid',
  reset: 'before',
  masked: false,
  peepholes: false,
  training: false,
} as const;

export function problem(
  [batch, time, features, units]: Shape,
  others: Partial<Omit<Problem, 'batch' | 'time' | 'features' | 'units'>> = {},
): Problem {
  return {...PLAIN, ...others, batch, time, features, units};
}

/** `1, 100, 64, 128` */
export function shapeOf({batch, time, features, units}: Problem): string {
  return [batch, time, features, units].join(', ');
}

/** `GRU, reset after, hard sigmoid, masked` */
export function kindOf({cell, gates, reset, masked, peepholes}: Problem): string {
  const name = {lstm: 'LSTM', gru: 'GRU', simple: 'simple RNN'}[cell];
  const words = [
    name,
    cell === 'gru' && `reset ${reset}`,
    gates === 'hardSigmoid' && 'hard sigmoid',
    peepholes && 'peepholes',
    masked && 'masked',
  ];
  return words.filter(Boolean).join(', ');
}
