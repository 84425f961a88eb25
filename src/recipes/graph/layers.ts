import {type DraftCell, multiCell} from '../draft';
import type {GraphCell} from './cells';
import type {Drafting} from './context';
import {dtypeName, isPlaceholder} from './inputs';
import type {Place} from './layout';
import type {Laid, SequenceOutputs} from './outputs';
import type {GraphSequence} from './sequences';
import type {Source, Sources} from './sources';
import type {InitialState, StateNames} from './state-names';
import {isZero} from './states';
import {inputSize, type Unit} from './units';
import type {Ref} from './view';

/** Puts recurrent layers into a recipe. */
export class RecurrentLayers {
  private readonly placed = new Map<Unit, Laid>();

  constructor(
    private readonly recipe: Drafting,
    private readonly units: readonly Unit[],
    private readonly states: StateNames,
    private readonly outputs: SequenceOutputs,
    private readonly sources: Sources,
  ) {}

  /** What a tensor that a recurrent layer puts out is in the recipe, the layer put in place. */
  placeOf(ref: Ref): Place | undefined {
    const found = this.outputs.at(ref);
    return found?.placed(this.place(found.unit));
  }

  /** Puts a layer in place, once. */
  place(unit: Unit): Laid {
    const known = this.placed.get(unit);
    if (known) return known;
    // For what leads back to itself, until what it reads is found.
    this.placed.set(unit, {timeAxis: 1});
    const source = this.sources.of(unit) ?? this.unknownSource(unit);
    this.placed.set(unit, {timeAxis: source.timeAxis, steps: source.steps});
    const lengths = this.lengths(unit);
    const states = this.initialStates(unit);
    const from = [source.name, ...(states.length > 0 && lengths !== undefined ? [lengths] : []), ...states];
    this.add(unit, from, source);
    return this.placed.get(unit)!;
  }

  private add({name, forward, backward}: Unit, from: readonly string[], {timeAxis, alone}: Source): void {
    const {layers, assumed} = this.recipe;
    const common = {library: 'tf1', name, from};
    const config = {time_major: timeAxis === 0};
    if (backward) {
      const kind = forward.kind === 'static' ? 'static_bidirectional_rnn' : 'bidirectional_dynamic_rnn';
      const cells = {cell_fw: this.cellsOf(forward), cell_bw: this.cellsOf(backward)};
      layers.push({...common, class: kind, config, ...cells});
    } else if (forward.kind === 'fused') {
      layers.push({...common, ...this.cellOf(forward.cells[0]!, forward)});
    } else if (alone) {
      layers.push({...common, class: 'call', config: {}, cell: this.cellsOf(forward)});
    } else {
      if (forward.backwards)
        assumed.push(
          `'${name}' runs backwards in the graph and has no forward partner, which a recipe cannot say: here it runs forwards; put its input the other way round`,
        );
      layers.push({...common, class: `${forward.kind}_rnn`, config, cell: this.cellsOf(forward)});
    }
  }

  /** Data that the graph makes in a way that a recipe has no words for are given in their place. */
  private unknownSource({name, forward, backward}: Unit): Source {
    const {view} = this.recipe.matcher;
    let node = view.source(forward.source ?? forward.cells[0]!.steps[0]!.x);
    while (node && /^(Transpose|Squeeze|Reshape|ExpandDims|Unpack|Split)$/.test(node.op))
      node = view.source(view.input(node, node.op === 'Split' ? 1 : 0)!);
    const both = backward ? ', forwards and backwards' : '';
    this.recipe.assumed.push(
      `what '${name}' reads (${node ? `${node.op} '${node.name}' in the graph` : 'hidden in the graph'}${both}) is given as an input`,
    );
    const size = inputSize(forward.cells[0]!);
    const alone = forward.kind === 'call';
    const shape = alone ? [null, size] : [null, null, size];
    const input = this.recipe.inputs.named(`${name}.source`, 'x', shape, 'float32');
    return {name: input, timeAxis: forward.kind === 'fused' ? 0 : 1, alone};
  }

  private cellsOf(sequence: GraphSequence): DraftCell {
    return multiCell(
      sequence.cells.map(cell => this.cellOf(cell, sequence)),
      !this.states.isJoined(sequence.cells),
    );
  }

  private cellOf(cell: GraphCell, {residual}: GraphSequence): DraftCell {
    const variables = Object.fromEntries(
      Object.entries(cell.variables).map(([role, {array}]) => [role, array]),
    );
    this.recipe.assumed.push(...(cell.assumed ?? []));
    const {joined} = this.states.of(cell);
    const config = joined ? {...cell.config, state_is_tuple: false} : cell.config;
    const own = {class: cell.className, config, variables};
    return residual.has(cell) ? {...own, wrap: ['ResidualWrapper']} : own;
  }

  private lengths({name, forward, backward}: Unit): string | undefined {
    const {matcher, inputs, assumed} = this.recipe;
    const ref = forward.lengths ?? backward?.lengths;
    if (ref === undefined) {
      if (this.units.some(unit => unit.forward.lengths !== undefined))
        assumed.push(
          `'${name}' has no sequence_length in the graph; here the input "lengths" is heeded by every layer`,
        );
      return undefined;
    }
    const node = matcher.view.source(ref);
    const computed = !node || !isPlaceholder(node);
    const key = computed ? ref : node.name;
    const before = inputs.list.length;
    const found = inputs.named(key, 'lengths', [null], 'int32');
    if (computed && inputs.list.length > before)
      assumed.push(`sequence_length is computed in the graph ('${ref}'); here it is the input "${found}"`);
    if (found !== 'lengths')
      assumed.push(
        `'${name}' has lengths of its own ('${key}'), which a recipe cannot say: "lengths" is heeded by every layer`,
      );
    return found;
  }

  /** Makes inputs of states that are fed; names those of other layers. */
  private initialStates({name, forward, backward}: Unit): string[] {
    const sides: readonly (readonly [string, GraphSequence | undefined])[] = [
      [backward ? 'fw.' : '', forward],
      ['bw.', backward],
    ];
    const wanted = sides.flatMap(([side, sequence]) =>
      sequence ? this.states.initialOf(sequence, side) : [],
    );
    if (wanted.every(({ref}) => isZero(this.recipe.matcher.view, ref))) return [];
    return wanted.flatMap(initial => this.initialState(name, initial) ?? []);
  }

  /** The name of another layer's data; undefined where the state is an input, which is taken by its name. */
  private initialState(name: string, {ref, state, size}: InitialState): string | undefined {
    const {matcher, inputs, assumed} = this.recipe;
    const other = this.placeOf(ref);
    const given =
      other && (other.state ?? (other.form === 'full' && other.rank === 2 ? other.name : undefined));
    if (given !== undefined) return given;
    const node = matcher.view.source(ref);
    if (!node || !isPlaceholder(node)) {
      const zero = isZero(matcher.view, ref);
      const what = zero ? 'zero' : `${node ? `${node.op} '${node.name}'` : ref} in the graph`;
      assumed.push(`the initial ${state} of '${name}' is ${what}; here it is an input`);
    }
    const own = this.units.length > 1 ? `${name}.${state}` : state;
    const input = inputs.named(`${name}.${state}`, own, [null, size], node ? dtypeName(node) : 'float32');
    if (node && isPlaceholder(node)) inputs.alsoFrom(node, input);
    return undefined;
  }
}
