import {badFormat} from '../format-error';
import {type MetaGraph, toMetaGraph} from '../graph-def/meta-graph';
import {readMessage} from '../protobuf/read';
import {SavedModel} from '../protobuf/tensorflow/meta-graph';

/** What TensorFlow Serving and `tf.saved_model.load` look for first. */
const SERVE = 'serve';

/**
 * Reads a `saved_model.pb`: its meta graphs, the one for serving first.
 * @throws CarryoverError E_FORMAT when it is malformed or has none
 */
export function readSavedModel(file: Uint8Array, where: string): MetaGraph[] {
  const {metaGraphs} = readMessage(SavedModel, file, where);
  if (metaGraphs.length === 0) throw badFormat(where, 'a SavedModel without meta graphs');
  return metaGraphs
    .map((proto, index) => toMetaGraph(proto, file, `${where}: meta graph ${index}`))
    .sort((a, b) => Number(b.tags.includes(SERVE)) - Number(a.tags.includes(SERVE)));
}
