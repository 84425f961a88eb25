import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import {type CompiledLoop, compileLoop, type LoopSpec, TAG} from './loop';

/** What Carryover calls of tfjs-node's backend. */
interface NodeBackend extends tf.KernelBackend {
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
  readonly loop: CompiledLoop;
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
 * Runs a loop in one native call.
 * @param feeds as `CompiledLoop.inputs` lists them
 * @returns as `CompiledLoop.outputs` lists them
 */
export function runLoop(spec: LoopSpec, feeds: readonly tf.Tensor[]): tf.Tensor[] {
  const backend = tf.backend() as NodeBackend;
  const {id, infos, outputs} = sessionFor(spec, backend);
  return backend.runSavedModel(id, [...feeds], infos, outputs);
}

/** Frees all graphs; they are made again when needed. */
export function disposeSessions(): void {
  const backend = tf.backend() as NodeBackend;
  for (const {id} of sessions.values()) backend.deleteSavedModel(id);
  sessions.clear();
}

/** How many graphs are loaded. */
export function sessionCount(): number {
  return sessions.size;
}

function sessionFor(spec: LoopSpec, backend: NodeBackend): Session {
  const key = JSON.stringify(spec);
  const known = sessions.get(key);
  if (known) return known;
  const loop = compileLoop(spec);
  const session = {
    id: load(loop, backend),
    loop,
    infos: loop.inputs.map(name => ({name: `${name}:0`})),
    outputs: loop.outputs.map(name => `${name}:0`),
  };
  sessions.set(key, session);
  return session;
}

/** TensorFlow loads graphs from disk alone; the file is of no use once it has. */
function load({savedModel}: CompiledLoop, backend: NodeBackend): number {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel);
    return backend.loadSavedModelMetaGraph(folder, TAG);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
