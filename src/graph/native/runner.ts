import * as tf from '@tensorflow/tfjs-core';
import {listFew} from '../../../converters/format-error';
import {graphProto} from '../../../converters/graph-def/write';
import {SavedModel} from '../../../converters/protobuf/tensorflow/meta-graph';
import {writeMessage} from '../../../converters/protobuf/write';
import {TAG} from '../../engines/native/graph-def';
import {hasNativeBackend, loadGraph} from '../../engines/native/session';
import {CarryoverError} from '../../errors';
import {byName, nodeName} from '../nodes';
import type {GraphRunner, WholeGraphs} from '../runner';
import {type ModelGraph, RECURRENCE, type Ref} from '../types';
import {wholeGraph} from '../write/whole';
import {runSession, runsGraphs} from './backend';
import {loadingError, runningError} from './errors';
import {withFeeds} from './feeds';

/** What a protocol buffer may have, less room for all that is no constant. */
const MOST_BYTES = 2 ** 31 - 2 ** 26;

/** Operations that TensorFlow has on graphics processors alone. */
const WITHOUT_CPU = /^CudnnRNN/;

/** A graph that TensorFlow has loaded. */
interface Session {
  readonly id: number;
  /** What is fed, in the order of the graph's inputs. */
  readonly feeds: readonly Ref[];
}

/** Whole graphs by TensorFlow's C library, through tfjs-node: one call for one run. */
export const nativeGraphs: WholeGraphs = {
  refuses(graph) {
    if (!hasNativeBackend()) return "the backend in use is not tfjs-node's (`tensorflow`)";
    return refusal(graph);
  },
  open: nativeRunner,
};

/** Why a graph cannot be one of TensorFlow's; undefined where it can, as far as can be told before it is loaded. */
function refusal(graph: ModelGraph): string | undefined {
  const {nodes, values, where} = graph;
  const replaced = nodes.find(({op}) => op === RECURRENCE);
  if (replaced)
    return `node '${replaced.name}' is a recurrence of Carryover's, which TensorFlow does not know`;
  const bodies = graph.functions.flatMap(one => one.nodes);
  const cuda = [...nodes, ...bodies].find(({op}) => WITHOUT_CPU.test(op));
  if (cuda) return `node '${cuda.name}' is a ${cuda.op}, which TensorFlow runs on graphics processors alone`;
  let bytes = 0;
  for (const {values: own} of values.values()) bytes += Array.isArray(own) ? own.length : own.byteLength;
  if (bytes > MOST_BYTES)
    return `${where} has ${bytes} bytes of constants; TensorFlow takes graphs of less than 2 GiB`;
  return undefined;
}

/**
 * A runner of a graph in one TensorFlow call. The graph is loaded at the first run, and freed by `dispose`.
 * @throws CarryoverError `E_ENGINE` where the graph or the backend in use cannot be used; in runs `E_UNSUPPORTED` for
 *   operations that TensorFlow lacks, `E_SHAPE` for what it refuses at a run
 */
export function nativeRunner(graph: ModelGraph): GraphRunner {
  const reason = nativeGraphs.refuses(graph);
  if (reason !== undefined)
    throw new CarryoverError('E_ENGINE', `${graph.where}: engine 'native': ${reason}`, {file: graph.where});
  return new NativeRunner(graph);
}

class NativeRunner implements GraphRunner {
  private session: Session | undefined;
  private readonly names: ReadonlyMap<string, unknown>;

  constructor(private readonly graph: ModelGraph) {
    this.names = byName(graph.nodes);
  }

  run(inputs: readonly tf.Tensor[], refs: readonly Ref[]): tf.Tensor[] {
    if (refs.length === 0) return [];
    this.checkNames(refs);
    const backend = tf.backend();
    if (!hasNativeBackend() || !runsGraphs(backend))
      throw new CarryoverError('E_ENGINE', "engine 'native': the backend in use is not tfjs-node's");
    this.session ??= this.load();
    const {id, feeds} = this.session;
    // TensorFlow does not hand out what it is fed.
    const given = refs.map(ref => feeds.indexOf(ref));
    const asked = refs.filter((_, k) => given[k] === -1);
    try {
      const results = asked.length > 0 ? runSession(backend, id, inputs, feeds, asked) : [];
      return given.map(k => (k === -1 ? results.shift()! : tf.clone(inputs[k]!)));
    } catch (error) {
      throw runningError(error, this.graph);
    }
  }

  dispose(): void {
    if (this.session && hasNativeBackend()) {
      const backend = tf.backend();
      if (runsGraphs(backend)) backend.deleteSavedModel(this.session.id);
    }
    this.session = undefined;
  }

  /** tfjs-node does not say which name the graph lacks. */
  private checkNames(refs: readonly Ref[]): void {
    const unknown = refs.filter(ref => !this.names.has(nodeName(ref)));
    if (unknown.length > 0)
      throw new CarryoverError('E_USAGE', `${this.graph.where}: the graph has no ${listFew(unknown)}`);
  }

  private load(): Session {
    const backend = tf.backend();
    if (!runsGraphs(backend))
      throw new CarryoverError('E_ENGINE', "engine 'native': not tfjs-node's backend");
    const whole = wholeGraph(this.graph);
    const {nodes, feeds} = withFeeds(whole.nodes, this.graph.inputs);
    const graphDef = graphProto({...whole, nodes});
    const metaGraphs = [{metaInfoDef: {tags: [TAG]}, graphDef}];
    try {
      return {
        id: loadGraph(writeMessage(SavedModel, {savedModelSchemaVersion: 1, metaGraphs}), backend),
        feeds,
      };
    } catch (error) {
      throw loadingError(error, this.graph);
    }
  }
}
