import type {Tensor} from '@tensorflow/tfjs-core';
import type {GraphNode} from '../../../converters/graph-def/node';
import type {Ref} from '../types';

/** What a node computes where TensorFlow.js has no operation for it: its inputs to its outputs. */
export type Operation = (inputs: readonly Tensor[]) => Tensor[];

/** A graph without loops and branches: what these were are nodes with operations of their own. */
export interface Program {
  readonly nodes: readonly GraphNode[];
  /** The operations of nodes that TensorFlow.js has none for, by the nodes' names. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** The placeholders that are fed, in order. */
  readonly inputs: readonly string[];
}

/** A program that can be run, as often as one likes. */
export interface Executable {
  /** @param inputs in the program's order */
  run(inputs: readonly Tensor[], refs: readonly Ref[]): Tensor[];
  dispose(): void;
}
