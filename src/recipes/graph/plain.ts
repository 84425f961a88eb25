import type {GraphNode} from '../../../converters/graph-def/node';
import type {DraftLayer} from '../draft';
import type {Arrangement} from './arrangement';
import type {Drafting} from './context';
import {placeholderShape} from './inputs';
import {assembled, cut, type Place, reshaped, sameLayout, timedOn, wholePlace} from './layout';
import {type Affine, activationOf} from './match';
import {withoutDropout} from './step-outputs';
import {targetOf} from './targets';
import type {GraphVariable} from './variables';
import {dataInputs, outputRef, type Ref} from './view';

/** Sums and the like of data that lie alike. */
const ELEMENTWISE: Readonly<Record<string, string>> = {
  Add: 'Add',
  AddV2: 'Add',
  AddN: 'Add',
  Sub: 'Subtract',
  Mul: 'Multiply',
  Maximum: 'Maximum',
  Minimum: 'Minimum',
};

const POOLING: Readonly<Record<string, string>> = {
  Mean: 'GlobalAveragePooling1D',
  Max: 'GlobalMaxPooling1D',
};

type Make = (node: GraphNode, inputs: readonly Ref[]) => Place | undefined;

/** The layers of a graph without state: embeddings, dense layers, activations, sums, and joins. */
export class PlainLayers {
  private readonly used = new Set<GraphVariable>();
  private readonly byOutput: ReadonlyMap<Ref, Affine>;
  private readonly makers: readonly (readonly [ops: RegExp, make: Make])[] = [
    [/^Placeholder(V2|WithDefault)?$/, node => this.placeholder(node)],
    [/^(Gather|GatherV2|ResourceGather)$/, (_, inputs) => this.gathered(inputs)],
    [/^(Pack|ConcatV2|Concat)$/, (node, inputs) => this.together(node, inputs)],
    [/^(Mean|Max)$/, (node, inputs) => this.pooled(node, inputs)],
    [/^Softmax$/, (node, [input]) => this.after(node, input!, 'Softmax', {})],
  ];

  constructor(
    private readonly recipe: Drafting,
    private readonly arrangement: Arrangement,
    private readonly dense: readonly Affine[],
  ) {
    this.byOutput = new Map(dense.map(product => [product.output, product]));
  }

  isUsed(kernel: GraphVariable): boolean {
    return this.used.has(kernel);
  }

  /** What a tensor is that no recurrent layer puts out. */
  make(at: Ref): Place | undefined {
    const {view} = this.recipe.matcher;
    const product = this.byOutput.get(at);
    if (product) return this.denseLayer(product);
    const node = view.producer(at);
    if (!node) return undefined;
    const inputs = dataInputs(node);
    const [, make] = this.makers.find(([ops]) => ops.test(node.op)) ?? [];
    if (make) return make(node, inputs);
    const activation = activationOf(node.op);
    if (activation) return this.after(node, inputs[0]!, 'Activation', {activation});
    const kept = withoutDropout(view, node);
    if (kept !== undefined) return this.recipe.placeOf(kept);
    return ELEMENTWISE[node.op] ? this.elementwise(node, inputs) : this.arrangement.make(node, at);
  }

  /** Indices, or data whose features come last; batch and time are left open. */
  private placeholder(node: GraphNode): Place {
    const {view} = this.recipe.matcher;
    const shape = placeholderShape(node);
    const indices = view.consumers(outputRef(node)).some(user => this.looksUp(user));
    // Before 1.0 a placeholder of which not every size is known has none at all.
    const open = indices ? [null, null] : [null, null, null];
    const sizes = shape?.length
      ? shape.map((size, axis) => (indices || axis < shape.length - 1 ? null : size))
      : open;
    const input = this.recipe.inputs.data(node, sizes);
    const rank = input.shape.length + (indices ? 1 : 0) > 2 ? 3 : 2;
    const size = (indices ? undefined : input.shape.at(-1)) ?? undefined;
    return {...wholePlace(input.name, {rank, size}), indices, axes: shape?.slice(0, 2)};
  }

  private looksUp(user: GraphNode): boolean {
    const {view, variables} = this.recipe.matcher;
    if (/^(Cast|Transpose|Reshape|Identity)$/.test(user.op))
      return view.consumers(outputRef(user)).some(next => this.looksUp(next));
    return /Gather/.test(user.op) && variables.of(dataInputs(user)[0]) !== undefined;
  }

  /** A look-up in a table, or one step of data whose first axis is time. */
  private gathered(inputs: readonly Ref[]): Place | undefined {
    const {view, variables} = this.recipe.matcher;
    const table = variables.of(inputs[0]);
    const index = table ? undefined : view.number(inputs[1]);
    if (index !== undefined) {
      const data = this.recipe.placeOf(inputs[0]!);
      return data && cut(data, view.number(inputs[2]) ?? 0, index);
    }
    if (table?.shape.length !== 2 || typeof table.array !== 'string') return undefined;
    const from = this.recipe.placeOf(inputs[1]!);
    if (!from?.indices) return undefined;
    const [rows, width] = table.shape;
    const config = {input_dim: rows, output_dim: width};
    const name = this.arrangement.add({
      class: 'Embedding',
      config,
      variables: {embeddings: table.array},
      from: [from.name],
    });
    return {...from, name, indices: false, size: width};
  }

