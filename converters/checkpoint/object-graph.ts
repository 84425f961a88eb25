import {badFormat} from '../format-error';
import {bytes, readMessage, text, varint} from './wire';

/*
 * The object graph of a TensorFlow 2 checkpoint (core/protobuf/trackable_object_graph.proto): objects, named edges
 * between them, and what each has in the file.
 */

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

/** The objects of an object-based checkpoint (`tf.train.Checkpoint`, Keras' `save_weights`) and their variables. */
export interface ObjectGraph {
  /** Every variable, each once. */
  readonly variables: readonly ObjectVariable[];
  /** Follows edges from the root, by any of the names that an object goes by: `find('layer-1', 'cell', 'kernel')`. */
  find(...path: string[]): ObjectVariable | undefined;
}

interface Node {
  readonly children: Map<string, number>;
  readonly attributes: {name: string; fullName: string; key: string}[];
  readonly slots: {original: number; name: string; node: number}[];
}

const VALUE = 'VARIABLE_VALUE';

/** @throws CarryoverError E_FORMAT when it is malformed */
export function readObjectGraph(message: Uint8Array, where: string): ObjectGraph {
  const nodes: Node[] = [];
  readMessage(message, where, {1: bytes(node => nodes.push(readNode(node, where)))});
  checkEdges(nodes, where);
  const paths = shortestPaths(nodes);
  const slots = new Map(
    nodes.flatMap(node => node.slots.map(({original, name, node: at}) => [at, {original, name}] as const)),
  );
  const byNode = nodes.map((node, at) =>
    node.attributes.map(({name, fullName, key}): ObjectVariable => {
      const slot = slots.get(at);
      const of = slot && nodes[slot.original]!.attributes[0]?.key;
      return {
        ...{key, fullName, path: paths.get(at) ?? [], attribute: name},
        ...(slot && of !== undefined && {slot: {name: slot.name, of}}),
      };
    }),
  );
  return {
    variables: byNode.flat(),
    find(...path) {
      let at: number | undefined = 0;
      for (const edge of path) at = at === undefined ? undefined : nodes[at]?.children.get(edge);
      const own = at === undefined ? undefined : byNode[at];
      return own?.find(({attribute}) => attribute === VALUE) ?? own?.[0];
    },
  };
}

function readNode(message: Uint8Array, where: string): Node {
  const node: Node = {children: new Map(), attributes: [], slots: []};
  readMessage(message, where, {
    1: bytes(part => {
      let child = 0;
      let name = '';
      readMessage(part, where, {
        1: varint(value => {
          child = value;
        }),
        2: text(value => {
          name = value;
        }),
      });
      node.children.set(name, child);
    }),
    2: bytes(part => {
      const attribute = {name: '', fullName: '', key: ''};
      readMessage(part, where, {
        1: text(value => {
          attribute.name = value;
        }),
        2: text(value => {
          attribute.fullName = value;
        }),
        3: text(value => {
          attribute.key = value;
        }),
      });
      node.attributes.push(attribute);
    }),
    3: bytes(part => {
      const slot = {original: 0, name: '', node: 0};
      readMessage(part, where, {
        1: varint(value => {
          slot.original = value;
        }),
        2: text(value => {
          slot.name = value;
        }),
        3: varint(value => {
          slot.node = value;
        }),
      });
      node.slots.push(slot);
    }),
  });
  return node;
}

function checkEdges(nodes: readonly Node[], where: string): void {
  for (const {children, slots} of nodes) {
    for (const to of [...children.values(), ...slots.flatMap(({original, node}) => [original, node])]) {
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
