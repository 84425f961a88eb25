import {input, type LayersModel, type layers, model, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {enforceConstraint} from '../layers/constraints';
import {Copy} from '../layers/plain/copy';
import type {BuiltLayer, BuiltPart} from '../libraries/built';
import {tellNames} from '../verify/names';
import {inputPorts, outputPorts} from '../verify/ports';
import type {Architecture, InputRecord, LayerRecord, TensorRef} from './architecture';
import {atLayer} from './at-layer';
import {lowerCalls} from './calls';
import type {CustomObjects} from './custom';
import {buildLayer, tfjsName} from './layer';
import {tensorNames} from './tensor-names';

/** A model, and where each of its layers came from. */
export interface BuiltModel {
  /** The tfjs model. */
  readonly model: LayersModel;
  /** Its layers in the architecture's order, containers taken apart. */
  readonly layers: readonly BuiltPart[];
  /** As in a golden case: `x` and `y` where there is one, layer names (`lstm`, `lstm.1`) where there are several. */
  readonly inputNames: readonly string[];
  /** As `inputNames`. */
  readonly outputNames: readonly string[];
  /** What had to be assumed, for people to read. */
  readonly notes: readonly string[];
}

/**
 * Builds the tfjs model of an architecture; its weights are as initialized.
 * @param filled the layers whose weights are set afterwards: they start from zeros, which cost nothing to make
 * @throws CarryoverError `E_ARCHITECTURE`, `E_LAYER`, `E_SHAPE`
 */
export function buildModel(
  architecture: Architecture,
  customObjects: CustomObjects = {},
  filled: (record: LayerRecord) => boolean = () => false,
): BuiltModel {
  const inputs = new Map(architecture.inputs.map(record => [record.name, symbolicInput(record)]));
  const parts = buildParts(architecture, customObjects, filled);
  const built = new Map(parts.map(part => [part.record.name, part.built]));
  for (const {name} of architecture.layers) withOwnArguments(built.get(name)!.layer);
  const {made, find} = connect(architecture, inputs, built);
  const result = model({
    inputs: [...inputs.values()],
    outputs: architecture.outputs.map(find),
    name: tfjsName(architecture.name),
  });
  if (architecture.outputNames) result.outputNames = [...architecture.outputNames];
  tellNames(result, tensorNames(architecture, result.inputNames, made, find));
  for (const weight of result.weights) enforceConstraint(weight);
  return {
    model: result,
    layers: parts,
    inputNames: inputPorts(result).names,
    outputNames: outputPorts(result).names,
    notes: [
      ...architecture.notes,
      ...parts.flatMap(({record, built}) => (built.notes ?? []).map(note => `${record.name}: ${note}`)),
    ],
  };
}

/**
 * The layers of an architecture, not yet connected; those of models inside of them after each.
 * @param filled as for `buildModel`
 * @throws CarryoverError `E_ARCHITECTURE`, `E_LAYER`
 */
export function buildParts(
  architecture: Architecture,
  customObjects: CustomObjects = {},
  filled: (record: LayerRecord) => boolean = () => false,
): BuiltPart[] {
  const inside = (nested: Architecture): BuiltModel => buildModel(lowerCalls(nested), customObjects, filled);
  return architecture.layers.flatMap(record => {
    const built = atLayer(record, () => buildLayer(record, customObjects, inside));
    built.layer.setFastWeightInitDuringBuild(filled(record));
    return [{record, built}, ...(built.inner ?? [])];
  });
}

function symbolicInput({name, shape, dtype, refusal}: InputRecord): SymbolicTensor {
  if (refusal) {
    atLayer({where: '', name}, () => {
      throw refusal;
    });
  }
  if (!shape) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `the shape of input '${name}' is neither in the architecture nor in the weights`,
      {layer: name},
    );
  }
  const kind = dtype.startsWith('int') ? 'int32' : dtype === 'bool' ? 'bool' : 'float32';
  // tfjs makes one number per row a column before it looks at shapes.
  const batchShape = shape.length === 1 ? [...shape, 1] : [...shape];
  return input({batchShape, name: tfjsName(name), dtype: kind});
}

/** The tensors of a model. */
interface Connected {
  /** Those of a layer, for each of its calls. */
  made(layer: string): readonly (readonly SymbolicTensor[])[];
  /** @throws CarryoverError `E_ARCHITECTURE` where there is no such tensor */
  find(ref: TensorRef): SymbolicTensor;
}

/** Calls the layers, each as soon as what it reads is there, and gives access to every tensor. */
function connect(
  architecture: Architecture,
  inputs: ReadonlyMap<string, SymbolicTensor>,
  built: ReadonlyMap<string, BuiltLayer>,
): Connected {
  const done = new Map<string, (readonly SymbolicTensor[])[]>();
  const find = (ref: TensorRef): SymbolicTensor | undefined =>
    inputs.get(ref.layer) ?? done.get(ref.layer)?.[ref.call]?.[ref.output];
  // Every call of every layer, in the order of the file; tfjs wants a layer's calls in order.
  let waiting = architecture.layers.flatMap(record =>
    record.calls.map(({inputs: refs}, call) => ({record, refs, call})),
  );
  while (waiting.length > 0) {
    const left = waiting.filter(({record, refs, call}) => {
      const earlier = done.get(record.name) ?? [];
      const sources = refs.map(find);
      if (earlier.length !== call || sources.some(source => source === undefined)) return true;
      done.set(record.name, [
        ...earlier,
        callLayer(built.get(record.name)!, sources as SymbolicTensor[], record),
      ]);
      return false;
    });
    if (left.length === waiting.length) {
      const {record, refs} = left[0]!;
      const missing = refs.filter(ref => !find(ref)).map(ref => `${ref.layer}[${ref.call}][${ref.output}]`);
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${record.where}: reads ${missing.join(', ')}, which nothing computes`,
      );
    }
    waiting = left;
  }
  return {
    made: layer => done.get(layer) ?? [],
    find: ref => {
      const tensor = find(ref);
      if (tensor) return tensor;
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `outputs: '${ref.layer}' call ${ref.call} output ${ref.output} does not exist`,
      );
    },
  };
}

/**
 * tfjs runs a model with one object of keyword arguments for all layers, and leaves the mask of one in the
 * call of the next that has none. Each layer of the model gets an object of its own.
 */
function withOwnArguments(layer: layers.Layer): void {
  const call = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const own = {...kwargs};
    if (kwargs) delete kwargs.mask;
    return call(inputs, own);
  };
}

/** A tensor that is taken twice is taken once, and its copies. */
function apart(sources: readonly SymbolicTensor[], {name}: LayerRecord): SymbolicTensor[] {
  return sources.map((source, k) =>
    sources.indexOf(source) === k
      ? source
      : (new Copy({name: tfjsName(`${name}_copy_${k}_of_${source.id}`)}).apply(source) as SymbolicTensor),
  );
}

function callLayer(
  {layer, connect}: BuiltLayer,
  given: SymbolicTensor[],
  record: LayerRecord,
): readonly SymbolicTensor[] {
  const sources = apart(given, record);
  try {
    if (connect) return atLayer(record, () => connect(sources));
    const tensors = sources.length === 1 ? sources[0]! : sources;
    return [atLayer(record, () => layer.apply(tensors) as SymbolicTensor | SymbolicTensor[])].flat();
  } catch (error) {
    if (error instanceof CarryoverError) throw error;
    // tfjs knows the layer but not the file it came from.
    throw new CarryoverError('E_ARCHITECTURE', `${record.where}: ${(error as Error).message}`, {
      cause: error,
      layer: record.name,
    });
  }
}
