import {type LayersModel, type layers, model as modelOf, type SymbolicTensor} from '@tensorflow/tfjs-layers';

/** What the inputs, the outputs and the tensors inside of a model are called. */
export interface TensorNames {
  /** All names of each input, in the model's order; the first is the one that is shown. */
  readonly inputs: readonly (readonly string[])[];
  /** Likewise of each output. */
  readonly outputs: readonly (readonly string[])[];
  /** Every tensor that a layer puts out, by each of its names: `lstm`, `lstm.1`. */
  readonly tensors: ReadonlyMap<string, SymbolicTensor>;
  /** The shapes of the inputs, where their rank may be open (null). */
  readonly shapes?: readonly (readonly (number | null)[] | null)[];
  /** The model with tensors inside of it put out after its own, where it is no graph of tfjs layers. */
  extended?(names: readonly string[]): LayersModel;
}

/** What a file calls them, of models that were read from one. */
const told = new WeakMap<LayersModel, TensorNames>();

/** Remembers what a model's file calls its tensors. */
export function tellNames(model: LayersModel, names: TensorNames): void {
  told.set(model, names);
}

/** What a model's file calls its tensors; for a model of another origin, what its tfjs layers are called. */
export function namesOf(model: LayersModel): TensorNames {
  const known = told.get(model) ?? ownNames(model);
  told.set(model, known);
  return known;
}

/**
 * The names of a layer's tensors: those of its first call, then those of the next, by their index in all. The first is
 * called as the layer is: `lstm`, `lstm.1`, `lstm.2`.
 */
export function layerTensors<T>(layer: string, calls: readonly (readonly T[])[]): [string, T][] {
  return calls.flat().map((tensor, k) => [k === 0 ? layer : `${layer}.${k}`, tensor]);
}

/** Every name that gives a tensor. */
export function namesFor(tensors: TensorNames['tensors'], tensor: SymbolicTensor): string[] {
  return [...tensors].filter(([, other]) => other === tensor).map(([name]) => name);
}

function ownNames(model: LayersModel): TensorNames {
  const tensors = new Map(
    [...callsIn(model)].flatMap(([{name}, calls]) => layerTensors(name, [...calls.values()])),
  );
  const [input] = model.inputNames;
  const outputs = model.outputs.map((tensor, k) => {
    const {name} = model.outputLayers[k]!;
    const own = model.outputNames[k]!;
    const names = namesFor(tensors, tensor);
    // Names that somebody has given the outputs stand in for the layers'.
    if (own !== name) return [own, ...names];
    return model.outputs.length === 1 ? ['y', ...names] : names;
  });
  const inputs = model.inputNames.length === 1 ? [['x', input!]] : model.inputNames.map(name => [name]);
  return {inputs, outputs, tensors};
}

/** The tensors of each call of a model's layers, in the order of the calls; other models may call a layer as well. */
function callsIn(model: LayersModel): Map<layers.Layer, Map<number, readonly SymbolicTensor[]>> {
  const found = new Map<layers.Layer, Map<number, readonly SymbolicTensor[]>>();
  const waiting = [...model.outputs];
  while (waiting.length > 0) {
    const {sourceLayer: layer, nodeIndex} = waiting.pop()!;
    const calls = found.get(layer) ?? new Map<number, readonly SymbolicTensor[]>();
    if (calls.has(nodeIndex)) continue;
    const {inputTensors, outputTensors} = layer.inboundNodes[nodeIndex]!;
    found.set(layer, calls.set(nodeIndex, outputTensors));
    waiting.push(...inputTensors);
  }
  const inOrder = (calls: Map<number, readonly SymbolicTensor[]>) =>
    new Map([...calls].sort(([a], [b]) => a - b));
  return new Map([...found].map(([layer, calls]) => [layer, inOrder(calls)]));
}

/** A model with outputs for some of the tensors inside of it, after its own. */
export function withTensors(model: LayersModel, names: readonly string[]): LayersModel {
  const {inputs, outputs, tensors, extended} = namesOf(model);
  if (extended) return extended(names);
  const result = modelOf({
    inputs: model.inputs,
    outputs: [...model.outputs, ...names.map(name => tensors.get(name)!)],
    name: model.name,
  });
  tellNames(result, {inputs, outputs: [...outputs, ...names.map(name => [name])], tensors});
  return result;
}
