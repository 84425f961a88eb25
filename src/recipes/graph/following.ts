import type {GraphNode} from '../../../converters/graph-def/node';
import {isPlaceholder, placeholderShape, type RecipeInputs} from './inputs';
import type {Place} from './layout';
import type {Unit} from './units';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** What tells of tensors, or keeps them, and computes nothing of them. */
const NOTES =
  /^(Shape|ShapeN|Rank|Size|ZerosLike|OnesLike|Assert|Print|PrintV2|NoOp|Save.*|.*Summary.*|IsVariableInitialized)$/;
/** The ways of loops and branches. */
const WAYS = /^(TensorArray.*|TensorList.*|Switch|RefSwitch|LoopCond)$/;
/** What chooses among outputs, or compares them. */
const CHOICES =
  /^(ArgMax|ArgMin|TopK|TopKV2|InTopK|InTopKV2|Equal|NotEqual|Greater|GreaterEqual|Less|LessEqual|Multinomial|Round|Sign|OneHot|Where)$/;
/** What losses are made of. */
const LOSSES =
  /^(.*CrossEntropy.*|Log|Log1p|LogSoftmax|Square|SquaredDifference|Neg|Abs|Exp|ClipByValue|Minimum|Maximum|Mean|Sum|Max|Min|Prod|L2Loss|Softplus|CTCLoss|CTC.*Decoder)$/;
const isAside = ({op}: GraphNode): boolean => NOTES.test(op) || WAYS.test(op);

const MOST_HOPS = 6;
const MOST_STEPS_BACK = 64;

/** What a graph makes of the data that a recipe has, beyond what the recipe has. */
export class Following {
  constructor(
    private readonly view: GraphView,
    private readonly places: ReadonlyMap<Ref, Place | undefined>,
    private readonly internal: ReadonlySet<GraphNode>,
    private readonly inputs: RecipeInputs,
  ) {}

  /** One sentence for everything that is left out, by what it follows. */
  leftOut(units: readonly Unit[], named: (name: string) => string): string[] {
    const told = new Map<string, string>();
    const tell = (name: string, node: GraphNode): void => {
      if (!told.has(name) && this.isMeant(node)) told.set(name, `${node.op} '${node.name}'`);
    };
    for (const [ref, place] of this.places) {
      for (const node of place ? this.usersOf(ref) : [])
        if (!this.isSpare(node, place!)) tell(named(place!.name), node);
    }
    for (const {name, forward, backward} of units) {
      const within = [forward, backward].flatMap(sequence => sequence?.cells.slice(0, -1) ?? []);
      for (const {steps} of within)
        for (const {output} of steps) for (const node of this.usersOf(output)) tell(`${name}, within`, node);
    }
    return [
      ...[...told].map(
        ([name, what]) =>
          `what the graph makes of '${name}' next (${what}) is left out: it is beyond a recipe`,
      ),
      ...this.otherwiseLaid(named),
    ];
  }

  /** What the graph puts out in another order than the recipe does. */
  private otherwiseLaid(named: (name: string) => string): string[] {
    const said = new Set<string>();
    for (const [ref, place] of this.places) {
      if (place?.rank !== 3 || place.form === 'step' || this.isUsed(ref)) continue;
      const name = named(place.name);
      if (place.reversed)
        said.add(`the graph has the steps of '${name}' in reverse order; here they are in order`);
      if (place.swapped)
        said.add(
          `the graph has '${name}' with ${place.timeAxis === 0 ? 'batch' : 'time'} first; here it is the other way round`,
        );
    }
    return [...said];
  }

  private isUsed(ref: Ref): boolean {
    return (
      this.usersOf(ref).some(({op}) => !NOTES.test(op)) ||
      this.view.consumers(ref).some(node => this.internal.has(node))
    );
  }

