import {fillVariables} from '../recipes/fill-variables';
import type {Architecture} from './architecture';
import type {CustomObjects} from './custom';
import type {StoredArrays} from './pairing';
import {withBatchSizes, withInputShapes} from './shapes';

/**
 * An architecture with what its weight file tells of it: which arrays TensorFlow's cells have, input shapes that it
 * leaves open, batch sizes of layers that have a row per sample.
 *
 * @throws CarryoverError `E_WEIGHTS` where no arrays fit a layer, or those of several cells do
 */
export function withInferences(
  architecture: Architecture,
  file: StoredArrays,
  customObjects?: CustomObjects,
): Architecture {
  const {groups} = file;
  const arrays = groups.flatMap(group => group.arrays);
  return withBatchSizes(withInputShapes(fillVariables(architecture, arrays), file, customObjects), groups);
}
