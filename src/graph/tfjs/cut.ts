import type {GraphNode} from '../../../converters/graph-def/node';
import {dataInputs, nodeName} from '../nodes';
import type {Ref} from '../types';

/** A part of a graph: what some tensors are made from. */
export interface Part {
  readonly nodes: GraphNode[];
  /** Names of the placeholders that stand for what comes from elsewhere, as they were asked for. */
  readonly inputs: readonly string[];
  /** The tensors that it is for, as they are called in it. */
  readonly results: readonly Ref[];
}

/**
 * What tensors are made from, back to others that are given: these become placeholders.
 * @param given the tensors that come from elsewhere, in the order of the part's inputs; one may be given by several names
 */
export function cutPart(
  nodes: ReadonlyMap<string, GraphNode>,
  wanted: readonly Ref[],
  given: readonly (readonly Ref[])[],
): Part {
  const inputs = given.map((_, k) => `input_${k}`);
  const place = new Map(given.flatMap((refs, k) => refs.map(ref => [ref, `input_${k}:0`] as const)));
  const renamed = (ref: Ref): Ref => place.get(ref) ?? ref;
  const found = new Map<string, GraphNode>();
  const waiting = wanted.filter(ref => !place.has(ref)).map(nodeName);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = nodes.get(name);
    if (!node || found.has(name)) continue;
    const data = dataInputs(node);
    found.set(name, {...node, inputs: data.map(renamed)});
    waiting.push(...data.filter(ref => !place.has(ref)).map(nodeName));
  }
  return {nodes: [...found.values()], inputs, results: within(wanted, given)};
}

/** The tensors of a part that stand for these. */
export const within = (refs: readonly Ref[], given: readonly (readonly Ref[])[]): Ref[] =>
  refs.map(ref => {
    const k = given.findIndex(all => all.includes(ref));
    return k < 0 ? ref : `input_${k}:0`;
  });
