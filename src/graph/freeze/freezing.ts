import type {NdArray} from '../../../converters/arrays';
import type {GraphNode} from '../../../converters/graph-def/node';

/** What was done to a graph on the way, by the nodes that it is about: what the outputs do not need is not told. */
export class Told {
  private readonly all: {readonly node: string; readonly text: string}[] = [];

  add({name}: Pick<GraphNode, 'name'>, text: string): void {
    this.all.push({node: name, text});
  }

  /** What is told of these nodes, each text once, with how often it was said. */
  of(nodes: ReadonlySet<string>): string[] {
    const counts = new Map<string, number>();
    for (const {node, text} of this.all) if (nodes.has(node)) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  }
}

/** What the passes over a graph fill as they go. */
export interface Freezing {
  /** The values of constants that have taken the place of variables and flags. */
  readonly values: Map<string, NdArray>;
  readonly told: Told;
}
