import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {
  type AnyInputs,
  type AnyOutputs,
  applyWithStates,
  type CallArguments,
  type SymbolicTensors,
  type Tensors,
} from './apply';
import {trainedOf, untrainedOf} from './inner-weights';
import {type Kwargs, takeMask} from './plain/base';
import {RecurrentLayer} from './recurrent-layer';

/** How the outputs of the two directions are put together; null leaves them apart. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null;
const MERGE_MODES: readonly MergeMode[] = ['concat', 'sum', 'mul', 'ave', null];

/** What a Bidirectional layer is made of. */
export interface BidirectionalArgs {
  /** The layer that runs forwards; the backward one is a copy of it. */
  readonly layer: RecurrentLayer;
  /** Default `concat`; null returns both outputs. */
  readonly mergeMode?: MergeMode;
  /** Default: made up by tfjs. */
  readonly name?: string;
  /** Of a first layer: `[batch, time, features]`, null where open. */
  readonly batchInputShape?: Shape;
  /** Of a first layer: `[time, features]`. */
  readonly inputShape?: Shape;
  /** Whether training changes the arrays. Default true. */
  readonly trainable?: boolean;
}

/**
 * Runs a recurrent layer forwards and a copy of it backwards over the same sequence and merges the outputs,
 * the backward one put into time order again where whole sequences are returned. Arrays: the forward
 * layer's, then the backward layer's. Initial and final states likewise.
 *
 * Source: keras/layers/wrappers.py, Bidirectional, of 1.0.8 to 2.3.1.
 */
