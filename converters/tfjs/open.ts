import type {io} from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../src/errors';
import type {WeightGroup} from '../arrays';
import {folderOf} from '../files';
import {type OpenedContents, Source} from '../format';
import {badFormat, unsupported} from '../format-error';
import {jsonOf} from '../json/format';
import {manifestArrays} from './arrays';
import {artifactsFrom, type ModelJson} from './read';

const MODEL = 'model.json';

/**
 * Opens a layers model of TensorFlow.js: `model.json`, or the folder with it, and the shards that it names.
 *
 * Of what the official converter made of a Keras model, `architecture` is Keras' own config and the arrays lie as in Keras'
 * HDF5 file, or by their paths in one of the new layout. What TensorFlow.js itself saved has its `layersModel`.
 *
 * @throws CarryoverError as `readTfjs`; `E_UNSUPPORTED` for a graph model
 */
export async function openTfjs(source: Source): Promise<OpenedContents> {
  const isFolder = source.file === undefined;
  const folder = isFolder ? (source.name === '' ? '' : `${source.name}/`) : folderOf(source.name);
  const where = isFolder ? folder + MODEL : source.name;
  const json = (isFolder ? await parsed(source, where) : await source.share(jsonOf)) as ModelJson;
  if (json.format === 'graph-model') {
    throw unsupported(
      where,
      'a graph model of TensorFlow.js, whose layers are gone; load it with tf.loadGraphModel, or give the model behind it',
    );
  }
  const artifacts = await artifactsFrom(json, name => beside(source, folder + name), where);
  const arrays = manifestArrays(artifacts.weightSpecs!, artifacts.weightData as ArrayBuffer, where);
  const topology = artifacts.modelTopology as Readonly<Record<string, unknown>>;
  const facts = factsOf(topology, artifacts);
  const contents = {format: 'tfjs', facts, close() {}};
  const {model_config: model, keras_version: version, backend} = topology;
  if (typeof model !== 'object' || model === null) {
    return {
      ...contents,
      architecture: topology,
      groups: [{name: '', arrays}],
      layersModel: async () => artifacts,
    };
  }
  const own = Object.fromEntries(
    Object.entries({keras_version: version, backend}).filter(([, value]) => typeof value === 'string'),
  );
  return {...contents, architecture: {...model, ...own}, groups: groupsOf(arrays)};
}

/** @throws CarryoverError `E_FILE` where it is not there */
async function beside({files, limits}: Source, name: string): Promise<Uint8Array> {
  const file = await Source.look(files, name, limits);
  try {
    if (file.file) return file.bytes();
  } finally {
    file.close();
  }
  throw new CarryoverError('E_FILE', `${name}: no such file; put all files of the model in one folder`);
}

async function parsed(source: Source, where: string): Promise<unknown> {
  const {parsePythonJson} = await import('../json/python');
  const json = parsePythonJson(new TextDecoder().decode(await beside(source, where)), where);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw badFormat(where, 'not a JSON object');
}

function factsOf(
  {keras_version: version, backend}: Readonly<Record<string, unknown>>,
  {generatedBy, convertedBy}: io.ModelArtifacts,
): Record<string, string> {
  const isKeras = backend !== 'tensor_flow.js';
  const found = {
    ...(isKeras && {keras_version: version, backend}),
    generated_by: generatedBy,
    converted_by: convertedBy,
  };
  return Object.fromEntries(
    Object.entries(found).filter((fact): fact is [string, string] => typeof fact[1] === 'string'),
  );
}

/** An array of the new layout: `layers/lstm/cell/vars/0`. */
const PLACE = /^(.*?)\/?vars\/(\d+)$/;

/** The converter goes through HDF5's groups in the order of their names; those of the new layout are the objects'. */
function groupsOf(arrays: ReturnType<typeof manifestArrays>): WeightGroup[] {
  const groups = new Map<string, WeightGroup['arrays'][number][]>();
  for (const array of arrays) {
    const [, path, place] = PLACE.exec(array.name) ?? [];
    if (path === undefined) return [{name: '', arrays, order: 'groupNames'}];
    // The state of training is the model's in Keras' eyes alone.
    if (/^(optimizer|metrics)(\/|$)/.test(path)) continue;
    if (!groups.has(path)) groups.set(path, []);
    groups.get(path)![Number(place)] = array;
  }
  return [...groups].map(([name, own]) => ({name, arrays: own, owner: {path: name.split('/')}}));
}
