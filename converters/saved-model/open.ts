import type {WeightFile} from '../arrays';
import type {Checkpoint} from '../checkpoint/open';
import type {MetaGraph} from '../graph-def/meta-graph';
import {readSavedModel} from './read';

/** An open SavedModel: the arrays of its variables, and the graph that uses them. */
export type SavedModel = WeightFile &
  Pick<Checkpoint, 'objects'> & {
    /** Graph, signatures and collections. */
    readonly metaGraph: MetaGraph;
  };

/**
 * Joins a SavedModel's graph and its variables (an open checkpoint, closed with it; absent where there are none).
 *
 * @param file the bytes of `saved_model.pb`
 * @throws CarryoverError E_FORMAT when the graph is malformed
 */
export function openSavedModel(
  file: Uint8Array,
  variables: Checkpoint | undefined,
  name: string,
): SavedModel {
  const [metaGraph] = readSavedModel(file, name) as [MetaGraph];
  const {tags, tensorflow, signatures, graph} = metaGraph;
  return {
    format: 'saved-model',
    groups: variables?.groups ?? [{name: '', arrays: []}],
    objects: variables?.objects,
    facts: {
      ...variables?.facts,
      tensorflow,
      tags: tags.join(', '),
      signatures: [...signatures.keys()].join(', '),
      nodes: String(graph.nodes.length),
    },
    metaGraph,
    close: () => variables?.close(),
  };
}