  /** The nodes that use a tensor, past those that hand it on as it is. */
  private usersOf(ref: Ref, hops = MOST_HOPS): GraphNode[] {
    return this.view.consumers(ref).flatMap(node => {
      if (this.internal.has(node)) return [];
      const output = outputRef(node);
      const passes = this.view.resolve(output) === this.view.resolve(ref);
      return passes && hops > 0 ? this.usersOf(output, hops - 1) : [node];
    });
  }

  /** What is made of each step, where a single one of them is used and in the recipe. */
  private isSpare({op}: GraphNode, {users}: Place): boolean {
    return users?.flat().some(user => user.op === op && this.isPlaced(outputRef(user))) === true;
  }

  /** Whether a node is part of what the model computes, and not in the recipe. */
  private isMeant(node: GraphNode): boolean {
    if (this.isInRecipe(node) || isAside(node) || this.isTraining(node)) return false;
    const all = this.usersOf(outputRef(node));
    const users = all.filter(user => !isAside(user));
    if (users.length < all.length && users.length === 0) return false;
    if (CHOICES.test(node.op)) return users.length === 0;
    // A mean or sum of all is a statistic.
    if (this.isTotal(node) || (users.length > 0 && users.every(user => this.isTotal(user)))) return false;
    return !this.leadsToLoss(node, users);
  }

  /** A node that is a layer, or a part of one. */
  private isInRecipe(node: GraphNode, hops = 4): boolean {
    if (this.view.outputsOf(node).some(output => this.isPlaced(output)) || this.isPlaced(outputRef(node)))
      return true;
    if (
      hops === 0 ||
      !/^(MatMul|Reshape|Floor|Mul|RealDiv|Div|Select|SelectV2|Merge|Transpose|Concat(V2)?)$/.test(node.op)
    )
      return false;
    const users = this.usersOf(outputRef(node));
    return users.length > 0 && users.every(user => this.isInRecipe(user, hops - 1));
  }

  private isPlaced(ref: Ref): boolean {
    return this.places.get(this.view.resolve(ref)) !== undefined;
  }

  /** What also reads data that the model does not, such as labels. */
  private isTraining(node: GraphNode): boolean {
    return dataInputs(node).some(input => this.isForeign(input));
  }

  private isForeign(ref: Ref): boolean {
    const seen = new Set<Ref>();
    const left = [this.view.resolve(ref)];
    for (let at = left.pop(); at !== undefined && seen.size < MOST_STEPS_BACK; at = left.pop()) {
      if (seen.has(at) || this.isPlaced(at)) continue;
      seen.add(at);
      const node = this.view.producer(at);
      if (!node) continue;
      if (isPlaceholder(node)) {
        if (!this.inputs.isKnown(node) && placeholderShape(node)?.length !== 0) return true;
      } else if (/^(IteratorGetNext|.*Dequeue.*|.*Reader.*)/.test(node.op)) return true;
      left.push(...dataInputs(node).map(input => this.view.resolve(input)));
    }
    return false;
  }

  /** A sum or mean over all axes. */
  private isTotal(node: GraphNode): boolean {
    const [, axes] = dataInputs(node);
    if (!/^(Mean|Sum|Prod|L2Loss)$/.test(node.op)) return false;
    const given = axes === undefined ? undefined : this.view.source(axes);
    return given === undefined || given.op === 'Range' || (this.view.numbers(axes)?.length ?? 0) > 1;
  }

  /** Whether all that is made of a node in the end is compared with labels, by the operations of losses. */
  private leadsToLoss(node: GraphNode, users: readonly GraphNode[], hops = MOST_HOPS): boolean {
    const shifted = /^(Add|AddV2|Sub)$/.test(node.op);
    if (users.length === 0 || hops === 0 || !(LOSSES.test(node.op) || shifted)) return false;
    return users.every(user => {
      if (this.isTraining(user) || CHOICES.test(user.op)) return !shifted;
      const next = this.usersOf(outputRef(user)).filter(one => !isAside(one));
      return LOSSES.test(user.op) && (next.length === 0 || this.leadsToLoss(user, next, hops - 1));
    });
  }
}
