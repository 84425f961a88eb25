import type {DraftInput, DraftLayer} from '../draft';
import type {GraphCell} from './cells';
import type {GraphSequence} from './sequences';

/** A layer of one sequence, or of two that run in opposite directions. */
export interface Unit {
  readonly name: string;
  readonly forward: GraphSequence;
  readonly backward?: GraphSequence;
}

export function inputSize({className, variables, config}: GraphCell): number {
  const [kernel] = Object.values(variables);
  if (className === 'NASCell') return variables.kernel!.shape[0]!;
  return kernel!.shape[0]! - Number(config.num_proj ?? config.num_units);
}

export const outputSize = ({config}: GraphCell): number => Number(config.num_proj ?? config.num_units);

/** Widths of c and h, or of the only state. */
export function stateSizes({config, previous}: GraphCell): number[] {
  const units = Number(config.num_units);
  return previous.length === 2 ? [units, Number(config.num_proj ?? units)] : [units];
}

/** Sequences of the same data in opposite directions are one bidirectional layer. */
export function unitsOf(sequences: readonly GraphSequence[]): Unit[] {
  const backward = sequences.filter(({backwards}) => backwards);
  const taken = new Set<GraphSequence>();
  const pairs = sequences.flatMap(forward => {
    if (taken.has(forward)) return [];
    const partner = forward.backwards
      ? undefined
      : backward.find(other => !taken.has(other) && areTwoWays(forward, other));
    if (partner) taken.add(partner);
    taken.add(forward);
    return [{forward, backward: partner}];
  });
  const paired = new Set(pairs.map(({backward: partner}) => partner));
  const left = pairs.filter(({forward}) => !paired.has(forward));
  return left.map((pair, k) => ({...pair, name: k === 0 ? 'rnn' : `rnn_${k}`}));
}

/** Both read the same data, and all of them. */
function areTwoWays(forward: GraphSequence, backward: GraphSequence): boolean {
  const steps = ({cells}: GraphSequence): number => cells[0]!.steps.length;
  return (
    forward.origin !== undefined &&
    forward.origin === backward.origin &&
    forward.kind === backward.kind &&
    steps(forward) === steps(backward)
  );
}

/** `from` is left out where it says what a recipe takes anyway. */
export function withoutObvious(
  layer: DraftLayer,
  before: DraftLayer | undefined,
  inputs: readonly DraftInput[],
): DraftLayer {
  const {from, ...others} = layer;
  const usual = before?.name ?? inputs[0]?.name;
  return from?.length === 1 && from[0] === usual ? others : layer;
}
