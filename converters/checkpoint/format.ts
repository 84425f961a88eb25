import type {Format, NamedGraph, OpenedContents, Source} from '../format';
import {readMetaGraph} from '../graph-def/meta-graph';
import {findCheckpoint, isCheckpoint} from './find';
import {checkpointPrefix} from './names';
import {type Checkpoint, openCheckpoint} from './open';

/** The checkpoint that a source leads to. */
export async function checkpointOf(source: Source): Promise<Checkpoint & OpenedContents> {
  const prefix = await findCheckpoint(source);
  const file = await openCheckpoint(prefix, source.files);
  source.onClose(() => file.close());
  return {...file, findGraph: () => graphBeside(source, prefix)};
}

async function graphBeside({files}: Source, prefix: string): Promise<NamedGraph | undefined> {
  const name = `${checkpointPrefix(prefix)}.meta`;
  const file = await files.open(name);
  if (file === undefined) return undefined;
  try {
    const meta = readMetaGraph(file.read(0, file.size), name);
    return {graph: meta.graph, name, meta};
  } finally {
    file.close?.();
  }
}

/** A checkpoint's own files tell which of the kinds it is. */
const kind = (name: string, title: string): Format => ({
  name,
  title,
  holds: ['weights'],
  recognises: async source =>
    (await source.share(isCheckpoint)) && (await source.share(checkpointOf)).format === name,
  open: source => source.share(checkpointOf),
});

export const checkpointFormats: readonly Format[] = [
  kind('tf-checkpoint-v1', 'a TensorFlow checkpoint (V1)'),
  kind('tf-checkpoint-v2', 'a TensorFlow checkpoint (V2)'),
  kind('tf-checkpoint-object', 'a TensorFlow 2 checkpoint (objects)'),
];
