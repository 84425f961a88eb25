import type {io} from '@tensorflow/tfjs-core';
import {type LayersModel, type layers, loadLayersModel, model as modelOf} from '@tensorflow/tfjs-layers';
import type {WeightFile} from '../../converters/arrays';
import {snake} from '../dialects/arguments';
import {CarryoverError} from '../errors';
import type {BuiltPart} from '../libraries/built';
import {inputPorts, outputPorts} from '../verify/ports';
import type {Architecture} from './architecture';
import type {BuildOptions, OpenedModel} from './open';

/** Whose layers a model of TensorFlow.js has, as the recurrent ones among them say. */
const LIBRARY = 'tfjs';

/**
 * A model that TensorFlow.js saved, Carryover's own among them: TensorFlow.js itself makes its layers, of the classes that
 * are registered with it, and gives them their weights. So it computes what it did where it was saved.
 *
 * @param options.where the file, for messages
 * @param options.outputs the layers whose outputs are wanted, in place of the file's own
 * @throws CarryoverError `E_LAYER` for a class that is not registered, or one that TensorFlow.js refuses; `E_USAGE` for an
 *   output that is no layer
 */
export async function openLayersModel(
  artifacts: io.ModelArtifacts,
  {format, facts}: Pick<WeightFile, 'format' | 'facts'>,
  {where, outputs}: {readonly where: string} & Pick<BuildOptions, 'outputs'>,
): Promise<OpenedModel> {
  const model = connected(await loaded(artifacts, where), outputs, where);
  const parts = model.layers.filter(layer => layer.getClassName() !== 'InputLayer').map(partOf(where));
  return {
    model,
    layers: parts,
    inputNames: inputPorts(model).names,
    outputNames: outputPorts(model).names,
    notes: [],
    architecture: architectureOf(model, parts, artifacts),
    format,
    facts,
  };
}

async function loaded(artifacts: io.ModelArtifacts, where: string): Promise<LayersModel> {
  try {
    return await loadLayersModel({load: async () => artifacts});
  } catch (error) {
    if (error instanceof CarryoverError) throw error;
    throw new CarryoverError(
      'E_LAYER',
      `${where}: TensorFlow.js cannot load it: ${(error as Error).message.split('\n')[0]}; register classes of your own with tf.serialization.registerClass before it is loaded`,
      {cause: error},
    );
  }
}

/** A Sequential of TensorFlow.js does not tell which layers give its outputs; the model of its tensors does. */
function connected(model: LayersModel, wanted: readonly string[] | undefined, where: string): LayersModel {
  const {inputs, outputs, name, layers: all} = model;
  if (wanted === undefined) return model.outputLayers.length > 0 ? model : modelOf({inputs, outputs, name});
  const given = wanted.flatMap(output => {
    const layer = all.find(candidate => candidate.name === output);
    if (layer) return layer.output;
    const names = all.map(candidate => candidate.name).join(', ');
    throw new CarryoverError('E_USAGE', `${where}: there is no layer '${output}'; its layers are ${names}`);
  });
  return modelOf({inputs, outputs: given, name});
}

const partOf =
  (where: string) =>
  (layer: layers.Layer, k: number): BuiltPart => {
    const {name} = layer;
    const config = Object.fromEntries(
      Object.entries(layer.getConfig()).map(([key, value]) => [snake(key), value]),
    );
    const className = layer.getClassName();
    return {
      record: {
        ...{name, library: LIBRARY, className, config, calls: [], group: name},
        where: `${where}: layer ${k} '${name}'`,
      },
      built: {layer, roles: rolesOf(layer)},
    };
  };

/** Recurrent layers of Carryover have their library's names for their arrays, all others those of TensorFlow.js. */
function rolesOf(layer: layers.Layer): readonly string[] {
  const {arrayNames} = layer as {arrayNames?: readonly string[]};
  return arrayNames ?? layer.weights.map(({originalName}) => originalName.split('/').at(-1)!);
}

function architectureOf(
  model: LayersModel,
  parts: readonly BuiltPart[],
  {modelTopology}: io.ModelArtifacts,
): Architecture {
  const {keras_version: version} = modelTopology as {keras_version?: unknown};
  return {
    library: LIBRARY,
    ...(typeof version === 'string' && {version}),
    name: model.name,
    layers: parts.map(({record}) => record),
    inputs: model.inputs.map(({shape, dtype}, k) => ({name: model.inputNames[k]!, shape, dtype})),
    outputs: model.outputLayers.map(({name}, k) => ({
      layer: name,
      call: model.outputLayersNodeIndices[k]!,
      output: model.outputLayersTensorIndices[k]!,
    })),
    notes: [],
  };
}
