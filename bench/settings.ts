import type {TurnOptions} from '../src/cli/bench/turns';

/** What the command line asked for. */
export interface Settings {
  readonly turns: TurnOptions;
  readonly quick: boolean;
  /** Forward passes or training steps alone. */
  readonly only?: 'forward' | 'training';
  /** Cases whose title has this in it. */
  readonly filter?: string;
  /** The prices of that backend alone. */
  readonly backend?: string;
  /** Those alone take part, by the names that tables have for them. */
  readonly contestants?: readonly string[];
}
