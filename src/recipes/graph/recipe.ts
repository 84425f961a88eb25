import type {GraphDef} from '../../../converters/graph-def/graph';
import {CarryoverError} from '../../errors';
import {type DraftCell, type DraftLayer, multiCell, outputsOf, type RecipeDraft, stateNames} from '../draft';
import {findCells, type GraphCell} from './cells';
import {PlainLayers} from './heads';
import {dtypeName, isPlaceholder, RecipeInputs} from './inputs';
import type {Affine, Matcher} from './match';
import {findSequences, type GraphSequence} from './sequences';
import {type CellStates, finalStates, isZero, statesOf} from './states';
import {StepOutputs} from './step-outputs';
import {inputSize, stateSizes, type Unit, unitsOf, withoutObvious} from './units';
import {GraphVariables} from './variables';
import {dataInputs, GraphView, type Ref} from './view';

/**
 * A recipe from a TensorFlow 1.x graph: cells with their forget bias, activations, clips, peepholes and projections, what
 * feeds what, lengths, initial states, time order, as the graph's operations say. `assumed` is left with what they do not.
 *
 * @param where the file, for messages
 * @throws CarryoverError `E_ARCHITECTURE` where the graph has no cell that is known
 */
export function recipeFromGraph(graph: GraphDef, where: string): RecipeDraft {
  const view = new GraphView(graph);
  const matcher = {view, variables: new GraphVariables(view)};
  const {cells, dense} = findCells(matcher);
  if (cells.length === 0) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: no cell of TensorFlow 1.x was found in this graph of ${graph.nodes.length} nodes; write a recipe by hand`,
    );
  }
  return new GraphRecipe(matcher, findSequences(matcher, cells), dense).recipe();
}

/** The layers of a recipe as they are found, those first that others read. */
export class GraphRecipe {
  readonly layers: DraftLayer[] = [];
  readonly inputs = new RecipeInputs();
  readonly assumed: string[] = [];
  private readonly view: GraphView;
  private readonly units: readonly Unit[];
  private readonly placed = new Set<Unit>();
  private readonly states = new Map<GraphCell, CellStates>();
  private readonly plain: PlainLayers;
  private readonly steps: StepOutputs;

  constructor(
    readonly matcher: Matcher,
    sequences: readonly GraphSequence[],
    private readonly dense: readonly Affine[],
  ) {
    this.view = matcher.view;
    this.steps = new StepOutputs(
      this.view,
      sequences.flatMap(({cells}) => cells),
    );
    for (const {cells} of sequences)
      for (const cell of cells) this.states.set(cell, statesOf(this.view, cell));
    this.units = unitsOf(this.view, sequences);
    this.plain = new PlainLayers(this, dense);
  }

  recipe(): RecipeDraft {
    for (const unit of this.units) this.place(unit);
    this.plain.addHeads();
    const layers = this.plain
      .renamed(this.layers)
      .map((layer, k, all) => withoutObvious(layer, all[k - 1], this.inputs));
    for (const {kernel} of this.dense)
      if (!this.plain.isUsed(kernel))
        this.assumed.push(
          `${[kernel.array].flat().join(', ')} is left out: what it multiplies is beyond a recipe; add it`,
        );
    const outputs = outputsOf(layers);
    return {carryover: 1, inputs: this.inputs.list, layers, ...(outputs && {outputs}), assumed: this.assumed};
  }

  /** What a recipe calls a tensor, the layers that make it put in place; undefined where that is beyond it. */
  refOf(ref: Ref): string | undefined {
    return this.sequenceOutput(ref) ?? this.plain.refOf(ref);
  }

  private sequenceOutput(ref: Ref): string | undefined {
    const at = this.view.resolve(ref);
    for (const unit of this.units) {
      const sides = unit.backward ? ['fw.', 'bw.'] : [''];
      for (const [k, sequence] of [unit.forward, unit.backward].entries()) {
        if (!sequence) continue;
        const name = this.outputName(unit, sequence, sides[k]!, at);
        if (name === undefined && !this.isLastStep(sequence, at)) continue;
        this.place(unit);
        return name ?? this.plain.last(sides[k] ? `${unit.name}.${sides[k]}y` : unit.name);
      }
    }
    return undefined;
  }

  /** Of an unrolled layer, the output that belongs to the end of the data. */
  private isLastStep({kind, cells, backwards}: GraphSequence, at: Ref): boolean {
    const found = kind === 'static' ? this.steps.at(at) : undefined;
    const end = backwards ? 0 : (cells.at(-1)?.steps.length ?? 0) - 1;
    return found !== undefined && found.cell === cells.at(-1) && found.step === end;
  }

  private outputName(unit: Unit, sequence: GraphSequence, side: string, at: Ref): string | undefined {
    if (sequence.outputs.includes(this.inTimeOrder(at))) return side ? `${unit.name}.${side}y` : unit.name;
    const finals = sequence.cells.map(cell => finalStates(this.view, cell, this.states.get(cell)!));
    const names = this.stateNamesOf(sequence);
    for (const [k, states] of finals.entries()) {
      for (const [j, refs] of states.entries())
        if (refs.includes(at)) return `${unit.name}.${side}${names[k]![j]}`;
    }
    return undefined;
  }

  /** Past the transposition, reversal and flattening of what a layer puts out. */
  private inTimeOrder(ref: Ref): Ref {
    let at = ref;
    for (let k = 0; k < 4; k++) {
      const node = this.view.producer(at);
      if (!node || !/^(Transpose|ReverseSequence|ReverseV2|Reverse|Reshape)$/.test(node.op)) return at;
      at = this.view.resolve(dataInputs(node)[0]!);
    }
    return at;
  }

  /** Of each cell, the names of its states. */
  private stateNamesOf(sequence: GraphSequence): string[][] {
    const cells = sequence.cells;
    if (this.isJoined(cells)) return cells.map((_, k) => (k === 0 ? ['state'] : []));
    return cells.map((cell, k) => {
      const prefix = cells.length > 1 ? `state.${k}` : 'state';
      const {roots, joined} = this.states.get(cell)!;
      return joined || roots.length === 1 ? [prefix] : [`${prefix}.c`, `${prefix}.h`];
    });
  }

  /** All states of a MultiRNNCell in one tensor. */
  private isJoined(cells: readonly GraphCell[]): boolean {
    const roots = cells.map(cell => this.states.get(cell)!.roots[0]);
    return cells.length > 1 && new Set(roots).size === 1;
  }

  private place(unit: Unit): void {
    if (this.placed.has(unit)) return;
    this.placed.add(unit);
    const {name, forward, backward} = unit;
    const size = inputSize(forward.cells[0]!);
    const shape = forward.kind === 'call' ? [null, size] : [null, null, size];
    const x = this.sourceOf(forward, shape) ?? this.unknownSource(unit, shape);
    const lengths = this.lengths(unit);
    const states = this.initialStates(unit);
    const from = [x, ...(states.length > 0 && lengths !== undefined ? [lengths] : []), ...states];
    const config = forward.kind === 'call' ? {} : {time_major: forward.timeMajor};
    const common = {library: 'tf1', name, from};
    if (forward.kind === 'fused') {
      const [cell] = forward.cells as [GraphCell];
      this.layers.push({...common, ...this.cellOf(cell, forward)});
    } else if (backward) {
      const prefix = forward.kind === 'static' ? 'static_bidirectional_rnn' : 'bidirectional_dynamic_rnn';
      this.layers.push({
        ...common,
        class: prefix,
        config,
        cell_fw: this.cellsOf(forward),
        cell_bw: this.cellsOf(backward),
      });
    } else {
      if (forward.backwards)
        this.assumed.push(
          `'${name}' runs backwards in the graph and has no forward partner, which a recipe cannot say: here it runs forwards; put its input the other way round`,
        );
      const kinds = {dynamic: 'dynamic_rnn', static: 'static_rnn', call: 'call', fused: ''};
      this.layers.push({...common, class: kinds[forward.kind], config, cell: this.cellsOf(forward)});
    }
  }

  /** What is fed is as wide as the cell reads. */
  private sourceOf({source}: GraphSequence, shape: readonly (number | null)[]): string | undefined {
    const node = source === undefined ? undefined : this.view.source(source);
    if (node && isPlaceholder(node)) return this.inputs.data(node, shape);
    return source === undefined ? undefined : this.refOf(source);
  }

  private unknownSource({name, forward}: Unit, shape: readonly (number | null)[]): string {
    const node = forward.source === undefined ? undefined : this.view.source(forward.source);
    this.assumed.push(
      `what '${name}' reads (${node ? `${node.op} '${node.name}' in the graph` : 'hidden in the graph'}) is given as an input`,
    );
    return this.inputs.named(`${name}.source`, 'x', shape, 'float32');
  }

  private cellsOf(sequence: GraphSequence): DraftCell {
    return multiCell(
      sequence.cells.map(cell => this.cellOf(cell, sequence)),
      !this.isJoined(sequence.cells),
    );
  }

  private cellOf(cell: GraphCell, {residual}: GraphSequence): DraftCell {
    const variables = Object.fromEntries(
      Object.entries(cell.variables).map(([role, {array}]) => [role, array]),
    );
    this.assumed.push(...(cell.assumed ?? []));
    const {joined} = this.states.get(cell)!;
    const config = joined ? {...cell.config, state_is_tuple: false} : cell.config;
    const own = {class: cell.className, config, variables};
    return residual.has(cell) ? {...own, wrap: ['ResidualWrapper']} : own;
  }

  private lengths({name, forward, backward}: Unit): string | undefined {
    const ref = forward.lengths ?? backward?.lengths;
    if (ref === undefined) {
      if (this.units.some(unit => unit.forward.lengths !== undefined))
        this.assumed.push(
          `'${name}' has no sequence_length in the graph; here the input "lengths" is heeded by every layer`,
        );
      return undefined;
    }
    const node = this.view.source(ref);
    const computed = !node || !isPlaceholder(node);
    const key = computed ? ref : node.name;
    const before = this.inputs.list.length;
    const found = this.inputs.named(key, 'lengths', [null], 'int32');
    if (computed && this.inputs.list.length > before)
      this.assumed.push(
        `sequence_length is computed in the graph ('${ref}'); here it is the input "${found}"`,
      );
    if (found !== 'lengths')
      this.assumed.push(
        `'${name}' has lengths of its own ('${key}'), which a recipe cannot say: "lengths" is heeded by every layer`,
      );
    return found;
  }

  /** Makes inputs of states that are fed; names those of other layers. */
  private initialStates({name, forward, backward}: Unit): string[] {
    const from: string[] = [];
    const sides: readonly (readonly [string, GraphSequence | undefined])[] = [
      [backward ? 'fw.' : '', forward],
      ['bw.', backward],
    ];
    const wanted = sides.flatMap(([side, sequence]) => (sequence ? this.initialOf(sequence, side) : []));
    if (wanted.every(({ref}) => isZero(this.view, ref))) return from;
    for (const {ref, state, size} of wanted) {
      const other = this.sequenceOutput(ref);
      if (other !== undefined) {
        from.push(other);
        continue;
      }
      const node = this.view.source(ref);
      const own = this.units.length > 1 ? `${name}.${state}` : state;
      if (!node || !isPlaceholder(node)) {
        const what = node ? `${node.op} '${node.name}'` : ref;
        this.assumed.push(
          `the initial ${state} of '${name}' is ${isZero(this.view, ref) ? 'zero' : `${what} in the graph`}; here it is an input`,
        );
      }
      this.inputs.named(`${name}.${state}`, own, [null, size], node ? dtypeName(node) : 'float32');
    }
    return from;
  }

  private initialOf(sequence: GraphSequence, side: string): {ref: Ref; state: string; size: number}[] {
    const names = this.stateNamesOf(sequence);
    const joined = this.isJoined(sequence.cells);
    const total = sequence.cells.reduce((sum, cell) => sum + stateSizes(cell).reduce((a, b) => a + b, 0), 0);
    return sequence.cells.flatMap((cell, k) => {
      const {initial, joined: concatenated} = this.states.get(cell)!;
      const sizes = stateSizes(cell);
      return names[k]!.map((state, j) => ({
        ref: initial[j]!,
        state: side + state,
        size: joined ? total : concatenated ? sizes.reduce((a, b) => a + b, 0) : sizes[j]!,
      }));
    });
  }

  /** A layer's states by name, for what reads its last step. */
  lastState(layer: string): string | undefined {
    const found = this.layers.find(({name}) => name === layer);
    const unit = this.units.find(({name}) => name === layer);
    if (!found || !unit || unit.forward.lengths !== undefined) return undefined;
    const {cells} = unit.forward;
    const whole = !this.isJoined(cells) && !this.states.get(cells.at(-1)!)!.joined;
    return whole && !unit.backward ? stateNames(found).at(-1) : undefined;
  }
}
