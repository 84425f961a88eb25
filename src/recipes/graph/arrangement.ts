import type {GraphNode} from '../../../converters/graph-def/node';
import type {DraftLayer} from '../draft';
import type {Drafting} from './context';
import {cut, type Place, reshaped, transposed, turned, wholePlace} from './layout';
import {targetOf} from './targets';
import {dataInputs, outputRef, type Ref} from './view';

const ownOutput = (node: GraphNode): Ref | undefined => outputRef(node);

/** What a graph does to move data about: folds, turns and cuts, which a recipe mostly has no need of. */
export class Arrangement {
  constructor(private readonly recipe: Drafting) {}

  /** What a node makes of data by moving them; undefined where it does something else, or what a recipe cannot say. */
  make(node: GraphNode, at: Ref): Place | undefined {
    const inputs = dataInputs(node);
    if (node.op === 'Reshape') return this.folded(inputs);
    if (node.op === 'Squeeze' || node.op === 'ExpandDims') return this.recipe.placeOf(inputs[0]!);
    if (node.op === 'Transpose') return this.moved(inputs);
    if (node.op.startsWith('Reverse')) return this.turnedRound(node, inputs);
    return /^(Unpack|Split|SplitV|StridedSlice)$/.test(node.op) ? this.step(node, inputs, at) : undefined;
  }

  /** One step alone as a layer of a recipe takes it; undefined where a recipe cannot say it. */
  settled(place: Place): Place | undefined {
    if (place.form !== 'step') return place;
    const {name, size, step = 0, steps, state} = place;
    const last = step === -1 || step + 1 === steps;
    if (state === undefined && (!last || place.reversed)) return undefined;
    const known = state ?? this.recipe.lastState(name);
    return wholePlace(known ?? this.add({class: 'Last', config: {}, from: [name]}), {rank: 2, size});
  }

  /**
   * A step that a node uses: as it is, where the graph has a node of the same kind for every step, which is one layer over all
   * of them; else alone.
   * @param outputOf what such a node puts out
   */
  ready(place: Place, node: GraphNode, outputOf = ownOutput): Place | undefined {
    if (place.form !== 'step') return place;
    const {view} = this.recipe.matcher;
    const outputs = place.users?.map(users =>
      users.flatMap(user => (user.op === node.op ? (outputOf(user) ?? []) : [])),
    );
    const next = outputs?.map(refs => refs.flatMap(ref => view.consumers(ref)));
    const [all, live] = [
      outputs?.every(refs => refs.length > 0),
      next?.filter(users => users.length > 0).length,
    ];
    if (!all || (live !== 0 && live !== place.steps)) return this.settled(place);
    return {...place, users: next, state: undefined};
  }

  /** All steps and features of a row side by side. */
  flattened(data: Place, rows?: number): Place | undefined {
    if (data.swapped || data.reversed || data.timeAxis === 0 || data.rank !== 3) return undefined;
    const steps = data.steps ?? (rows !== undefined && data.size ? rows / data.size : undefined);
    if (steps !== undefined) this.recipe.fixSteps(data.name, steps);
    const size = rows ?? (steps !== undefined && data.size ? steps * data.size : undefined);
    return wholePlace(this.add({class: 'Flatten', config: {}, from: [data.name]}), {rank: 2, size});
  }

  private folded([input, shape]: readonly Ref[]): Place | undefined {
    const data = this.recipe.placeOf(input!);
    const found = data && reshaped(data, targetOf(this.recipe.matcher.view, shape));
    if (!data || !found) return undefined;
    if (found.kind === 'same') return found.place;
    return found.kind === 'flatten' ? this.flattened(data) : this.split(data, found.features);
  }

  /** Rows of features as steps of fewer: `[batch, steps · features]`. */
  private split(data: Place, features: number): Place | undefined {
    const steps = (data.size ?? 0) / features;
    const config = {target_shape: [steps, features]};
    const name = this.add({class: 'Reshape', config, from: [data.name]});
    return {...wholePlace(name, {rank: 3, size: features, timeAxis: 1}), steps};
  }

  private moved([input, axes]: readonly Ref[]): Place | undefined {
    const {view} = this.recipe.matcher;
    const order = view.permutation(axes);
    const data = order && this.recipe.placeOf(input!);
    return data && transposed(data, order);
  }

  private turnedRound(node: GraphNode, [input, axes]: readonly Ref[]): Place | undefined {
    const {view} = this.recipe.matcher;
    const data = this.recipe.placeOf(input!);
    if (node.op === 'ReverseSequence') return data && turned(data, view.int(node, 'seq_dim') ?? -1, 'rows');
    const numbers = view.numbers(axes);
    // Before 1.0 each axis is turned or not; since then the axes that are turned are listed.
    const turns = node.op === 'Reverse' ? numbers?.flatMap((turn, axis) => (turn ? [axis] : [])) : numbers;
    return data && turns?.length === 1 ? turned(data, turns[0]!, 'all') : undefined;
  }

  /** One step of several. */
  private step(node: GraphNode, inputs: readonly Ref[], at: Ref): Place | undefined {
    const {view} = this.recipe.matcher;
    const input = inputs[node.op === 'Split' ? 1 : 0]!;
    if (node.op === 'StridedSlice') {
      const slice = view.sliceAt(node);
      const data = slice && this.recipe.placeOf(input);
      return data && cut(data, slice.axis, slice.index);
    }
    const axis =
      node.op === 'Unpack' ? (view.int(node, 'axis') ?? 0) : view.number(inputs[node.op === 'Split' ? 0 : 2]);
    const steps = view.int(node, node.op === 'Unpack' ? 'num' : 'num_split');
    const data = this.recipe.placeOf(input);
    if (!data || axis === undefined || steps === undefined) return undefined;
    const columns = data.rank === 2 && data.form === 'full' && axis === 1 && node.op !== 'Unpack';
    const rows = columns && data.size ? this.split(data, data.size / steps) : data;
    const index = Number(at.slice(at.lastIndexOf(':') + 1));
    const users = Array.from({length: steps}, (_, k) => view.consumers(outputRef(node, k)));
    const found = rows && cut(rows, axis, index, steps);
    return found && {...found, users};
  }

  /** A layer once, however often the graph spells it out. */
  add(layer: Omit<DraftLayer, 'library' | 'name'>): string {
    const {layers} = this.recipe;
    const text = JSON.stringify(layer);
    const known = layers.find(({library: _library, name: _name, ...other}) => JSON.stringify(other) === text);
    if (known) return known.name;
    const wanted = layer.class.replace(/[a-z](?=[A-Z])/g, '$&_').toLowerCase();
    let name = wanted;
    for (let k = 1; layers.some(other => other.name === name); k++) name = `${wanted}_${k}`;
    layers.push({library: 'keras2', name, ...layer});
    return name;
  }
}
