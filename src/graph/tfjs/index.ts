import * as tf from '@tensorflow/tfjs-core';
import type {GraphNode} from '../../../converters/graph-def/node';
import {nodeName} from '../nodes';
import type {GraphRunner} from '../runner';
import {constantValue, type GraphRecurrence, type ModelGraph, type Ref} from '../types';
import {withArrays} from './arrays';
import {within} from './cut';
import {executableOf} from './executable';
import type {Executable, Operation} from './operation';
import {programOf, wholePart} from './programs';

export interface TfjsOptions {
  /** What runs the recurrences that are nodes of the graph. */
  recurrence(recurrence: GraphRecurrence): {
    run(inputs: readonly tf.Tensor[]): tf.Tensor[];
    dispose(): void;
  };
}

/**
 * Runs a graph by TensorFlow.js' graph executor, on whatever backend is in use. Loops and branches, which that executor runs
 * asynchronously only, are turned by operations of our own, so that a graph is a model like any other.
 *
 * @throws CarryoverError `E_UNSUPPORTED` for operations that nothing here runs, before anything is run
 */
export function tfjsRunner(graph: ModelGraph, {recurrence}: TfjsOptions): GraphRunner {
  const disposals: (() => void)[] = [];
  const constant = (node: GraphNode) => constantValue(graph, node);
  const recurrences = new Map<string, Operation>();
  for (const [name, one] of graph.recurrences) {
    const made = recurrence(one);
    recurrences.set(name, inputs => made.run(inputs));
    disposals.push(() => made.dispose());
  }
  const making = {
    functions: new Map(graph.functions.map(one => [one.name, one])),
    executable: (program: Parameters<typeof executableOf>[0]): Executable => {
      const made = executableOf(program, constant);
      disposals.push(() => made.dispose());
      return made;
    },
    recurrence: ({name}: GraphNode) => recurrences.get(name),
  };
  const doors = graph.inputs.map(({ref}) => nodeName(ref));
  const given = doors.map(name => [`${name}:0`]);
  const prepare = (refs: readonly Ref[]): Executable =>
    making.executable(programOf(wholePart(graph.nodes, refs, doors), making));
  const made = new Map<string, Executable>();
  const outputs = graph.outputs.map(({ref}) => ref);
  made.set(outputs.join(), prepare(outputs));
  return {
    run(inputs, refs) {
      const key = refs.join();
      const executable = made.get(key) ?? prepare(refs);
      made.set(key, executable);
      return tf.tidy(() => withArrays(() => executable.run(inputs, within(refs, given))));
    },
    dispose() {
      for (const dispose of disposals.splice(0)) dispose();
      made.clear();
    },
  };
}
