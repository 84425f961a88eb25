import type {GraphNode} from '../../../converters/graph-def/node';
import type {GraphCell} from './cells';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** The nodes that cells are made of, and the bodies of loops: what is in there is no layer of its own. */
export function internalNodes(view: GraphView, cells: readonly GraphCell[]): Set<GraphNode> {
  const found = new Set<GraphNode>();
  for (const {steps} of cells) {
    for (const {x, previous, next, output} of steps) {
      const ends = new Set([x, ...previous].map(ref => view.resolve(ref)));
      collect(view, [...next, output], ends, found);
      // On rows that have ended the state of the step before is held.
      for (const ref of previous) addChoices(view, ref, found);
    }
  }
  for (const node of view.nodes) {
    if (node.op === 'Switch' && view.isLoop(view.producer(dataInputs(node)[0]!) ?? node))
      addBody(view, node, found);
  }
  const bodies = view.nodes.flatMap(node => {
    const [, loop] = node.op === 'Merge' ? (/^(.*)\/out_\d+$/.exec(node.name) ?? []) : [];
    return loop === undefined ? [] : [`${loop}/body/`];
  });
  for (const node of view.nodes) if (bodies.some(prefix => node.name.startsWith(prefix))) found.add(node);
  return found;
}

/** From what a cell puts out back to what it reads. */
function collect(view: GraphView, from: readonly Ref[], ends: ReadonlySet<Ref>, found: Set<GraphNode>): void {
  const left = [...from];
  for (let ref = left.pop(); ref !== undefined; ref = left.pop()) {
    const node = ends.has(view.resolve(ref)) ? undefined : view.producer(ref);
    if (!node || found.has(node)) continue;
    found.add(node);
    left.push(...dataInputs(node));
  }
}

function addChoices(view: GraphView, ref: Ref, found: Set<GraphNode>): void {
  const node = view.source(ref);
  if (!node || found.has(node) || view.isLoop(node) || !/^(Select|SelectV2|Merge)$/.test(node.op)) return;
  found.add(node);
  for (const input of dataInputs(node)) addChoices(view, input, found);
}

/** From where a loop goes on to its next turn, as far as that reaches; values leave a loop by `Exit` alone. */
function addBody(view: GraphView, entry: GraphNode, found: Set<GraphNode>): void {
  const seen = new Set<GraphNode>();
  const left = [...view.consumers(outputRef(entry, 1))];
  for (let node = left.pop(); node; node = left.pop()) {
    if (seen.has(node) || /Exit$/.test(node.op) || view.isLoop(node)) continue;
    seen.add(node);
    found.add(node);
    for (const output of view.outputsOf(node)) left.push(...view.consumers(output));
  }
}
