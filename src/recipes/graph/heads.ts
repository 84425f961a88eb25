import type {GraphNode} from '../../../converters/graph-def/node';
import type {DraftLayer} from '../draft';
import {isPlaceholder, placeholderShape} from './inputs';
import {type Affine, activationOf} from './match';
import type {GraphRecipe} from './recipe';
import {withoutDropout} from './step-outputs';
import type {GraphVariable} from './variables';
import {dataInputs, outputRef, type Ref} from './view';

/** The layers of a graph without state: embeddings, dense layers, activations, joins. */
export class PlainLayers {
  private readonly names = new Map<Ref, string | undefined>();
  private readonly used = new Set<GraphVariable>();
  private readonly byOutput: ReadonlyMap<Ref, Affine>;

  constructor(
    private readonly recipe: GraphRecipe,
    private readonly dense: readonly Affine[],
  ) {
    this.byOutput = new Map(dense.map(product => [product.output, product]));
  }

  isUsed(kernel: GraphVariable): boolean {
    return this.used.has(kernel);
  }

  /** Dense layers and softmaxes that come, by whatever way, from a layer that is known. */
  addHeads(): void {
    for (const product of this.dense) this.recipe.refOf(product.output);
    for (const node of this.recipe.matcher.view.nodes) {
      if (node.op !== 'Softmax') continue;
      const input = this.recipe.refOf(dataInputs(node)[0]!);
      if (this.isLayer(input, 'Dense')) this.recipe.refOf(outputRef(node));
    }
  }

  refOf(ref: Ref): string | undefined {
    const at = this.recipe.matcher.view.resolve(ref);
    if (!this.names.has(at)) {
      // What leads back to itself is beyond a recipe.
      this.names.set(at, undefined);
      this.names.set(at, this.make(at));
    }
    return this.names.get(at);
  }

  /** The only output layer is `logits`, and a softmax after it `probs`. */
  renamed(layers: readonly DraftLayer[]): DraftLayer[] {
    const read = new Set(
      layers.filter(({class: name}) => name !== 'Softmax').flatMap(({from}) => from ?? []),
    );
    const heads = layers.filter(({class: name, name: own}) => name === 'Dense' && !read.has(own));
    const names = new Map<string, string>();
    if (heads.length === 1) {
      const [{name}] = heads as [DraftLayer];
      names.set(name, 'logits');
      const softmax = layers.filter(({class: kind, from}) => kind === 'Softmax' && from?.[0] === name);
      if (softmax.length === 1) names.set(softmax[0]!.name, 'probs');
    }
    const rename = (name: string): string => names.get(name) ?? name;
    return layers.map(layer => ({
      ...layer,
      name: rename(layer.name),
      ...(layer.from && {from: layer.from.map(rename)}),
    }));
  }

  private make(at: Ref): string | undefined {
    const {view} = this.recipe.matcher;
    const product = this.byOutput.get(at);
    if (product) return this.denseLayer(product);
    const node = view.producer(at);
    if (!node) return undefined;
    if (isPlaceholder(node)) return this.recipe.inputs.data(node, this.shapeOf(node));
    const inputs = dataInputs(node);
    if (/^(Gather|GatherV2|ResourceGather)$/.test(node.op)) return this.embedding(inputs);
    // A sum that is a product's bias is known by its output alone; Reshape keeps the features last.
    if (/^(Reshape|Squeeze|ExpandDims)$/.test(node.op) || view.keepsAxes(node))
      return this.recipe.refOf(inputs[0]!);
    if (/^(ConcatV2|Concat)$/.test(node.op)) return this.join(node, inputs);
    if (node.op === 'StridedSlice') return this.lastStep(node, inputs);
    if (node.op === 'Softmax') return this.after(inputs[0]!, 'Softmax', {});
    const activation = activationOf(node.op);
    if (activation) return this.after(inputs[0]!, 'Activation', {activation});
    const kept = withoutDropout(view, node);
    return kept === undefined ? undefined : this.recipe.refOf(kept);
  }

  /** Indices, or data whose features come last; batch and time are left open. */
  private shapeOf(node: GraphNode): (number | null)[] {
    const {view} = this.recipe.matcher;
    const shape = placeholderShape(node);
    const indices = view.consumers(outputRef(node)).some(({op}) => /Gather/.test(op));
    // Before 1.0 a placeholder of which not every size is known has none at all.
    if (!shape?.length) return indices ? [null, null] : [null, null, null];
    return shape.map((size, axis) => (indices || axis < shape.length - 1 ? null : size));
  }

  private embedding(inputs: readonly Ref[]): string | undefined {
    const table = this.recipe.matcher.variables.of(inputs[0]);
    if (table?.shape.length !== 2 || typeof table.array !== 'string') return undefined;
    const from = this.recipe.refOf(inputs[1]!);
    if (from === undefined) return undefined;
    const [rows, width] = table.shape;
    const config = {input_dim: rows, output_dim: width};
    const variables = {embeddings: table.array};
    return this.add({class: 'Embedding', config, variables, from: [from]}, 'embedding');
  }

  private denseLayer({input, kernel, bias}: Affine): string | undefined {
    const from = this.recipe.refOf(input);
    if (from === undefined) return undefined;
    this.used.add(kernel);
    const config = {units: kernel.shape[1], activation: 'linear', ...(bias ? {} : {use_bias: false})};
    const variables = {kernel: kernel.array, ...(bias && {bias: bias.array})};
    return this.add({class: 'Dense', config, variables, from: [from]}, 'dense');
  }

  private after(ref: Ref, kind: string, config: DraftLayer['config']): string | undefined {
    const from = this.recipe.refOf(ref);
    return from === undefined ? undefined : this.add({class: kind, config, from: [from]}, kind.toLowerCase());
  }

  private join(node: GraphNode, inputs: readonly Ref[]): string | undefined {
    const values = node.op === 'Concat' ? inputs.slice(1) : inputs.slice(0, -1);
    const from = values.map(value => this.recipe.refOf(value));
    if (from.length === 0 || from.includes(undefined)) return undefined;
    return this.add({class: 'Concatenate', config: {axis: -1}, from: from as string[]}, 'concatenate');
  }

  /** `y[:, -1]` and, unless rows differ in length, the final state, which is the same. */
  private lastStep(node: GraphNode, [input, begin]: readonly Ref[]): string | undefined {
    const {view} = this.recipe.matcher;
    const [, step] = view.numbers(begin) ?? [];
    const from = this.recipe.refOf(input!);
    if (from === undefined || view.int(node, 'shrink_axis_mask') !== 2 || step !== -1) return undefined;
    const state = this.recipe.lastState(from);
    return state ? `${from}.${state}` : this.last(from);
  }

  /** The last time step of what a layer puts out. */
  last(from: string): string {
    const made = this.recipe.layers.find(layer => layer.class === 'Last' && layer.from?.[0] === from);
    return made?.name ?? this.add({class: 'Last', config: {}, from: [from]}, 'last');
  }

  private isLayer(name: string | undefined, kind: string): boolean {
    return this.recipe.layers.some(layer => layer.name === name && layer.class === kind);
  }

  private add(layer: Omit<DraftLayer, 'library' | 'name'>, wanted: string): string {
    const {layers} = this.recipe;
    let name = wanted;
    for (let k = 1; layers.some(other => other.name === name); k++) name = `${wanted}_${k}`;
    layers.push({library: 'keras2', name, ...layer});
    return name;
  }
}