  private denseLayer(product: Affine): Place | undefined {
    const {node, input, kernel, bias, fold} = product;
    const [rows, units] = kernel.shape as [number, number];
    const data = this.recipe.placeOf(input);
    const rowsOf = data && this.matrix(data, rows);
    const from = rowsOf && this.arrangement.ready(rowsOf, node, user => this.outputOf(user, kernel));
    if (!from) return undefined;
    this.used.add(kernel);
    const config = {units, activation: 'linear', ...(bias ? {} : {use_bias: false})};
    const variables = {kernel: kernel.array, ...(bias && {bias: bias.array})};
    const name = this.arrangement.add({class: 'Dense', config, variables, from: [from.name]});
    const place = {...from, name, size: units};
    if (fold === undefined) return place;
    const found = reshaped(place, targetOf(this.recipe.matcher.view, fold));
    return found?.kind === 'same' ? found.place : undefined;
  }

  /** What a product with the same kernel puts out. */
  private outputOf(node: GraphNode, {array}: GraphVariable): Ref | undefined {
    const product = this.dense.find(other => other.node === node);
    return product && String(product.kernel.array) === String(array) ? product.output : undefined;
  }

  /** What a product of so many rows multiplies. */
  private matrix(data: Place, rows: number): Place | undefined {
    if (data.form === 'wide') return this.arrangement.flattened(data, rows);
    const fits = data.size === undefined || data.size === rows;
    return data.indices || !fits || (data.form === 'full' && data.rank === 3) ? undefined : data;
  }

  /** All steps of a layer, or the features of several layers, side by side. */
  private together(node: GraphNode, inputs: readonly Ref[]): Place | undefined {
    const {view} = this.recipe.matcher;
    const pack = node.op === 'Pack';
    const values = pack ? inputs : node.op === 'Concat' ? inputs.slice(1) : inputs.slice(0, -1);
    const places = this.recipe.placesOf(values);
    if (!places) return undefined;
    const axis = pack
      ? (view.int(node, 'axis') ?? 0)
      : view.number(node.op === 'Concat' ? inputs[0] : inputs.at(-1));
    if (axis === undefined) return undefined;
    return (
      assembled(places, axis, pack ? 'pack' : 'concat') ??
      (pack ? undefined : this.joined(node, places, axis))
    );
  }

  private joined(node: GraphNode, places: readonly Place[], axis: number): Place | undefined {
    const parts = this.alike(node, places);
    if (!parts) return undefined;
    const [first] = parts as [Place];
    if (axis !== -1 && axis !== (first.form === 'full' ? first.rank - 1 : 1)) return undefined;
    const size = parts.reduce((sum, part) => sum + (part.size ?? Number.NaN), 0);
    const from = parts.map(({name}) => name);
    const name = this.arrangement.add({class: 'Concatenate', config: {axis: -1}, from});
    return {...first, name, size: Number.isNaN(size) ? undefined : size};
  }

  private elementwise(node: GraphNode, inputs: readonly Ref[]): Place | undefined {
    const places = inputs.length > 1 ? this.recipe.placesOf(inputs) : undefined;
    const parts = places && this.alike(node, places);
    const [first] = parts ?? [];
    if (!first || !parts?.every(({size, form}) => size === first.size && form !== 'wide')) return undefined;
    const from = parts.map(({name}) => name);
    return {...first, name: this.arrangement.add({class: ELEMENTWISE[node.op]!, config: {}, from})};
  }

  /** Data that a node puts together, if they lie alike: steps of all, or of each alone. */
  private alike(node: GraphNode, places: readonly Place[]): Place[] | undefined {
    const parts = places.flatMap(place => this.arrangement.ready(place, node) ?? []);
    const found = parts.some(({form}) => form !== 'step')
      ? parts.flatMap(part => this.arrangement.settled(part) ?? [])
      : parts;
    const [first] = found;
    if (found.length < places.length || first?.indices) return undefined;
    return found.every(part => sameLayout(first!, part)) ? found : undefined;
  }

  /** The mean or the largest over all steps. */
  private pooled(node: GraphNode, [input, axes]: readonly Ref[]): Place | undefined {
    const {view} = this.recipe.matcher;
    const axis = view.number(axes);
    const data = this.recipe.placeOf(input!);
    if (!data || axis === undefined || data.form !== 'full' || view.flag(node, 'keep_dims')) return undefined;
    const timed = timedOn(data, axis);
    if (timed?.timeAxis !== 1) return undefined;
    const name = this.arrangement.add({class: POOLING[node.op]!, config: {}, from: [timed.name]});
    return wholePlace(name, {rank: 2, size: timed.size});
  }

  /** What changes each number by itself, or each row of features. */
  private after(node: GraphNode, input: Ref, kind: string, config: DraftLayer['config']): Place | undefined {
    const data = this.recipe.placeOf(input);
    const from =
      data && !data.indices && data.form !== 'wide' ? this.arrangement.ready(data, node) : undefined;
    return from && {...from, name: this.arrangement.add({class: kind, config, from: [from.name]})};
  }
}
