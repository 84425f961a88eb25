import type * as tf from '@tensorflow/tfjs-core';
import type {ModelGraph, Ref} from './types';

/** Runs a graph. */
export interface GraphRunner {
  /**
   * @param inputs in the order of `ModelGraph.inputs`, of tfjs' types
   * @param refs any tensors of the graph
   * @returns the tensors asked for, in their order; they are the caller's to dispose of
   */
  run(inputs: readonly tf.Tensor[], refs: readonly Ref[]): tf.Tensor[];
  /** Frees what it holds; it is not run again. */
  dispose(): void;
}

/** A way to run graphs as they are, loops and all, beside TensorFlow.js' own: in one call of TensorFlow itself. */
export interface WholeGraphs {
  /** Why it cannot run a graph on the backend in use; undefined where it can. */
  refuses(graph: ModelGraph): string | undefined;
  open(graph: ModelGraph): GraphRunner;
}
