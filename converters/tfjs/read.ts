import type {io} from '@tensorflow/tfjs-core';
import {joinBytes} from '../bytes';
import {badFormat, unsupported} from '../format-error';
import {ITEM_SIZE} from '../numbers';
import {elementCount} from '../shape';

/** What TensorFlow.js writes into `model.json` (tfjs-core `io/types.ts`, ModelJSON). */
export interface ModelJson {
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly modelTopology?: object;
  readonly weightsManifest?: readonly {
    readonly paths: string[];
    readonly weights: io.WeightsManifestEntry[];
  }[];
  readonly signature?: io.ModelArtifacts['signature'];
  readonly userDefinedMetadata?: io.ModelArtifacts['userDefinedMetadata'];
}

/**
 * Reads a TensorFlow.js layers model or graph model.
 *
 * @param read gives the bytes of a file by its name: `model.json`, then the shards that it names
 * @returns what an `IOHandler` hands to `tf.loadLayersModel` or `tf.loadGraphModel`
 * @throws CarryoverError `E_FORMAT` where a part is missing, or weights are more or fewer than the manifest says
 */
export async function readTfjs(
  read: (name: string) => Promise<Uint8Array>,
  where = 'model.json',
): Promise<io.ModelArtifacts> {
  return artifactsFrom(parse(await read('model.json'), where), read, where);
}

/**
 * As `readTfjs`, of a `model.json` that is parsed already.
 * @throws CarryoverError as `readTfjs`
 */
export async function artifactsFrom(
  json: ModelJson,
  read: (name: string) => Promise<Uint8Array>,
  where: string,
): Promise<io.ModelArtifacts> {
  const {modelTopology, weightsManifest, format, generatedBy, convertedBy, signature, userDefinedMetadata} =
    json;
  if (typeof modelTopology !== 'object' || modelTopology === null || !Array.isArray(weightsManifest)) {
    throw badFormat(where, 'no modelTopology or weightsManifest; expected a model of TensorFlow.js');
  }
  const weightSpecs = weightsManifest.flatMap(({weights}) => weights);
  const weightData = joinBytes(await shards(weightsManifest, read, where));
  const expected = weightSpecs.reduce((sum, spec) => sum + storedSize(spec, where), 0);
  if (expected !== weightData.length) {
    throw badFormat(
      where,
      `the weights have ${weightData.length} bytes; the manifest's arrays take ${expected}`,
    );
  }
  return {
    modelTopology,
    format,
    generatedBy,
    convertedBy,
    ...(signature && {signature}),
    userDefinedMetadata,
    weightSpecs,
    weightData: weightData.buffer,
  };
}

async function shards(
  manifest: NonNullable<ModelJson['weightsManifest']>,
  read: (name: string) => Promise<Uint8Array>,
  where: string,
): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const path of manifest.flatMap(({paths}) => paths)) {
    // A model.json may come from anywhere: it does not choose which files of this machine are read.
    if (typeof path !== 'string' || /^[/\\]|^[A-Za-z][A-Za-z0-9+.-]*:|(^|[/\\])\.\.([/\\]|$)/.test(path)) {
      throw badFormat(where, `its weights are in '${path}'; expected files beside it or below its folder`);
    }
    found.push(await read(path));
  }
  return found;
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

/** The types that arrays of layers have, and those that quantized ones are stored as. */
const PLAIN = ['float32', 'int32', 'bool'] as const;
const QUANTIZED = ['uint8', 'uint16', 'float16'] as const;
type Stored = (typeof PLAIN | typeof QUANTIZED)[number];

/** What an array's numbers are stored as. */
export function storedType({name, dtype, quantization}: io.WeightsManifestEntry, where: string): Stored {
  const kinds: readonly Stored[] = quantization ? QUANTIZED : PLAIN;
  const stored = quantization?.dtype ?? dtype;
  const known = kinds.find(type => type === stored);
  if (known) return known;
  throw unsupported(where, `array '${name}' is ${String(stored)}; expected ${kinds.join(', ')}`);
}

/**
 * The bytes that an array takes.
 * @throws CarryoverError `E_FORMAT` for a shape that is none, `E_UNSUPPORTED` for types that layers do not have
 */
export function storedSize(spec: io.WeightsManifestEntry, where: string): number {
  const {name, shape} = spec;
  if (!Array.isArray(shape) || !shape.every(n => Number.isSafeInteger(n) && n >= 0)) {
    throw badFormat(where, `array '${name}' has the shape ${JSON.stringify(shape)}; expected sizes`);
  }
  return elementCount(shape) * ITEM_SIZE[storedType(spec, where)];
}
