import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import type {WeightFile} from '../../../converters/arrays';
import type {FrozenGraph, GraphDef, MetaGraph} from '../../../converters/graph-def';
import {readMetaGraph} from '../../../converters/graph-def';
import {findCheckpoint} from './checkpoint';
import {requireFile} from './open';

export interface FoundGraph {
  readonly graph: GraphDef;
  /** The file that it is in. */
  readonly name: string;
}

/**
 * The TensorFlow graph of an open weight file: a SavedModel's and a frozen graph's own, a checkpoint's `PREFIX.meta` beside it.
 * @throws CarryoverError `E_FORMAT` where a `.meta` file is damaged
 */
export async function findGraph(
  path: string,
  file: WeightFile & {readonly metaGraph?: MetaGraph} & Partial<Pick<FrozenGraph, 'graph'>>,
): Promise<FoundGraph | undefined> {
  const graph = file.graph ?? file.metaGraph?.graph;
  if (graph) return {graph, name: basename(path)};
  const meta = `${findCheckpoint(path).replace(/\.(index|meta)$/, '')}.meta`;
  if (!existsSync(meta)) return undefined;
  return {graph: (await readMeta(meta)).graph, name: basename(meta)};
}

/**
 * A `.meta` file.
 * @throws CarryoverError `E_FILE` where it is not there, `E_FORMAT` where it is damaged
 */
export async function readMeta(path: string): Promise<MetaGraph> {
  requireFile(path);
  return readMetaGraph(await readFile(path), basename(path));
}
