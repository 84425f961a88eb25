import type {GraphNode} from '../../../converters/graph-def/node';
import {CarryoverError} from '../../errors';
import type {ModelGraph} from '../types';

/** TensorFlow's words for what went wrong, without where in TensorFlow it was noticed. */
const messageOf = (error: unknown): string =>
  (error as Error).message
    .replace(/^(Failed to load SavedModel|Session fail to run with error): /, '')
    .replace(/\s*\[\[.*$/s, '')
    .trim();

/**
 * What TensorFlow says of a graph that it does not load: the operation that it lacks, and the node that has it.
 * @returns `E_UNSUPPORTED` for an operation, `E_ENGINE` for anything else
 */
export function loadingError(error: unknown, graph: ModelGraph): CarryoverError {
  const text = (error as Error).message;
  const [, op] = /Op type not registered '([^']+)'/.exec(text) ?? [];
  const node = op === undefined ? nodeIn(text, graph) : allNodes(graph).find(one => one.op === op);
  const details = {cause: error, file: graph.where};
  if (op !== undefined) {
    return new CarryoverError(
      'E_UNSUPPORTED',
      `${graph.where}: node '${node?.name ?? ''}' is a ${op}, an operation that TensorFlow's C library lacks ` +
        '(of a package of its own); run it on another engine, or name outputs before it (outputs; on the command line: --until NAME)',
      {...details, found: op},
    );
  }
  return new CarryoverError(
    'E_ENGINE',
    `${graph.where}: TensorFlow does not load the graph: ${messageOf(error)}${told(node)}`,
    details,
  );
}

/** What TensorFlow says of a run, with the node that it is about. */
export function runningError(error: unknown, graph: ModelGraph): CarryoverError {
  if (error instanceof CarryoverError) return error;
  const node = nodeIn((error as Error).message, graph);
  return new CarryoverError(
    'E_SHAPE',
    `${graph.where}: TensorFlow refuses what it was given: ${messageOf(error)}${told(node)}`,
    {cause: error, file: graph.where},
  );
}

const allNodes = ({nodes, functions}: ModelGraph): GraphNode[] => [
  ...nodes,
  ...functions.flatMap(one => one.nodes),
];

const told = (node: GraphNode | undefined): string => (node ? ` (node '${node.name}', ${node.op})` : '');

/** The node that a message is about: `[[{{node a/b}}]]`, `node a/b (defined at ...)`. */
function nodeIn(text: string, graph: ModelGraph): GraphNode | undefined {
  const [, name] = /\{\{node ([^}\s]+)\}\}/.exec(text) ?? /[Nn]ode '?([\w./\-\\]+)'?/.exec(text) ?? [];
  const bare = name?.replace(/\/in_loop_\d+_*$/, '');
  return allNodes(graph).find(node => node.name === bare);
}
