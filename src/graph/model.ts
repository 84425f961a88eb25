import * as tf from '@tensorflow/tfjs-core';
import {input, LayersModel, layers, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import type {DType} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {tellNames} from '../verify/names';
import {tensorPort} from './freeze';
import {byName, nodeName} from './nodes';
import type {GraphRunner} from './runner';
import type {GraphPort, ModelGraph} from './types';

type Shape = ReturnType<layers.Layer['computeOutputShape']> & (number | null)[];
type TfDtype = 'float32' | 'int32' | 'bool' | 'string';

/** tfjs' type for a type of TensorFlow's: whole numbers are int32, all others float32. */
export function tfjsType(dtype: DType | undefined): TfDtype {
  if (dtype === 'bool' || dtype === 'string') return dtype;
  return dtype !== undefined && /^u?int/.test(dtype) ? 'int32' : 'float32';
}

/**
 * A TensorFlow graph as a layer: its tensors go in, and out come those that are asked for, in one run of the graph.
 * @internal
 */
class GraphLayer extends layers.Layer {
  /** The name tfjs knows the class by. */
  static className = 'TensorFlowGraph';

  constructor(
    private readonly runner: GraphRunner,
    private readonly graph: ModelGraph,
    name: string,
  ) {
    super({name, trainable: false});
  }

  override computeOutputShape(): Shape | Shape[] {
    const shapes = this.graph.outputs.map(({shape}) => [...(shape ?? [null])] as Shape);
    return shapes.length === 1 ? shapes[0]! : shapes;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const results = runOn(this.graph, this.runner, [inputs].flat());
      return results.length === 1 ? results[0]! : results;
    });
  }
}

/** Runs a graph on data of any type that can become the type that it takes. */
function runOn({inputs, outputs}: ModelGraph, runner: GraphRunner, given: readonly tf.Tensor[]): tf.Tensor[] {
  return runner.run(
    given.map((tensor, k) => tf.cast(tensor, tfjsType(inputs[k]!.dtype))),
    outputs.map(({ref}) => ref),
  );
}

/**
 * A TensorFlow graph as a model of TensorFlow.js, for inference. It runs its whole input at once: a graph need not have the
 * batch on its first axis.
 */
export class GraphLayersModel extends LayersModel {
  /** The graph that runs. */
  readonly graph: ModelGraph;
  /** The same graph with its loops as the file has them. */
  readonly plain: ModelGraph;
  private readonly runner: GraphRunner;

  /** @internal */
  constructor(
    graph: ModelGraph,
    plain: ModelGraph,
    runner: GraphRunner,
    doors: readonly SymbolicTensor[] = graph.inputs.map(symbolicInput),
  ) {
    const layer = new GraphLayer(runner, graph, 'graph');
    const outputs = layer.apply([...doors]) as SymbolicTensor | SymbolicTensor[];
    super({inputs: [...doors], outputs, name: 'tensorflow_graph'});
    this.graph = graph;
    this.plain = plain;
    this.runner = runner;
    this.outputNames = graph.outputs.map(({name}) => name);
    tellNames(this, {
      inputs: portNames(graph.inputs, 'x'),
      outputs: portNames(graph.outputs, 'y'),
      tensors: new NodeTensors(graph),
      shapes: graph.inputs.map(({shape}) => shape),
      extended: names => this.extended(names),
    });
  }

  /** What the graph gives for these inputs, in its order; a batch is not cut into smaller ones. */
  override predict(x: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    const given = [x].flat();
    const {inputs} = this.graph;
    if (given.length !== inputs.length) {
      throw new CarryoverError(
        'E_USAGE',
        `the graph takes ${inputs.length} inputs (${inputs.map(({name}) => name).join(', ')}), and was given ${given.length}`,
      );
    }
    return tf.tidy(() => {
      const results = runOn(this.graph, this.runner, given);
      return results.length === 1 ? results[0]! : results;
    });
  }

  override predictOnBatch(x: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    return this.predict(x);
  }

  /** @throws CarryoverError `E_USAGE`: a graph is for inference */
  override compile(): void {
    throw new CarryoverError(
      'E_USAGE',
      `${this.graph.where}: a TensorFlow graph is for inference; to train it, draw a recipe of it ` +
        '(firstRecipe; on the command line: carryover inspect --recipe) and open its weights with that',
    );
  }

  /** @throws CarryoverError `E_USAGE`: a graph has no layers to be saved */
  override async save(): Promise<never> {
    throw new CarryoverError(
      'E_USAGE',
      `${this.graph.where}: a TensorFlow graph has no layers to be saved; write it as a graph model or a SavedModel ` +
        '(carryover convert), or load it through tf.loadGraphModel(graphHandler(...)) and save that',
    );
  }

  override dispose(): ReturnType<LayersModel['dispose']> {
    this.runner.dispose();
    return super.dispose();
  }

  /** The same graph with further tensors put out, after its own. */
  private extended(names: readonly string[]): GraphLayersModel {
    const nodes = byName(this.graph.nodes);
    const {names: known, where} = this.graph;
    const ports = names.map(name => ({...tensorPort(known.get(name) ?? name, nodes, where), name}));
    return new GraphLayersModel(
      {...this.graph, outputs: [...this.graph.outputs, ...ports]},
      this.plain,
      {run: this.runner.run.bind(this.runner), dispose() {}},
      this.inputs,
    );
  }
}

/** The tensors inside of a graph, by the names of their nodes and those of a recipe. */
class NodeTensors extends Map<string, SymbolicTensor> {
  private readonly nodes: ReadonlyMap<string, unknown>;

  constructor(private readonly graph: ModelGraph) {
    super();
    this.nodes = byName(graph.nodes);
  }

  override has(name: string): boolean {
    return this.graph.names.has(name) || this.nodes.has(nodeName(name));
  }

  override keys(): ReturnType<Map<string, SymbolicTensor>['keys']> {
    return new Map([...this.nodes.keys()].map(name => [name, undefined as never])).keys();
  }
}

function symbolicInput({name, shape, dtype}: GraphPort): SymbolicTensor {
  const own = name.replace(/[^\w.-]/g, '_');
  return input({name: own, batchShape: [...(shape ?? [null])], dtype: tfjsType(dtype)});
}

/** All names of each port, the one that is shown first: `x` and `y` where there is one. */
function portNames(ports: readonly GraphPort[], single: string): string[][] {
  return ports.map(({name, aliases}) =>
    ports.length === 1 ? [single, name, ...aliases] : [name, ...aliases],
  );
}
