import type {io} from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../src/errors';
import {joinBytes} from '../bytes';
import type {WrittenFile} from '../format';

/** Browsers cache and fetch files of this size well; the size that TensorFlow.js' own converter uses. */
const SHARD_BYTES = 4 * 1024 * 1024;

/**
 * A TensorFlow.js layers model or graph model as files: `model.json` and the weights in shards of at most 4 MiB.
 * Layout: tfjs-core `io/types.ts` (ModelJSON) and `io/router_registry`; weights one after the other in the order of
 * the manifest.
 *
 * @param artifacts what a model's `save` hands to an `IOHandler`
 * @throws CarryoverError `E_FORMAT` where they have no topology or no weights
 */
export function tfjsFiles(artifacts: io.ModelArtifacts, shardBytes = SHARD_BYTES): WrittenFile[] {
  const {modelTopology, weightSpecs, weightData, format, generatedBy, signature, userDefinedMetadata} =
    artifacts;
  if (modelTopology === undefined || weightSpecs === undefined || weightData === undefined) {
    throw new CarryoverError('E_FORMAT', 'model artifacts: no topology or no weights; expected both');
  }
  const weights = joined(weightData);
  const count = Math.max(1, Math.ceil(weights.length / shardBytes));
  const shards = Array.from({length: count}, (_, k) => ({
    name: `group1-shard${k + 1}of${count}.bin`,
    bytes: weights.subarray(k * shardBytes, (k + 1) * shardBytes),
  }));
  const json = {
    format: format ?? 'layers-model',
    generatedBy,
    convertedBy: 'carryover',
    modelTopology,
    ...(signature ? {signature} : {}),
    weightsManifest: [{paths: shards.map(({name}) => name), weights: weightSpecs}],
    ...(userDefinedMetadata ? {userDefinedMetadata} : {}),
  };
  return [{name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json))}, ...shards];
}

/** Weights as one run of bytes. */
function joined(data: io.WeightData): Uint8Array {
  const parts = (Array.isArray(data) ? data : [data]).map(part => new Uint8Array(part));
  return parts.length === 1 ? parts[0]! : joinBytes(parts);
}
