import {badFormat} from '../format-error';
import {readMessage} from '../protobuf/read';
import {TrackableObjectGraph} from '../protobuf/tensorflow/checkpoint';

/* The object graph of a TensorFlow 2 checkpoint: objects, named edges between them, and what each has in the file. */

/** A variable (or other value) of an object. */
export interface ObjectVariable {
  /** The array's name in the file, e.g. `layer_with_weights-0/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE`. */
  readonly key: string;
  /** The variable's name in its program, e.g. `lstm/lstm_cell/kernel`; '' where it had none. Not always unique. */
  readonly fullName: string;
  /** The edges from the root to its object: the shortest way, e.g. `['layer-1', 'cell', 'kernel']`. */
  readonly path: readonly string[];
  /** `VARIABLE_VALUE`, or another attribute's name. */
  readonly attribute: string;
  /** Of an optimizer's slot variable: which slot of which variable. */
  readonly slot?: {
    /** The slot's name: `momentum`, `m`, ... */
    readonly name: string;
    /** The `key` of the variable that is optimized. */
    readonly of: string;
  };
}

/** An object of a program: a model, a layer, a list, a variable. */
export interface StoredObject {
  /** What it holds, by the names of its attributes, in the file's order. An object may be held by several, and by itself. */
  readonly children: ReadonlyMap<string, StoredObject>;
  /** Of a variable: its array. */
  readonly variable?: ObjectVariable;
}

/** The objects of an object-based checkpoint (`tf.train.Checkpoint`, Keras' `save_weights`) and their variables. */
export interface ObjectGraph {
  /** The object that was saved, from which all others are reached. */
  readonly root: StoredObject;
  /** Every variable, each once. */
  readonly variables: readonly ObjectVariable[];
  /** Follows edges from the root, by any of the names that an object goes by: `find('layer-1', 'cell', 'kernel')`. */
  find(...path: string[]): ObjectVariable | undefined;
}

interface Node {
  readonly children: Map<string, number>;
  readonly attributes: readonly {name: string; fullName: string; checkpointKey: string}[];
  readonly slots: readonly {originalVariableNodeId: number; slotName: string; slotVariableNodeId: number}[];
}

const VALUE = 'VARIABLE_VALUE';

/** @throws CarryoverError E_FORMAT when it is malformed */
export function readObjectGraph(message: Uint8Array, where: string): ObjectGraph {
  const graph = readMessage(TrackableObjectGraph, message, where);
  const nodes = graph.nodes.map(({children, attributes, slotVariables}) => ({
    children: new Map(children.map(({localName, nodeId}) => [localName, nodeId])),
    attributes,
    slots: slotVariables,
  }));
  checkEdges(nodes, where);
  const paths = shortestPaths(nodes);
  const slots = new Map(nodes.flatMap(node => node.slots.map(slot => [slot.slotVariableNodeId, slot])));
  const byNode = nodes.map((node, at) =>
    node.attributes.map(({name, fullName, checkpointKey}): ObjectVariable => {
      const slot = slots.get(at);
      const of = slot && nodes[slot.originalVariableNodeId]!.attributes[0]?.checkpointKey;
      return {
        ...{key: checkpointKey, fullName, path: paths.get(at) ?? [], attribute: name},
        ...(slot && of !== undefined && {slot: {name: slot.slotName, of}}),
      };
    }),
  );
  const root = linked(nodes, byNode);
  return {
    root,
    variables: byNode.flat(),
    find(...path) {
      let at: StoredObject | undefined = root;
      for (const edge of path) at = at?.children.get(edge);
      return at?.variable;
    },
  };
}

/** The objects, each with those that it holds; the root among them, which an empty graph has not. */
function linked(nodes: readonly Node[], variables: readonly (readonly ObjectVariable[])[]): StoredObject {
  const objects = variables.map(own => ({
    children: new Map<string, StoredObject>(),
    variable: own.find(({attribute}) => attribute === VALUE) ?? own[0],
  }));
  for (const [at, {children}] of nodes.entries()) {
    for (const [name, to] of children) objects[at]!.children.set(name, objects[to]!);
  }
  return objects[0] ?? {children: new Map()};
}

function slotNodes(slot: Node['slots'][number]): number[] {
  return [slot.originalVariableNodeId, slot.slotVariableNodeId];
}

function checkEdges(nodes: readonly Node[], where: string): void {
  for (const {children, slots} of nodes) {
    for (const to of [...children.values(), ...slots.flatMap(slotNodes)]) {
      if (nodes[to] === undefined) throw badFormat(where, `an edge to object ${to} of ${nodes.length}`);
    }
  }
}

/** Breadth first: the graph has cycles, and most objects go by several names. */
function shortestPaths(nodes: readonly Node[]): Map<number, readonly string[]> {
  const paths = new Map<number, readonly string[]>(nodes.length > 0 ? [[0, []]] : []);
  // A map yields what is added to it while it is walked.
  for (const [at, path] of paths) {
    for (const [name, child] of nodes[at]!.children) {
      if (!paths.has(child)) paths.set(child, [...path, name]);
    }
  }
  return paths;
}
