import type {GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, nodeName, reach, spelled} from '../nodes';
import type {Ref} from '../types';

/**
 * What TensorFlow would write at every run, though nothing that is put out is made of it: a node that is needed waits for it.
 * Whether a variable is read before or after is a matter of timing there. Here it is what the file has.
 *
 * @param nodes the file's graph
 * @param outputs what is put out
 * @returns what to tell people
 */
export function writesOnTheWay(nodes: readonly GraphNode[], outputs: readonly Ref[]): string[] {
  const names = byName(nodes);
  const all = ({inputs}: GraphNode): Ref[] => inputs.map(input => spelled(input.replace(/^\^/, '')));
  const needed = reach(outputs, names);
  const written = new Set<string>();
  for (const name of reach(outputs, names, all)) {
    const node = names.get(name);
    if (!node || needed.has(name) || !/^Assign(Add|Sub)?(VariableOp)?$/.test(node.op)) continue;
    const variable = nodeName(dataInputs(node)[0] ?? '');
    if (needed.has(variable)) written.add(variable);
  }
  const [first] = written;
  if (first === undefined) return [];
  const count = written.size === 1 ? `variable '${first}'` : `${written.size} variables ('${first}', ...)`;
  return [
    `TensorFlow writes ${count} at every run, before or after reading; here each call has what is in the file`,
  ];
}
