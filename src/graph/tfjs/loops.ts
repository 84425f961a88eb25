import {badFormat, unsupported} from '../../../converters/format-error';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, inPlaceOf, nodeName, outputIndex} from '../nodes';
import type {Ref} from '../types';

/** A loop of the first kind, taken out of its graph. */
export interface Loop {
  /** The node that it becomes: its inputs are the variables' first values, then what never changes in it. */
  readonly node: GraphNode;
  /** Its variables and what never changes in it, as the condition and the body know them, in the order of the inputs. */
  readonly given: readonly (readonly Ref[])[];
  readonly condition: Ref;
  /** What each turn makes of the variables. */
  readonly next: readonly Ref[];
  /** The nodes that the condition and the body are made of. */
  readonly inside: ReadonlyMap<string, GraphNode>;
}

const FRAME = 'frame_name';
const isEnter = ({op}: GraphNode): boolean => op === 'Enter' || op === 'RefEnter';

/**
 * Takes one loop out of a graph, an innermost one: there it is a node whose outputs are the variables when it is left.
 * @returns undefined where no loop is left
 * @throws CarryoverError `E_FORMAT` for loops that are not whole
 */
export function takeLoop(
  nodes: readonly GraphNode[],
): {readonly loop: Loop; readonly nodes: GraphNode[]} | undefined {
  const all = byName(nodes);
  const frame = innermost(nodes);
  if (frame === undefined) return undefined;
  const enters = nodes.filter(node => isEnter(node) && attribute(node, FRAME)?.text === frame);
  const merges = nodes.filter(
    node =>
      node.op === 'Merge' && dataInputs(node).some(ref => enters.some(({name}) => name === nodeName(ref))),
  );
  const [condition] = nodes.filter(node => node.op === 'LoopCond' && touches(node, enters, merges, all));
  if (!condition) throw badFormat(enters[0]!.where, `loop '${frame}' has no condition`);
  const isOwn = ({op}: GraphNode): boolean => op === 'Switch';
  const switches = nodes.filter(node => isOwn(node) && nodeName(dataInputs(node)[1]!) === condition.name);
  const variables = merges.map(merge => variableOf(merge, enters, switches, all));
  const constants = enters.filter(enter => !variables.some(({enter: other}) => other === enter));
  const name = `${frame.replace(/\/$/, '')}/loop`;
  const inputs = [...variables.map(({enter}) => enter), ...constants].map(enter => dataInputs(enter)[0]!);
  const given = [
    ...variables.map(({merge, choice}) => [`${merge.name}:0`, ...(choice ? [`${choice.name}:1`] : [])]),
    ...constants.map(enter => [`${enter.name}:0`]),
  ];
  const exits = new Map<Ref, Ref>();
  for (const node of nodes) {
    if (node.op !== 'Exit' && node.op !== 'RefExit') continue;
    const k = variables.findIndex(({choice}) => choice && `${choice.name}:0` === dataInputs(node)[0]);
    if (k >= 0) exits.set(`${node.name}:0`, `${name}:${k}`);
  }
  const node = inPlaceOf(enters[0]!, 'While', {name, inputs});
  const gone = new Set([...enters, ...merges, ...switches, condition].map(one => one.name));
  const left = nodes
    .filter(one => !gone.has(one.name) && !exits.has(`${one.name}:0`))
    .map(one => ({...one, inputs: dataInputs(one).map(ref => exits.get(ref) ?? ref)}));
  return {
    loop: {
      node,
      given,
      condition: dataInputs(condition)[0]!,
      next: variables.map(({next}) => next),
      inside: all,
    },
    nodes: [
      ...left,
      node,
      ...[...exits].map(([exit, ref]) => inPlaceOf(node, 'Identity', {name: nodeName(exit), inputs: [ref]})),
    ],
  };
}

/** The frame of a loop that has no other in it. */
function innermost(nodes: readonly GraphNode[]): string | undefined {
  const enters = nodes.filter(isEnter);
  const all = byName(nodes);
  const frames = new Set(enters.map(enter => attribute(enter, FRAME)?.text ?? ''));
  const outer = new Set<string>();
  for (const enter of enters) {
    const own = attribute(enter, FRAME)?.text ?? '';
    for (const frame of framesAround(enter, all)) if (frame !== own) outer.add(frame);
  }
  for (const frame of frames) if (!outer.has(frame)) return frame;
  const [first] = enters;
  if (first) throw badFormat(first.where, 'loops that are within each other');
  return undefined;
}

/** The frames that what enters a loop has entered before and not left. */
function framesAround(enter: GraphNode, all: ReadonlyMap<string, GraphNode>): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const waiting = dataInputs(enter).map(nodeName);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = all.get(name);
    if (!node || seen.has(name)) continue;
    seen.add(name);
    if (isEnter(node)) found.add(attribute(node, FRAME)?.text ?? '');
    // What has left a loop is outside of it.
    else if (node.op !== 'Exit') waiting.push(...dataInputs(node).map(nodeName));
  }
  return found;
}

interface Variable {
  readonly enter: GraphNode;
  readonly merge: GraphNode;
  readonly choice: GraphNode | undefined;
  readonly next: Ref;
}

function variableOf(
  merge: GraphNode,
  enters: readonly GraphNode[],
  switches: readonly GraphNode[],
  all: ReadonlyMap<string, GraphNode>,
): Variable {
  const refs = dataInputs(merge);
  const enter = enters.find(({name}) => refs.some(ref => nodeName(ref) === name));
  const back = refs
    .map(ref => all.get(nodeName(ref)))
    .find(node => /^(Ref)?NextIteration$/.test(node?.op ?? ''));
  const choice = switches.find(node => nodeName(dataInputs(node)[0]!) === merge.name);
  if (!enter || !back) throw badFormat(merge.where, 'a loop variable without a first or a next value');
  if (outputIndex(refs[0]!) !== 0) throw unsupported(merge.where, 'a loop variable of several outputs');
  return {enter, merge, choice, next: dataInputs(back)[0]!};
}

/** Whether a loop's condition is this loop's. */
function touches(
  node: GraphNode,
  enters: readonly GraphNode[],
  merges: readonly GraphNode[],
  all: ReadonlyMap<string, GraphNode>,
): boolean {
  const own = new Set([...enters, ...merges].map(({name}) => name));
  const seen = new Set<string>();
  const waiting = dataInputs(node).map(nodeName);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (own.has(name)) return true;
    const one = all.get(name);
    if (!one || seen.has(name) || isEnter(one)) continue;
    seen.add(name);
    waiting.push(...dataInputs(one).map(nodeName));
  }
  return false;
}
