import type * as tf from '@tensorflow/tfjs-core';
import {getEngine, noteUsed} from '../engines/registry';
import {shared} from '../engines/shared';
import type {GraphRunner, WholeGraphs} from './runner';
import type {ModelGraph, Ref} from './types';

/** What runs graphs as they are, where there is something that does. */
const state = shared('graphs', () => ({whole: undefined as WholeGraphs | undefined}));

/** The engine that runs whole graphs. */
const WHOLE = 'native';

/** Adds what runs graphs as they are, in one call; it runs them for the engine `native`, and for `auto` those with loops left. */
export function registerWholeGraphs(whole: WholeGraphs): void {
  state.whole ??= whole;
}

/** Whether a loop is left in a graph that no recurrence has taken the place of. */
export const hasLoops = ({nodes}: ModelGraph): boolean =>
  nodes.some(({op}) => op === 'LoopCond' || /^(Stateless)?While$/.test(op));

/**
 * Runs a graph by whatever the engine in force says at each call.
 *
 * @param plain the graph with its loops as the file has them
 * @param replaced the graph with recurrences in their place
 * @param open how a graph is run by TensorFlow.js
 */
export function chosenRunner(
  plain: ModelGraph,
  replaced: ModelGraph,
  open: (graph: ModelGraph) => GraphRunner,
): GraphRunner {
  const made = new Map<string, GraphRunner>();
  const kept = (kind: string, make: () => GraphRunner): GraphRunner => {
    const runner = made.get(kind) ?? make();
    made.set(kind, runner);
    return runner;
  };
  const choose = (): GraphRunner => {
    const {whole} = state;
    const engine = getEngine();
    const wanted = engine === WHOLE || (engine === 'auto' && hasLoops(replaced));
    if (!wanted || !whole || whole.refuses(plain) !== undefined) return kept('tfjs', () => open(replaced));
    noteUsed(WHOLE);
    return kept('whole', () => whole.open(plain));
  };
  return {
    run: (inputs: readonly tf.Tensor[], refs: readonly Ref[]) => choose().run(inputs, refs),
    dispose() {
      for (const runner of made.values()) runner.dispose();
      made.clear();
    },
  };
}
