import type {GraphDef} from '../../../converters/graph-def/graph';
import {CarryoverError} from '../../errors';
import {type DraftLayer, outputsOf, type RecipeDraft, stateNames} from '../draft';
import {Arrangement} from './arrangement';
import {findCells} from './cells';
import type {Drafting} from './context';
import {Following} from './following';
import {RecipeInputs} from './inputs';
import {internalNodes} from './internals';
import {RecurrentLayers} from './layers';
import type {Place} from './layout';
import type {Affine, Matcher} from './match';
import {SequenceOutputs} from './outputs';
import {PlainLayers} from './plain';
import {findSequences, type GraphSequence} from './sequences';
import {Sources} from './sources';
import {StateNames} from './state-names';
import {StepOutputs} from './step-outputs';
import {type Unit, unitsOf, withoutObvious} from './units';
import {GraphVariables} from './variables';
import {dataInputs, GraphView, outputRef, type Ref} from './view';

/**
 * A recipe from a TensorFlow 1.x graph: cells with their forget bias, activations, clips, peepholes and projections, what
 * feeds what, lengths, initial states, time order, as the graph's operations say. `assumed` is left with what they do not.
 *
 * @param where the file, for messages
 * @throws CarryoverError `E_ARCHITECTURE` where the graph has no cell that is known
 */
export function recipeFromGraph(graph: GraphDef, where: string): RecipeDraft {
  return draw(graph, where).recipe();
}

/**
 * What a recipe of the graph would call its tensors: `x`, `lengths`, `y`, `rnn.state.c`, `logits`; as a function from a
 * tensor to its names, none of those that a recipe does not have, or has in another order.
 *
 * @throws CarryoverError `E_ARCHITECTURE` where the graph has no cell that is known
 */
export function recipeNames(graph: GraphDef, where: string): (ref: Ref) => string[] {
  const recipe = draw(graph, where);
  recipe.recipe();
  return ref => recipe.namesOf(ref);
}

