import type {io} from '@tensorflow/tfjs-core';
import {badFormat, unsupported} from '../format-error';

interface ModelJson {
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly modelTopology?: object;
  readonly weightsManifest?: readonly {
    readonly paths: string[];
    readonly weights: io.WeightsManifestEntry[];
  }[];
  readonly userDefinedMetadata?: io.ModelArtifacts['userDefinedMetadata'];
}

/**
 * Reads a TensorFlow.js layers model.
 *
 * @param read gives the bytes of a file by its name: `model.json`, then the shards that it names
 * @returns what an `IOHandler` hands to `tf.loadLayersModel`
 * @throws CarryoverError `E_FORMAT` where a part is missing, or weights are more or fewer than the manifest says
 */
export async function readTfjs(
  read: (name: string) => Promise<Uint8Array>,
  where = 'model.json',
): Promise<io.ModelArtifacts> {
  const json = parse(await read('model.json'), where);
  const {modelTopology, weightsManifest, format, generatedBy, convertedBy, userDefinedMetadata} = json;
  if (typeof modelTopology !== 'object' || !Array.isArray(weightsManifest)) {
    throw badFormat(where, 'no modelTopology or weightsManifest; expected a layers model of TensorFlow.js');
  }
  const names = weightsManifest.flatMap(({paths}) => paths);
  const shards: Uint8Array[] = [];
  for (const name of names) shards.push(await read(name));
  const size = shards.reduce((sum, {length}) => sum + length, 0);
  const weightData = new Uint8Array(size);
  let at = 0;
  for (const shard of shards) {
    weightData.set(shard, at);
    at += shard.length;
  }
  const weightSpecs = weightsManifest.flatMap(({weights}) => weights);
  const expected = weightSpecs.reduce((sum, spec) => sum + byteSize(spec, where), 0);
  if (expected !== size) {
    throw badFormat(where, `the weights have ${size} bytes; the manifest's arrays take ${expected}`);
  }
  return {
    modelTopology,
    format,
    generatedBy,
    convertedBy,
    userDefinedMetadata,
    weightSpecs,
    weightData: weightData.buffer,
  };
}

function parse(bytes: Uint8Array, where: string): ModelJson {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw badFormat(where, `not JSON: ${(error as Error).message}`, {cause: error});
  }
  throw badFormat(where, 'not a JSON object');
}

const SIZES: Readonly<Record<string, number>> = {float32: 4, int32: 4, bool: 1};

function byteSize({name, shape, dtype, quantization}: io.WeightsManifestEntry, where: string): number {
  const size = SIZES[dtype];
  if (size === undefined || quantization !== undefined) {
    throw unsupported(
      where,
      `array '${name}' is ${quantization ? 'quantized' : dtype}; expected float32, int32 or bool`,
    );
  }
  return shape.reduce((a, b) => a * b, size);
}
