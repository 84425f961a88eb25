import {unsupported} from '../../../converters/format-error';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {byName, dataInputs, isControl, nodeName, outputIndex} from '../nodes';

/*
 * Loops of the first kind run in frames. A node without inputs is in the frame of what it waits for (`^while/Identity`);
 * pruning leaves such inputs out. TensorFlow refuses to mix frames, so each chain of nodes that no input ties to a frame is
 * copied into every frame that uses it, waiting for the frame's own `Merge`.
 */

/** The frames around a node, the outermost first. */
type Frames = readonly string[];

/** Loops within loops; deeper is damage. */
const DEEPEST = 32;

const ROOT: Frames = [];

/**
 * The nodes, those without inputs in the frames that use them.
 * @throws CarryoverError `E_UNSUPPORTED` for loops nested without end
 */
export function withinFrames(nodes: readonly GraphNode[]): readonly GraphNode[] {
  if (!nodes.some(({op}) => op === 'Enter')) return nodes;
  return new Framing(nodes).all();
}

class Framing {
  private readonly nodes: Map<string, GraphNode>;
  private readonly frames: ReadonlyMap<string, Frames>;
  /** A `Merge` of each frame, which runs at each of its steps. */
  private readonly merges = new Map<string, string>();
  private readonly copies = new Map<string, GraphNode>();
  private readonly numbers = new Map<string, number>();

  constructor(nodes: readonly GraphNode[]) {
    this.nodes = byName(nodes);
    this.frames = framesOf(nodes, this.nodes);
    for (const node of nodes) {
      const key = keyOf(this.framesOf(node.name));
      const isLoops = node.op === 'Merge' && dataInputs(node).some(ref => this.opOf(ref) === 'NextIteration');
      if (isLoops && !this.merges.has(key)) this.merges.set(key, node.name);
    }
  }

  all(): GraphNode[] {
    const own = [...this.nodes.values()].map(node => this.inFrame(node, this.wanted(node)));
    return [...own, ...this.copies.values()];
  }

  private opOf(ref: string): string | undefined {
    return this.nodes.get(nodeName(ref))?.op;
  }

  private framesOf(name: string): Frames {
    return this.frames.get(name) ?? ROOT;
  }

  /** The frames that a node's inputs have to be in. */
  private wanted(node: GraphNode): Frames {
    const frames = this.framesOf(node.name);
    if (node.op === 'Enter') return frames.slice(0, -1);
    if (node.op !== 'Exit') return frames;
    return longest(dataInputs(node).map(ref => this.framesOf(nodeName(ref))));
  }

  private inFrame(node: GraphNode, frames: Frames): GraphNode {
    if (frames.length === 0) return node;
    return {
      ...node,
      inputs: node.inputs.map(input => (isControl(input) ? input : this.inputIn(input, frames))),
    };
  }

  /** An input as it is called in these frames. */
  private inputIn(input: string, frames: Frames): string {
    const name = nodeName(input);
    const node = this.nodes.get(name);
    if (!node || this.framesOf(name).length >= frames.length || /^Placeholder/.test(node.op)) return input;
    const output = outputIndex(input);
    return `${this.copyOf(node, frames)}:${output}`;
  }

  private copyOf(node: GraphNode, frames: Frames): string {
    const name = this.copyName(node, frames);
    if (this.copies.has(name)) return name;
    const waits = this.merges.get(keyOf(frames));
    const isSource = dataInputs(node).length === 0 && waits !== undefined;
    this.copies.set(name, {...node, name, ...(isSource && {inputs: [`^${waits}`]})});
    if (!isSource) this.copies.set(name, {...this.inFrame(node, frames), name});
    return name;
  }

  private copyName({name}: GraphNode, frames: Frames): string {
    const key = keyOf(frames);
    const number = this.numbers.get(key) ?? this.numbers.size;
    this.numbers.set(key, number);
    let free = `${name}/in_loop_${number}`;
    while (this.nodes.has(free)) free += '_';
    return free;
  }
}

const keyOf = (frames: Frames): string => JSON.stringify(frames);

const longest = (all: readonly Frames[]): Frames =>
  all.reduce((best, frames) => (frames.length > best.length ? frames : best), ROOT);

/** The frames of each node: the innermost of its inputs'. */
function framesOf(
  nodes: readonly GraphNode[],
  names: ReadonlyMap<string, GraphNode>,
): ReadonlyMap<string, Frames> {
  const users = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const ref of dataInputs(node)) {
      const list = users.get(nodeName(ref));
      if (list) list.push(node);
      else users.set(nodeName(ref), [node]);
    }
  }
  const found = new Map<string, Frames>();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const before = found.get(node.name);
    const frames = around(node, found);
    if (frames.length > DEEPEST) throw unsupported(node.where, `loops nested more than ${DEEPEST} deep`);
    if (before !== undefined && before.length >= frames.length) continue;
    found.set(node.name, frames);
    for (const user of users.get(node.name) ?? []) if (names.has(user.name)) waiting.push(user);
  }
  return found;
}

function around(node: GraphNode, found: ReadonlyMap<string, Frames>): Frames {
  const frames = longest(dataInputs(node).map(ref => found.get(nodeName(ref)) ?? ROOT));
  if (node.op === 'Enter') return [...frames, attribute(node, 'frame_name')?.text ?? ''];
  return node.op === 'Exit' ? frames.slice(0, -1) : frames;
}
