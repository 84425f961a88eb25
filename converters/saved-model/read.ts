import {badFormat} from '../format-error';
import {bytes, readMessage} from '../graph-def/message';
import {type MetaGraph, readMetaGraph} from '../graph-def/meta-graph';

/** What TensorFlow Serving and `tf.saved_model.load` look for first. */
const SERVE = 'serve';

/**
 * Reads a `saved_model.pb`: its meta graphs, the one for serving first. Source: core/protobuf/saved_model.proto.
 * @throws CarryoverError E_FORMAT when it is malformed or has none
 */
export function readSavedModel(file: Uint8Array, where: string): MetaGraph[] {
  const graphs: MetaGraph[] = [];
  readMessage(file, where, {
    2: bytes(value => graphs.push(readMetaGraph(value, `${where}: meta graph ${graphs.length}`))),
  });
  if (graphs.length === 0) throw badFormat(where, 'a SavedModel without meta graphs');
  return graphs.sort((a, b) => Number(b.tags.includes(SERVE)) - Number(a.tags.includes(SERVE)));
}
