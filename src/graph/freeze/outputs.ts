import {constantOf} from '../../../converters/graph-def/frozen';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {partialShape} from '../../../converters/protobuf/tensorflow/shape';
import {dataInputs, nodeName, reach} from '../nodes';
import type {Ref} from '../types';
import {isVariable} from './variables';

/** What keeps, saves, sets and watches, and computes no output. */
const ASIDE =
  /^(Assert|Assign.*|Print|PrintV2|NoOp|Save.*|Restore.*|.*Summary.*|.*IsInitialized|IsVariableInitialized|(Resource|Sparse)?Apply.*|ResourceSparseApply.*|Scatter(Add|Sub|Update)|MergeV2Checkpoints|ShardedFilename|.*Table.*|Queue.*|.*Queue.*|.*Dataset.*|.*Iterator|Placeholder.*|Const|Stack.*|Control.*)$/;
/** What tells of tensors, or is the way of loops and branches. */
const WAYS =
  /^(Shape|ShapeN|Rank|Size|ZerosLike|OnesLike|TensorArray.*|TensorList.*|Switch|RefSwitch|LoopCond|Exit|RefExit|Enter|RefEnter|NextIteration|RefNextIteration)$/;
/** What looks at a tensor's form and not at its numbers. */
const FORM = /^(Shape|ShapeN|Rank|Size|ZerosLike|OnesLike)$/;
/** What losses are made by. */
const LOSSES =
  /^(.*CrossEntropyWithLogits|L2Loss|CTCLoss|CTCLossV2|InTopK|InTopKV2|LearnedUnigramCandidateSampler|LogUniformCandidateSampler|UniformCandidateSampler)$/;
/** What leads from what a model puts out to a statistic of it. */
const LOSS_STEPS =
  /^(Mul|Square|SquaredDifference|Log|Log1p|LogSoftmax|Neg|Abs|Exp|Sub|Add|AddV2|ClipByValue|Minimum|Maximum|Sqrt|Reshape|Identity|Cast|Mean|Sum)$/;
/** What mixes data with weights. */
const WEIGHED =
  /^(MatMul|BatchMatMul|BatchMatMulV2|Conv.*|DepthwiseConv2dNative|Gather.*|ResourceGather|BlockLSTM.*|LSTMBlockCell|GRUBlockCell|CudnnRNN.*|Einsum|FusedBatchNorm.*)$/;
const isGradient = ({name}: GraphNode): boolean => /(^|\/)gradients(_\d+)?\//.test(name);
const isData = ({op}: GraphNode): boolean => /^Placeholder|^IteratorGetNext|Dequeue/.test(op);

/**
 * What a graph computes in the end, where nothing in its file says it: the tensors made from data and weights that nothing
 * else uses but what trains, saves and watches. A loss is none of them: it also takes data that no weight is ever applied
 * to, the labels.
 *
 * @param nodes a graph for inference, calls taken apart
 */
export function outputsOf(nodes: readonly GraphNode[]): Ref[] {
  return new Ends(nodes).found();
}

class Ends {
  private readonly nodes: ReadonlyMap<string, GraphNode>;
  private readonly users = new Map<string, GraphNode[]>();

  constructor(all: readonly GraphNode[]) {
    const kept = all.filter(node => !isGradient(node));
    this.nodes = new Map(kept.map(node => [node.name, node]));
    for (const node of kept) {
      for (const name of new Set(dataInputs(node).map(nodeName))) {
        const list = this.users.get(name);
        if (list) list.push(node);
        else this.users.set(name, [node]);
      }
    }
  }

  found(): Ref[] {
    const all = [...this.nodes.values()];
    const weights = all.filter(node => isVariable(node) || isWeight(node));
    const weighed = this.after(weights);
    const data = all.filter(isData);
    const fromData = this.after(data);
    const lost = this.losses(all, data, weighed);
    const within = this.withinLoops(all);
    const meant = (node: GraphNode): boolean =>
      (weights.length === 0 || weighed.has(node.name)) &&
      fromData.has(node.name) &&
      ![lost, within].some(set => set.has(node.name)) &&
      !ASIDE.test(node.op);
    const ends = all.filter(
      node => meant(node) && !WAYS.test(node.op) && !this.usersOf(node).some(user => meant(user)),
    );
    return this.ordered(ends).flatMap(node => this.refsOf(node));
  }