export class Bidirectional extends layers.Layer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverBidirectional';
  /** The layer that runs forwards. */
  readonly forwardLayer: RecurrentLayer;
  /** The layer that runs backwards. */
  readonly backwardLayer: RecurrentLayer;
  /** How the two outputs are put together. */
  readonly mergeMode: MergeMode;
  private readonly original: RecurrentLayer;

  constructor({layer, mergeMode = 'concat', ...others}: BidirectionalArgs) {
    super(others as ConstructorParameters<typeof layers.Layer>[0]);
    if (!(layer instanceof RecurrentLayer)) {
      throw new CarryoverError(
        'E_USAGE',
        `Bidirectional '${this.name}' wraps recurrent layers of Carryover only`,
      );
    }
    if (!MERGE_MODES.includes(mergeMode)) {
      throw new CarryoverError(
        'E_USAGE',
        `Bidirectional '${this.name}': merge mode '${mergeMode}' is none of ${MERGE_MODES.join(', ')}`,
      );
    }
    this.mergeMode = mergeMode;
    this.original = layer;
    this.forwardLayer = copy(layer, 'forward', false);
    this.backwardLayer = copy(layer, 'backward', true);
    this._stateful = layer.behaviour.stateful;
    this.supportsMasking = true;
  }

  private get returnSequences(): boolean {
    return this.forwardLayer.behaviour.returnSequences;
  }

  private get returnState(): boolean {
    return this.forwardLayer.behaviour.returnState;
  }

  /** The library's names of the arrays, in the order of `getWeights()`. */
  get arrayNames(): string[] {
    return [
      ...this.forwardLayer.arrayNames.map(name => `forward_${name}`),
      ...this.backwardLayer.arrayNames.map(name => `backward_${name}`),
    ];
  }

  /** Whether weights start from zeros, which a file replaces. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.forwardLayer.setFastWeightInitDuringBuild(value);
    this.backwardLayer.setFastWeightInitDuringBuild(value);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.forwardLayer.build(inputShape);
    this.backwardLayer.build(inputShape);
    this.built = true;
  }

  /** The merged output, or a list where the two directions or their states stay apart. */
  override apply<T extends Tensors = tf.Tensor>(inputs: Tensors, kwargs?: CallArguments): T;
  /** The same of symbolic tensors. */
  override apply<T extends SymbolicTensors = SymbolicTensor>(
    inputs: SymbolicTensors,
    kwargs?: CallArguments,
  ): T;
  override apply(inputs: AnyInputs, kwargs?: CallArguments): AnyOutputs;
  override apply(inputs: AnyInputs, kwargs: CallArguments = {}): AnyOutputs {
    return applyWithStates((...call) => super.apply(...call), inputs, kwargs);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs = {}): tf.Tensor | tf.Tensor[] {
    const mask = takeMask(kwargs);
    return tf.tidy(() => {
      const [x, ...states] = Array.isArray(inputs) ? inputs : [inputs];
      const half = states.length / 2;
      const run = (layer: RecurrentLayer, own: tf.Tensor[]): tf.Tensor[] =>
        [layer.call(own.length ? [x!, ...own] : x!, {...kwargs, mask})].flat();
      const [forward, ...forwardStates] = run(this.forwardLayer, states.slice(0, half));
      const [processed, ...backwardStates] = run(this.backwardLayer, states.slice(half));
      const backward = this.returnSequences ? tf.reverse(processed!, 1) : processed!;
      const merged = this.merge(forward!, backward);
      const outputs = [...merged, ...forwardStates, ...backwardStates];
      return outputs.length === 1 ? outputs[0]! : outputs;
    });
  }

  private merge(forward: tf.Tensor, backward: tf.Tensor): tf.Tensor[] {
    switch (this.mergeMode) {
      case 'concat':
        return [tf.concat([forward, backward], forward.rank - 1)];
      case 'sum':
        return [tf.add(forward, backward)];
      case 'ave':
        return [tf.div(tf.add(forward, backward), 2)];
      case 'mul':
        return [tf.mul(forward, backward)];
      case null:
        return [forward, backward];
    }
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const own = this.forwardLayer.computeOutputShape(inputShape);
    const [y, ...states] = (this.returnState ? own : [own]) as Shape[];
    const last = y!.length - 1;
    const merged = y!.map((n, k) => (k === last && this.mergeMode === 'concat' ? 2 * n! : n));
    const shapes = [...(this.mergeMode === null ? [y!, y!] : [merged]), ...states, ...states];
    return shapes.length === 1 ? shapes[0]! : shapes;
  }

  override computeMask(
    _inputs: tf.Tensor | tf.Tensor[],
    mask?: tf.Tensor | tf.Tensor[],
  ): tf.Tensor | tf.Tensor[] {
    const own = (Array.isArray(mask) ? mask[0] : mask) ?? null;
    const passed = this.returnSequences ? own : null;
    const outputs = this.mergeMode === null ? [passed, passed] : [passed];
    const states = this.returnState
      ? [...this.forwardLayer.stateNames, ...this.backwardLayer.stateNames].map(() => null)
      : [];
    const masks = [...outputs, ...states];
    // tfjs' types have no word for "no mask", which is null.
    return (masks.length === 1 ? masks[0] : masks) as unknown as tf.Tensor | tf.Tensor[];
  }

  override resetStates(): void {
    this.forwardLayer.resetStates();
    this.backwardLayer.resetStates();
  }

  /** The forward layer's, then the backward layer's. */
  override get trainableWeights(): layers.Layer['trainableWeights'] {
    return trainedOf(this.trainable, [this.forwardLayer, this.backwardLayer]);
  }

  /** The forward layer's, then the backward layer's. */
  override get nonTrainableWeights(): layers.Layer['nonTrainableWeights'] {
    return untrainedOf(this.trainable, [this.forwardLayer, this.backwardLayer]);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const layer = {className: this.original.getClassName(), config: this.original.getConfig()};
    return {...super.getConfig(), layer, mergeMode: this.mergeMode};
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {layer, ...others} = config as unknown as {
      layer: {className: string; config: tf.serialization.ConfigDict};
    };
    const known = tf.serialization.SerializationMap.getMap().classNameMap[layer.className];
    if (!known) {
      throw new CarryoverError(
        'E_LAYER',
        `Bidirectional wraps '${layer.className}', a class that is not registered`,
      );
    }
    const [layerConstructor, fromConfig] = known;
    return new cls({
      ...others,
      layer: fromConfig(layerConstructor, layer.config),
    } as unknown as tf.serialization.ConfigDict);
  }

  override dispose(): ReturnType<layers.Layer['dispose']> {
    // Disposes the variables of both layers, which are this layer's own.
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) {
      this.forwardLayer.forget();
      this.backwardLayer.forget();
    }
    return result;
  }
}
tf.serialization.registerClass(
  Bidirectional as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);

/** A layer forwards and backwards (`layer`, `mergeMode`: concat, sum, mul, ave or null). */
export const bidirectional = (args: BidirectionalArgs): Bidirectional => new Bidirectional(args);

/** A fresh layer with the same config, under a name of its own, running the other way round where asked. */
function copy(layer: RecurrentLayer, prefix: string, turn: boolean): RecurrentLayer {
  const config = {...layer.getConfig(), name: `${prefix}_${layer.name}`} as Record<string, unknown>;
  if (turn) config.goBackwards = !layer.args.goBackwards;
  const sameClass = layer.constructor as new (config: Record<string, unknown>) => RecurrentLayer;
  const result = new sameClass(config);
  result.variablePrefix = `${prefix}_`;
  return result;
}