function draw(graph: GraphDef, where: string): GraphRecipe {
  const view = new GraphView(graph);
  const matcher = {view, variables: new GraphVariables(view)};
  const {cells, dense} = findCells(matcher);
  if (cells.length === 0) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: no cell of TensorFlow 1.x was found in this graph of ${graph.nodes.length} nodes; write a recipe by hand`,
    );
  }
  return new GraphRecipe(matcher, findSequences(matcher, cells), dense);
}

class GraphRecipe implements Drafting {
  readonly layers: DraftLayer[] = [];
  readonly inputs = new RecipeInputs();
  readonly assumed: string[] = [];
  private readonly places = new Map<Ref, Place | undefined>();
  private readonly units: readonly Unit[];
  private readonly states: StateNames;
  private readonly recurrent: RecurrentLayers;
  private readonly plain: PlainLayers;
  private readonly internal: ReturnType<typeof internalNodes>;
  /** Whether what follows is looked at: what is not known by then is no part of the recipe. */
  private looksAhead = false;
  private named = (name: string): string => name;

  constructor(
    readonly matcher: Matcher,
    sequences: readonly GraphSequence[],
    private readonly dense: readonly Affine[],
  ) {
    const {view} = matcher;
    const cells = sequences.flatMap(sequence => sequence.cells);
    this.internal = internalNodes(view, cells);
    this.units = unitsOf(sequences);
    this.states = new StateNames(view, sequences);
    const arrangement = new Arrangement(this);
    this.plain = new PlainLayers(this, arrangement, dense);
    const steps = new StepOutputs(view, cells);
    const outputs = new SequenceOutputs(view, this.units, this.states, steps, this.internal);
    const sources = new Sources(this, arrangement);
    this.recurrent = new RecurrentLayers(this, this.units, this.states, outputs, sources);
  }

  recipe(): RecipeDraft {
    for (const unit of this.units) this.recurrent.place(unit);
    for (const {output} of this.dense) this.placeOf(output);
    this.addFollowing();
    const {inputs, rename} = this.inputs.used(this.layers);
    const heads = headNames(this.layers);
    const named = (name: string): string => heads.get(name) ?? rename(name);
    this.named = named;
    this.tellWhatIsLeft(named);
    const layers = this.layers
      .map(layer => ({...layer, name: named(layer.name), from: layer.from?.map(named)}))
      .map((layer, k, all) => withoutObvious(layer, all[k - 1], inputs));
    const outputs = outputsOf(layers);
    return {carryover: 1, inputs, layers, ...(outputs && {outputs}), assumed: this.assumed};
  }

  /** What the recipe calls a tensor, once it is drawn. */
  namesOf(ref: Ref): string[] {
    const at = this.matcher.view.resolve(ref);
    const input = this.inputs.nameOf(at.replace(/:0$/, ''));
    if (input !== undefined) return [this.named(input)];
    const place = this.places.get(at) ?? this.recurrent.placeOf(at);
    if (!place) return [];
    const same = place.form === 'full' && !place.swapped && !place.reversed;
    const isStep = this.layers.some(({name, class: kind}) => name === place.name && kind === 'call');
    // What a single step puts out is its state as well.
    const state = place.state ?? (same && isStep ? this.lastState(place.name) : undefined);
    return [...(same ? [this.named(place.name)] : []), ...(state === undefined ? [] : [state])];
  }

  placeOf(ref: Ref): Place | undefined {
    const at = this.matcher.view.resolve(ref);
    if (!this.places.has(at)) {
      // What leads back to itself is beyond a recipe.
      this.places.set(at, undefined);
      this.places.set(at, this.recurrent.placeOf(at) ?? this.plain.make(at));
    }
    return this.places.get(at);
  }

  placesOf(refs: readonly Ref[]): readonly Place[] | undefined {
    if (this.looksAhead && !refs.every(ref => this.isKnown(ref))) return undefined;
    const places = refs.flatMap(ref => this.placeOf(ref) ?? []);
    return places.length === refs.length ? places : undefined;
  }

  lastState(layer: string): string | undefined {
    const found = this.layers.find(({name}) => name === layer);
    const unit = this.units.find(({name}) => name === layer);
    if (!found || !unit || unit.backward || unit.forward.lengths !== undefined) return undefined;
    const {cells} = unit.forward;
    const last = cells.at(-1)!;
    const whole =
      !this.states.isJoined(cells) && !this.states.of(last).joined && !unit.forward.residual.has(last);
    const state = whole ? stateNames(found).at(-1) : undefined;
    return state && `${layer}.${state}`;
  }

  fixSteps(layer: string, steps: number): void {
    let name = layer;
    for (let found = this.layerOf(name); found; found = this.layerOf(name)) name = found.from?.[0] ?? '';
    this.inputs.settle(name, 1, steps);
  }

  /** The layer that data are from: `rnn` of `rnn.fw.y`. */
  private layerOf(data: string): DraftLayer | undefined {
    return this.layers.find(({name}) => data === name || data.startsWith(`${name}.`));
  }

  private isKnown(ref: Ref): boolean {
    return this.places.get(this.matcher.view.resolve(ref)) !== undefined;
  }

  /** What follows layers that are known and is a layer itself, by whatever name. */
  private addFollowing(): void {
    this.looksAhead = true;
    for (const node of this.matcher.view.nodes) {
      const [first] = dataInputs(node);
      if (first === undefined || this.internal.has(node)) continue;
      for (const input of dataInputs(node)) this.recognise(input);
      if (dataInputs(node).some(input => this.isKnown(input))) this.placeOf(outputRef(node));
    }
  }

  /** What recurrent layers put out is known by itself. */
  private recognise(ref: Ref): void {
    const at = this.matcher.view.resolve(ref);
    if (this.places.has(at)) return;
    const place = this.recurrent.placeOf(at);
    if (place) this.places.set(at, place);
  }

  private tellWhatIsLeft(named: (name: string) => string): void {
    for (const {kernel} of this.dense) {
      if (this.plain.isUsed(kernel)) continue;
      const text = `${[kernel.array].flat().join(', ')} is left out: what it multiplies is beyond a recipe; add it`;
      if (!this.assumed.includes(text)) this.assumed.push(text);
    }
    const following = new Following(this.matcher.view, this.places, this.internal, this.inputs);
    this.assumed.push(...following.leftOut(this.units, named));
  }
}

/** The only output layer is `logits`, and what makes probabilities of it `probs`. */
function headNames(layers: readonly DraftLayer[]): Map<string, string> {
  const isSquash = ({class: name, config}: DraftLayer): boolean =>
    name === 'Softmax' || (name === 'Activation' && config.activation === 'sigmoid');
  const readers = (name: string): DraftLayer[] => layers.filter(({from}) => from?.includes(name));
  const heads = layers.filter(
    ({class: kind, name}) =>
      kind === 'Dense' && readers(name).every(one => isSquash(one) && readers(one.name).length === 0),
  );
  const [head, ...others] = heads;
  if (!head || others.length > 0) return new Map();
  const [squash, ...more] = readers(head.name);
  return new Map([
    [head.name, 'logits'],
    ...(squash && more.length === 0 ? [[squash.name, 'probs'] as const] : []),
  ]);
}
