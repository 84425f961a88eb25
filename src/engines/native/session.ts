import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type {FeedName} from './feeds';
import {type CompiledGraph, TAG} from './graph-def';

/** What Carryover calls of tfjs-node's backend. */
export interface NodeBackend extends tf.KernelBackend {
  loadSavedModelMetaGraph(path: string, tags: string): number;
  runSavedModel(
    id: number,
    inputs: tf.Tensor[],
    infos: readonly {readonly name: string}[],
    outputs: readonly string[],
  ): tf.Tensor[];
  deleteSavedModel(id: number): void;
}

interface Session {
  readonly id: number;
  /** What is fed. */
  readonly inputs: readonly FeedName[];
  readonly infos: readonly {readonly name: string}[];
  readonly outputs: readonly string[];
}

/** Graphs by structure: shapes are open, so that one serves every size. */
const sessions = new Map<string, Session>();

/** Whether the backend in use is tfjs-node's. */
export function hasNativeBackend(): boolean {
  return tf.getBackend() === 'tensorflow' && 'loadSavedModelMetaGraph' in tf.backend();
}

/**
 * Runs a graph in one native call.
 * @param key the graph's structure: what is loaded under it is used again
 * @param feeds the tensor of each of `CompiledGraph.inputs`, and maybe others
 * @returns as `CompiledGraph.outputs` lists them
 */
export function runGraph(
  key: string,
  compile: () => CompiledGraph,
  feeds: ReadonlyMap<FeedName, tf.Tensor>,
): tf.Tensor[] {
  const backend = tf.backend() as NodeBackend;
  let session = sessions.get(key);
  if (!session) {
    const {savedModel, inputs, outputs} = compile();
    const references = outputs.map(name => `${name}:0`);
    const infos = inputs.map(name => ({name: `${name}:0`}));
    session = {id: loadGraph(savedModel, backend), inputs, infos, outputs: references};
    sessions.set(key, session);
  }
  const tensors = session.inputs.map(name => feeds.get(name)!);
  return backend.runSavedModel(session.id, tensors, session.infos, session.outputs);
}

/** Frees all graphs; they are made again when needed. */
export function disposeSessions(): void {
  if (sessions.size === 0) return;
  const backend = tf.backend() as NodeBackend;
  for (const {id} of sessions.values()) backend.deleteSavedModel(id);
  sessions.clear();
}

/** How many graphs are loaded. */
export function sessionCount(): number {
  return sessions.size;
}

/** TensorFlow loads graphs from disk alone; the file is of no use once it has. */
export function loadGraph(savedModel: Uint8Array, backend: NodeBackend): number {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel);
    return backend.loadSavedModelMetaGraph(folder, TAG);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
