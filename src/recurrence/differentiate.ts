import {normalDensity} from './composite';
import {type Id, type Node, Recorder} from './expression';
import type {StepGraph} from './step';
import type {CarriedState, Gate} from './types';
import type {WeightName} from './weights';

/** A weight's gradient: the sum over all steps of xᵀ·dy (matrices) or of dy's rows (vectors). */
export type WeightGradient =
  | {
      readonly kind: 'matrix';
      readonly weight: WeightName;
      readonly gates: readonly Gate[];
      readonly x: Id;
      readonly dy: Id;
    }
  | {readonly kind: 'vector'; readonly weight: WeightName; readonly gates: readonly Gate[]; readonly dy: Id};

/** One step backwards, as a graph. */
export interface BackwardGraph {
  readonly nodes: readonly Node[];
  /** Values of the forward step that are read here, as ids of the forward graph: the engine keeps them. */
  readonly saved: readonly Id[];
  /** Gradients of the carried states before the step; absent where nothing flows. */
  readonly states: Readonly<Partial<Record<CarriedState, Id>>>;
  /** Gradients of the pre-activations, by the gates they cover. */
  readonly inputs: readonly {readonly gates: readonly Gate[]; readonly id: Id}[];
  /** `x` is an id of the forward graph (one of `saved`), `dy` one of this graph. */
  readonly weights: readonly WeightGradient[];
}

/**
 * Reverse-mode differentiation of a step. `upstream` nodes named after the carried states take the gradients
 * that later steps left, `upstream` `output` takes that of the step's output.
 */
export function differentiate(step: StepGraph): BackwardGraph {
  const g = new Recorder();
  const saved = new Set<Id>();
  const adjoints = new Map<Id, Id>();
  const parts = new Map<Id, (Id | undefined)[]>();
  const states: Partial<Record<CarriedState, Id>> = {};
  const inputs: {gates: readonly Gate[]; id: Id}[] = [];
  const weights: WeightGradient[] = [];

  /** A forward value; leaves that the engine has at hand anyway are read again, all others are saved. */
  const value = (id: Id): Id => {
    const node = step.nodes[id]!;
    if (node.op === 'weight' || node.op === 'mask' || node.op === 'dropout') return g.record(node);
    if (node.op === 'complement' && step.nodes[node.x]!.op === 'mask') return g.complement(value(node.x));
    saved.add(id);
    return g.record({op: 'saved', id});
  };
  const accumulate = (id: Id, gradient: Id): void => {
    const sofar = adjoints.get(id);
    adjoints.set(id, sofar === undefined ? gradient : g.add(sofar, gradient));
  };

  accumulate(step.output, g.record({op: 'upstream', name: 'output'}));
  for (const name of step.carried) accumulate(step.next[name]!, g.record({op: 'upstream', name}));
  for (let id = step.nodes.length - 1; id >= 0; id--) {
    const node = step.nodes[id]!;
    const blocks = parts.get(id);
    if (blocks) accumulate(id, joined(g, blocks));
    const dy = adjoints.get(id);
    if (dy === undefined) continue;
    switch (node.op) {
      case 'input':
        inputs.push({gates: node.gates, id: dy});
        break;
      case 'state':
        states[node.name] = dy;
        break;
      case 'weight':
        weights.push({kind: 'vector', weight: node.name, gates: node.gates, dy});
        break;
      case 'product':
        value(node.x);
        weights.push({kind: 'matrix', weight: node.weight, gates: node.gates, x: node.x, dy});
        accumulate(node.x, g.product(dy, node.weight, node.gates, true));
        break;
      case 'part':
        if (!parts.has(node.x)) parts.set(node.x, new Array<Id | undefined>(node.count).fill(undefined));
        parts.get(node.x)![node.index] = dy;
        break;
      case 'add':
        accumulate(node.a, dy);
        accumulate(node.b, dy);
        break;
      case 'mul':
        if (flows(step, node.a)) accumulate(node.a, g.mul(dy, value(node.b)));
        if (flows(step, node.b)) accumulate(node.b, g.mul(dy, value(node.a)));
        break;
      case 'complement':
      case 'negate':
        accumulate(node.x, g.negate(dy));
        break;
      case 'offset':
        accumulate(node.x, dy);
        break;
      case 'activate':
      case 'normalCdf':
      case 'softmax':
      case 'clip':
      case 'limitGradient':
      case 'standardize':
        accumulate(node.x, throughFunction(g, node, dy, {x: () => value(node.x), y: () => value(id), value}));
        break;
      // The gradient of the deviation is part of standardize's.
      case 'inverseDeviation':
      case 'mask':
      case 'dropout':
        break;
      default:
        throw new TypeError(`'${node.op}' belongs to backward graphs only`);
    }
  }
  return {nodes: g.nodes, saved: [...saved].sort((a, b) => a - b), states, inputs, weights};
}

type Function_ = Extract<
  Node,
  {readonly op: 'activate' | 'normalCdf' | 'softmax' | 'clip' | 'limitGradient' | 'standardize'}
>;

/** Values of the forward step: of a function's operand, of its result, of any node. */
interface Values {
  x(): Id;
  y(): Id;
  value(id: Id): Id;
}

/** The gradient of a function's operand, from that of its result. */
function throughFunction(g: Recorder, node: Function_, dy: Id, {x, y, value}: Values): Id {
  switch (node.op) {
    case 'activate':
      return g.mul(dy, g.record({op: 'slope', y: y(), activation: node.activation}));
    case 'normalCdf':
      return g.mul(dy, normalDensity(g.primitives, x()));
    case 'softmax':
      return g.record({op: 'softmaxGradient', dy, y: y()});
    case 'clip':
      return g.mul(dy, g.record({op: 'inside', x: x(), limit: node.limit}));
    case 'limitGradient':
      return g.clip(dy, node.limit);
    case 'standardize':
      return g.record({op: 'standardizeGradient', dy, y: y(), scale: value(node.scale)});
  }
}

/** Masks and dropout carry no gradient. */
function flows(step: StepGraph, id: Id): boolean {
  const node = step.nodes[id]!;
  if (node.op === 'mask' || node.op === 'dropout') return false;
  return node.op !== 'complement' || flows(step, node.x);
}

/** Column blocks side by side; a block that nothing flowed into is zero. */
function joined(g: Recorder, blocks: readonly (Id | undefined)[]): Id {
  const like = blocks.find(block => block !== undefined)!;
  return g.record({op: 'join', parts: blocks.map(block => block ?? g.record({op: 'zeros', like}))});
}
