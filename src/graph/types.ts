import type {DType, NdArray} from '../../converters/arrays';
import {constantOf} from '../../converters/graph-def/frozen';
import type {GraphDef} from '../../converters/graph-def/graph';
import type {GraphNode} from '../../converters/graph-def/node';
import type {PartialShape} from '../../converters/protobuf/tensorflow/shape';

/*
 * A model as a graph of TensorFlow's operations: what is left of a file's graph once its variables have become constants
 * and all is gone that its outputs do not need.
 */

/** A node's output, spelled out: `node:0`. */
export type Ref = string;

/** A tensor at the model's door. */
export interface GraphPort {
  /** What callers say: a signature's name, or the node's. */
  readonly name: string;
  /** Further names that reach it: the node's, the tensor's. */
  readonly aliases: readonly string[];
  /** The tensor: an input's placeholder, or what is put out. */
  readonly ref: Ref;
  /** Undefined where the file does not tell it. */
  readonly dtype: DType | undefined;
  /** Size of each axis, null where open; null where the rank is open too. */
  readonly shape: PartialShape;
}

/**
 * A model as a graph. Nodes are in the file's order, which is no order of running. Inputs are spelled out (`node:0`) and
 * without those that only say what runs first. Loops and branches are as the file has them: of the first kind (`Enter`,
 * `Merge`, `Switch`, `NextIteration`, `Exit`), or of the second (`While`, `If`, with bodies among the functions).
 */
export interface ModelGraph extends GraphDef {
  /** The file, for messages. */
  readonly where: string;
  /** The values of `Const` nodes that stand for variables; of the others the node itself has the value. */
  readonly values: ReadonlyMap<string, NdArray>;
  /** What callers give, each the output of a `Placeholder` or `PlaceholderWithDefault`. */
  readonly inputs: readonly GraphPort[];
  /** What it gives. */
  readonly outputs: readonly GraphPort[];
  /** The recurrences by their nodes, of operation `RECURRENCE`; none in a graph as a file has it. */
  readonly recurrences: ReadonlyMap<string, GraphRecurrence>;
  /** What was folded, cut or assumed on the way here, for people. */
  readonly notes: readonly string[];
}

/** The operation of a node that is a whole recurrence, found in a graph and put in the place of its loop. */
export const RECURRENCE = 'CarryoverRecurrence';

/** A recurrence in a graph. The inputs and outputs of its node are `inputs` and `outputs`, in that order. */
export interface GraphRecurrence {
  /** The layer, in the words of a recipe: class, arguments, cells. What a file keeps of it. */
  readonly layer: Readonly<Record<string, unknown>>;
  /** The weights, by the role that each has in the recipe's words, cell by cell. */
  readonly weights: readonly Readonly<Record<string, NdArray>>[];
  /** What is read: `x` is time first, `[time, batch, features]`. */
  readonly inputs: readonly ('x' | 'lengths' | `state.${number}`)[];
  /** What is put out: `y` is time first, `[time, batch, units]`; states are those after the last step of each row. */
  readonly outputs: readonly ('y' | `state.${number}`)[];
}

/** The value of a constant; undefined of other nodes. */
export function constantValue({values}: ModelGraph, node: GraphNode): NdArray | undefined {
  return values.get(node.name) ?? constantOf(node);
}
