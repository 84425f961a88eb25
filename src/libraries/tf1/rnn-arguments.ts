import type {SequenceCell} from '../../layers/sequence-cell';

/** What every layer that runs cells over sequences takes. */
interface SequenceArgs {
  /** Data are `[time, batch, features]`. Default false. */
  readonly timeMajor?: boolean;
  /** The second input holds each row's length, `[batch]`. Told by `apply(x, {sequenceLength})`. */
  readonly sequenceLength?: boolean;
  /** Default: made up by tfjs. */
  readonly name?: string;
  /** Whether training changes the arrays. Default true. */
  readonly trainable?: boolean;
}

/** What `dynamicRnn` and `staticRnn` take. */
export interface RnnArgs extends SequenceArgs {
  /** The cell that runs over the sequence. */
  readonly cell: SequenceCell;
  /** x is one step, `[batch, features]`, and so is y. Default false. */
  readonly singleStep?: boolean;
}

/** What `bidirectionalDynamicRnn` and `staticBidirectionalRnn` take. */
export interface BidirectionalRnnArgs extends SequenceArgs {
  /** The cell that runs forwards. */
  readonly cellFw: SequenceCell;
  /** The cell that runs backwards. */
  readonly cellBw: SequenceCell;
}
