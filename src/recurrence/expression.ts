import type {Activation, Elementary} from './activations';
import {composed, type Primitives} from './composite';
import type {CarriedState, Gate} from './types';
import type {WeightName} from './weights';

/** A node's place in its graph. Nodes refer only to earlier ones. */
export type Id = number;

/**
 * One value of a time step. Rows are the batch; a gate block is `units` columns wide.
 * Everything that an engine has to be able to compute is in this list.
 */
export type Node =
  /** x·W + b of these (neighbouring) gates at this step. */
  | {readonly op: 'input'; readonly gates: readonly Gate[]}
  /** A state as the previous step left it. */
  | {readonly op: 'state'; readonly name: CarriedState}
  /** Columns of a weight vector, one row for the whole batch. */
  | {readonly op: 'weight'; readonly name: WeightName; readonly gates: readonly Gate[]}
  /** A dropout mask on h, the same at every step; `gate` absent: one for all gates. */
  | {readonly op: 'dropout'; readonly gate?: Gate}
  /** 1 where the step counts, 0 where it is masked, `[batch, 1]`; of this step or of the one before. */
  | {readonly op: 'mask'; readonly of: 'this' | 'previous'}
  /** x times these gates' columns of a weight matrix, or times their transpose. */
  | {
      readonly op: 'product';
      readonly x: Id;
      readonly weight: WeightName;
      readonly gates: readonly Gate[];
      readonly transposed: boolean;
    }
  /** The index-th of `count` equal column blocks. */
  | {readonly op: 'part'; readonly x: Id; readonly index: number; readonly count: number}
  | {readonly op: 'join'; readonly parts: readonly Id[]}
  | {readonly op: 'add'; readonly a: Id; readonly b: Id}
  | {readonly op: 'mul'; readonly a: Id; readonly b: Id}
  /** 1 − x */
  | {readonly op: 'complement'; readonly x: Id}
  | {readonly op: 'negate'; readonly x: Id}
  | {readonly op: 'offset'; readonly x: Id; readonly by: number}
  | {readonly op: 'activate'; readonly x: Id; readonly activation: Elementary}
  /** The derivative of an activation, from its value y. */
  | {readonly op: 'slope'; readonly y: Id; readonly activation: Elementary}
  /** Φ(x), the share of a standard normal distribution below x. */
  | {readonly op: 'normalCdf'; readonly x: Id}
  /** e^x over the sum of the row's. */
  | {readonly op: 'softmax'; readonly x: Id}
  /** The gradient of x through y = softmax(x): y·(dy − Σ dy·y). */
  | {readonly op: 'softmaxGradient'; readonly dy: Id; readonly y: Id}
  | {readonly op: 'clip'; readonly x: Id; readonly limit: number}
  /** 1 where |x| ≤ limit, 0 elsewhere. */
  | {readonly op: 'inside'; readonly x: Id; readonly limit: number}
  /** x itself, whose gradient is limited to ± limit. */
  | {readonly op: 'limitGradient'; readonly x: Id; readonly limit: number}
  /** 1 / √(variance of the row + epsilon), `[batch, 1]` */
  | {readonly op: 'inverseDeviation'; readonly x: Id; readonly epsilon: number}
  /** (x − mean of the row) · scale */
  | {readonly op: 'standardize'; readonly x: Id; readonly scale: Id}
  /** The gradient of x through `standardize` and `inverseDeviation`, from y = standardize(x, scale). */
  | {readonly op: 'standardizeGradient'; readonly dy: Id; readonly y: Id; readonly scale: Id}
  | {readonly op: 'zeros'; readonly like: Id}
  /** Backward graphs only: a value of the forward step. */
  | {readonly op: 'saved'; readonly id: Id}
  /** Backward graphs only: the gradient of a state after this step, or of this step's output. */
  | {readonly op: 'upstream'; readonly name: CarriedState | 'output'};

/** A graph under construction. Equal nodes are recorded once. */
export class Recorder {
  readonly nodes: Node[] = [];
  private readonly seen = new Map<string, Id>();
  /** What composite functions are recorded with. */
  readonly primitives: Primitives<Id> = {
    add: (a, b) => this.add(a, b),
    mul: (a, b) => this.mul(a, b),
    negate: x => this.negate(x),
    offset: (x, by) => this.offset(x, by),
    clip: (x, limit) => this.clip(x, limit),
    activate: (x, activation) => this.record({op: 'activate', x, activation}),
    normalCdf: x => this.record({op: 'normalCdf', x}),
    softmax: x => this.record({op: 'softmax', x}),
  };

  record(node: Node): Id {
    const key = JSON.stringify(node);
    const known = this.seen.get(key);
    if (known !== undefined) return known;
    this.seen.set(key, this.nodes.length);
    return this.nodes.push(node) - 1;
  }

  input = (...gates: Gate[]): Id => this.record({op: 'input', gates});
  state = (name: CarriedState): Id => this.record({op: 'state', name});
  weight = (name: WeightName, ...gates: Gate[]): Id => this.record({op: 'weight', name, gates});
  mask = (of: 'this' | 'previous'): Id => this.record({op: 'mask', of});
  dropout = (gate?: Gate): Id => this.record({op: 'dropout', gate});
  product = (x: Id, weight: WeightName, gates: readonly Gate[], transposed = false): Id =>
    this.record({op: 'product', x, weight, gates, transposed});
  add = (a: Id, b: Id): Id => this.record({op: 'add', a, b});
  mul = (a: Id, b: Id): Id => this.record({op: 'mul', a, b});
  complement = (x: Id): Id => this.record({op: 'complement', x});
  offset = (x: Id, by: number): Id => (by === 0 ? x : this.record({op: 'offset', x, by}));
  negate = (x: Id): Id => this.record({op: 'negate', x});
  /** f(x), which may be made of several nodes. */
  activate = (x: Id, f: Activation): Id => composed(this.primitives, f, x);
  clip = (x: Id, limit?: number): Id => (limit === undefined ? x : this.record({op: 'clip', x, limit}));
  limitGradient = (x: Id, limit?: number): Id =>
    limit === undefined ? x : this.record({op: 'limitGradient', x, limit});
  /** Rows with mean 0 and variance 1. */
  standardize = (x: Id, epsilon: number): Id =>
    this.record({op: 'standardize', x, scale: this.record({op: 'inverseDeviation', x, epsilon})});
  /** All `count` column blocks of x. */
  parts = (x: Id, count: number): Id[] =>
    count === 1 ? [x] : Array.from({length: count}, (_, index) => this.record({op: 'part', x, index, count}));
}
