import {badFormat} from '../../../converters/format-error';
import type {GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, inPlaceOf, nodeName, outputIndex, reach} from '../nodes';
import type {Ref} from '../types';

/** A branch of the first kind, taken out of its graph. */
export interface Branch {
  /** The node that it becomes: its inputs are the condition, then what either side reads. */
  readonly node: GraphNode;
  /** What each side is made from, as it knows it, in the order of the inputs after the condition. */
  readonly given: readonly (readonly Ref[])[];
  /** What comes out, where the condition is false and where it is true. */
  readonly sides: readonly [readonly Ref[], readonly Ref[]];
  readonly inside: ReadonlyMap<string, GraphNode>;
}

/** A `Merge`, and the outputs of `Switch` that its inputs are made from. */
interface Ending {
  readonly merge: GraphNode;
  /** The condition, past what hands it on. */
  readonly condition: Ref;
  readonly sides: readonly [Ref, Ref];
  readonly reads: readonly Ref[];
}

const isSwitch = (node: GraphNode | undefined): boolean => /^(Ref)?Switch$/.test(node?.op ?? '');
const isMerge = (node: GraphNode | undefined): boolean => /^(Ref)?Merge$/.test(node?.op ?? '');

/**
 * Takes one branch out of a graph without loops, one that has no other in it: all that ends on one condition together.
 * @returns undefined where no branch is left
 * @throws CarryoverError `E_FORMAT` for branches that are not whole
 */
export function takeBranch(
  nodes: readonly GraphNode[],
): {readonly branch: Branch; readonly nodes: GraphNode[]} | undefined {
  const all = byName(nodes);
  const merges = nodes.filter(isMerge);
  if (merges.length === 0) return undefined;
  const endings = merges.flatMap(merge => endingOf(merge, all) ?? []);
  const [first] = endings;
  if (!first) throw badFormat(merges[0]!.where, 'branches that are within each other');
  const together = endings.filter(({condition}) => condition === first.condition);
  const group = dependsOnItself(together, all) ? [first] : together;
  const reads = [...new Set(group.flatMap(one => one.reads))];
  const name = `${first.merge.name}/branch`;
  const inputs = [first.condition, ...reads.map(ref => readFrom(ref, first.condition, all))];
  const node = inPlaceOf(first.merge, 'If', {name, inputs});
  const ends = new Map(group.map(({merge}, k) => [`${merge.name}:0`, `${name}:${k}`]));
  const left = nodes
    .filter(one => !ends.has(`${one.name}:0`))
    .map(one => ({...one, inputs: dataInputs(one).map(ref => ends.get(ref) ?? ref)}));
  const kept = [...ends].map(([end, ref]) =>
    inPlaceOf(node, 'Identity', {name: nodeName(end), inputs: [ref]}),
  );
  return {
    branch: {
      node,
      given: reads.map(ref => [ref]),
      sides: [group.map(({sides}) => sides[0]), group.map(({sides}) => sides[1])],
      inside: all,
    },
    nodes: [...left, node, ...kept],
  };
}

/** What a side reads: what went into its `Switch`; of a branch around this one, what came out of that. */
function readFrom(ref: Ref, condition: Ref, all: ReadonlyMap<string, GraphNode>): Ref {
  const [data, own] = dataInputs(all.get(nodeName(ref))!);
  return passed(own!, all) === condition ? data! : ref;
}

/** Whether what ends together is also what some of it begins with. */
function dependsOnItself(group: readonly Ending[], all: ReadonlyMap<string, GraphNode>): boolean {
  const before = reach(
    group.flatMap(({reads, condition}) => [condition, ...reads.map(ref => readFrom(ref, condition, all))]),
    all,
  );
  return group.some(({merge}) => before.has(merge.name));
}

/** How a merge ends a branch; undefined where another branch is within it. */
function endingOf(merge: GraphNode, all: ReadonlyMap<string, GraphNode>): Ending | undefined {
  const sides = dataInputs(merge).map(ref => switchesBefore(ref, all));
  if (sides.some(side => side === undefined)) return undefined;
  const [a = [], b = []] = sides as Ref[][];
  const [first, second] = dataInputs(merge);
  for (const ref of [...a, ...b]) {
    const condition = passed(dataInputs(all.get(nodeName(ref))!)[1]!, all);
    const sideOf = (refs: readonly Ref[]): number | undefined =>
      refs
        .filter(one => passed(dataInputs(all.get(nodeName(one))!)[1]!, all) === condition)
        .map(outputIndex)[0];
    const side = sideOf(a) ?? (sideOf(b) === undefined ? undefined : 1 - sideOf(b)!);
    if (side === undefined || sideOf(b) === side) continue;
    return {
      merge,
      condition,
      sides: side === 0 ? [first!, second!] : [second!, first!],
      reads: [...new Set([...a, ...b])],
    };
  }
  throw badFormat(merge.where, 'a Merge of no branch: nothing tells which of its inputs is which');
}

/** The nearest outputs of `Switch` that a tensor is made from; undefined where a `Merge` is on the way. */
function switchesBefore(ref: Ref, all: ReadonlyMap<string, GraphNode>): Ref[] | undefined {
  const found = new Set<Ref>();
  const seen = new Set<Ref>();
  const waiting = [ref];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const node = all.get(nodeName(at));
    if (!node || seen.has(at)) continue;
    seen.add(at);
    if (isMerge(node)) return undefined;
    if (isSwitch(node)) found.add(at);
    else waiting.push(...dataInputs(node));
  }
  return [...found];
}

/** A condition past what hands it on. */
function passed(ref: Ref, all: ReadonlyMap<string, GraphNode>): Ref {
  let at = ref;
  for (let node = all.get(nodeName(at)); node?.op === 'Identity'; node = all.get(nodeName(at)))
    at = dataInputs(node)[0]!;
  return at;
}