  /** What trains: what is made from labels or by the operations of losses, and what leads to statistics alone. */
  private losses(
    all: readonly GraphNode[],
    data: readonly GraphNode[],
    weighed: ReadonlySet<string>,
  ): Set<string> {
    const read = all.filter(node => WEIGHED.test(node.op) && weighed.has(node.name));
    const needed = reach(read.flatMap(dataInputs), this.nodes);
    const labels = data.filter(node => !needed.has(node.name));
    const makers = all.filter(
      node => weighed.has(node.name) && (LOSSES.test(node.op) || this.isStatistic(node)),
    );
    const lost = this.after([...labels, ...makers]);
    for (const node of [...labels, ...makers]) lost.add(node.name);
    const waiting = makers.flatMap(node => this.makersOf(node));
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const isStep = LOSS_STEPS.test(node.op) && this.usersOf(node).every(({name}) => lost.has(name));
      if (!isStep || lost.has(node.name)) continue;
      lost.add(node.name);
      waiting.push(...this.makersOf(node));
    }
    return lost;
  }

  private makersOf(node: GraphNode): GraphNode[] {
    return dataInputs(node).flatMap(ref => this.nodes.get(nodeName(ref)) ?? []);
  }

  /** What is made anew in each turn of a loop. */
  private withinLoops(all: readonly GraphNode[]): Set<string> {
    const enters = all.filter(({op}) => /^(Ref)?Enter$/.test(op));
    const found = this.after(enters, node => /^(Ref)?Exit$/.test(node.op));
    for (const {name, op} of all) if (/^(Ref)?Exit$/.test(op)) found.delete(name);
    return found;
  }

  /** What needs most weights is what a model is for; numbers come before choices among them. */
  private ordered(ends: readonly GraphNode[]): GraphNode[] {
    const isChoice = (node: GraphNode): boolean =>
      /^(Arg(Max|Min)|Round|Greater.*|Less.*|Equal|NotEqual|TopK.*)$/.test(node.op) || !isFloat(node);
    const weights = new Map(
      ends.map(end => {
        const all = [...reach([`${end.name}:0`], this.nodes)].map(name => this.nodes.get(name)!);
        return [end, all.filter(node => isVariable(node) || isWeight(node)).length];
      }),
    );
    const rank = (node: GraphNode): number =>
      weights.get(node)! - (isChoice(node) ? Number.MAX_SAFE_INTEGER / 2 : 0);
    return [...ends].sort((a, b) => rank(b) - rank(a));
  }

  private refsOf(node: GraphNode): Ref[] {
    const parts =
      attribute(node, 'num_split')?.int ?? (node.op === 'Unpack' ? attribute(node, 'num')?.int : undefined);
    const several = /^TopK/.test(node.op) ? 2 : (parts ?? 1);
    return Array.from({length: several}, (_, k) => `${node.name}:${k}`);
  }

  private usersOf({name}: GraphNode): readonly GraphNode[] {
    return (this.users.get(name) ?? []).filter(({op}) => !FORM.test(op));
  }

  /** What is made from any of these nodes; what only looks at a tensor's form is not. */
  private after(nodes: readonly GraphNode[], ends: (node: GraphNode) => boolean = () => false): Set<string> {
    const found = new Set<string>();
    const waiting = [...nodes];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (const user of this.usersOf(node)) {
        if (found.has(user.name)) continue;
        found.add(user.name);
        if (!ends(user)) waiting.push(user);
      }
    }
    return found;
  }

  /** A sum or mean of everything. */
  private isStatistic(node: GraphNode): boolean {
    if (!/^(Mean|Sum|Prod|Max|Min)$/.test(node.op)) return false;
    const [, axes] = dataInputs(node);
    const given = axes === undefined ? undefined : this.nodes.get(nodeName(axes));
    const noted = node.attributes.get('_output_shapes')?.list?.shape[0];
    return (
      given === undefined ||
      given.op === 'Range' ||
      (noted !== undefined && partialShape(noted)?.length === 0)
    );
  }
}

function isFloat(node: GraphNode): boolean {
  const code = ['dtype', 'DstT', 'output_type', 'T']
    .map(name => attribute(node, name)?.type)
    .find(type => type !== undefined);
  const dtype = code === undefined ? undefined : dtypeOf(code);
  return dtype === undefined || dtype.startsWith('float') || dtype === 'bfloat16';
}

/** A constant of several numbers in a frozen graph is a weight, or as good as one. */
function isWeight(node: GraphNode): boolean {
  if (node.op !== 'Const') return false;
  const {tensor} = attribute(node, 'value') ?? {};
  const dims = tensor?.tensorShape?.dim ?? [];
  return tensor?.dtype !== 7 && dims.length > 0 && constantOf(node)?.dtype.startsWith('float') === true;
}
