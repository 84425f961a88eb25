import type {WeightFile} from '../arrays';
import type {Checkpoint} from '../checkpoint/open';
import type {MetaGraph} from '../graph-def/meta-graph';
import {kerasMetadata} from './keras';
import {readSavedModel} from './read';

/** An open SavedModel: the arrays of its variables, and the graph that uses them. */
export interface SavedModel extends WeightFile {
  /** Graph, signatures and collections. */
  readonly metaGraph: MetaGraph;
}

/**
 * Joins a SavedModel's graph and its variables (an open checkpoint, closed with it; absent where there are none). Of a model
 * of Keras, the `architecture` is its config.
 *
 * @param file the bytes of `saved_model.pb`
 * @param keras the bytes and the name of `keras_metadata.pb` beside it, which Keras 2.5 and later write
 * @throws CarryoverError E_FORMAT when the graph is malformed
 */
export function openSavedModel(
  file: Uint8Array,
  variables: Checkpoint | undefined,
  name: string,
  keras?: {readonly bytes: Uint8Array; readonly name: string},
): SavedModel {
  const [metaGraph] = readSavedModel(file, name) as [MetaGraph];
  const {tags, tensorflow, signatures, graph, root} = metaGraph;
  const told = kerasMetadata(root, keras, name);
  return {
    format: 'saved-model',
    groups: variables?.groups ?? [{name: '', arrays: []}],
    objects: variables?.objects,
    ...(told?.architecture && {architecture: told.architecture}),
    facts: {
      ...variables?.facts,
      ...told?.facts,
      tensorflow,
      tags: tags.join(', '),
      signatures: [...signatures.keys()].join(', '),
      nodes: String(graph.nodes.length),
    },
    metaGraph,
    close: () => variables?.close(),
  };
}
