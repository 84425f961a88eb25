import * as tf from '@tensorflow/tfjs-core';
import type {layers, Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {LayerWithStates} from './apply';
import {lossesOf, trainedOf, untrainedOf} from './inner-weights';
import type {ArrayData} from './other-arrays';
import {type Kwargs, takeMask} from './plain/base';
import {revive, write} from './plain/serial';
import {StatefulLayer} from './stateful-layer';

/** How the outputs of the two directions are put together; null leaves them apart. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null;
const MERGE_MODES: readonly MergeMode[] = ['concat', 'sum', 'mul', 'ave', null];

/** What a Bidirectional layer is made of. */
export interface BidirectionalArgs {
  /** The layer that runs forwards, or what `getConfig` made of it; without `backwardLayer` the backward one is a copy of it. */
  readonly layer: StatefulLayer | tf.serialization.ConfigDict;
  /** The layer that runs backwards, where it is another one: its `goBackwards` is the other way round than `layer`'s. */
  readonly backwardLayer?: StatefulLayer | tf.serialization.ConfigDict | null;
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
 * layer's, then the backward layer's. Initial and final states likewise. The layers that are given stay as they are.
 *
 * Source: keras/layers/wrappers.py, Bidirectional, of 1.0.8 to 2.3.1; keras/layers/rnn/bidirectional.py of tf.keras 2.15.
 */
export class Bidirectional extends LayerWithStates {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverBidirectional';
  /** The layer that runs forwards. */
  readonly forwardLayer: StatefulLayer;
  /** The layer that runs backwards. */
  readonly backwardLayer: StatefulLayer;
  /** How the two outputs are put together. */
  readonly mergeMode: MergeMode;
  private readonly originals: {readonly layer: StatefulLayer; readonly backwardLayer?: StatefulLayer};

  constructor({layer, backwardLayer, mergeMode = 'concat', ...others}: BidirectionalArgs) {
    super(others as ConstructorParameters<typeof layers.Layer>[0]);
    const [forward, backward] = [revive<StatefulLayer>(layer)!, revive<StatefulLayer>(backwardLayer)];
    for (const inner of backward ? [forward, backward] : [forward]) this.requireRecurrent(inner);
    if (!MERGE_MODES.includes(mergeMode)) {
      throw new CarryoverError(
        'E_USAGE',
        `Bidirectional '${this.name}': merge mode '${mergeMode}' is none of ${MERGE_MODES.join(', ')}`,
      );
    }
    this.mergeMode = mergeMode;
    this.originals = backward ? {layer: forward, backwardLayer: backward} : {layer: forward};
    this.forwardLayer = copy(forward, 'forward', false);
    this.backwardLayer = copy(backward ?? forward, 'backward', !backward);
    if (backward) this.requireOpposite();
    this._stateful = forward.behaviour.stateful;
    this.supportsMasking = true;
  }

  private requireRecurrent(inner: unknown): void {
    if (inner instanceof StatefulLayer) return;
    throw new CarryoverError(
      'E_USAGE',
      `Bidirectional '${this.name}' wraps recurrent layers of Carryover only`,
    );
  }

  /** Source: _verify_layer_config in bidirectional.py of tf.keras 2.15. */
  private requireOpposite(): void {
    const {forwardLayer: forward, backwardLayer: backward} = this;
    const settings = ['stateful', 'returnSequences', 'returnState', 'timeMajor'] as const;
    const odd = settings.find(name => Boolean(forward.behaviour[name]) !== Boolean(backward.behaviour[name]));
    const message =
      forward.goesBackwards === backward.goesBackwards
        ? 'layer and backwardLayer run the same way; expected goBackwards in one of them'
        : odd && `layer and backwardLayer differ in ${odd}; expected the same`;
    if (message) throw new CarryoverError('E_USAGE', `Bidirectional '${this.name}': ${message}`);
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

  /** Each direction's arrays in its layer's own layout; undefined where they are. @internal */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined {
    return this.byDirection(arrays, (layer, own) => layer.fromOtherArrays(own));
  }

  /** Each direction's gradients; see `StatefulLayer.gradientsOfOther`. @internal */
  gradientsOfOther(
    gradients: readonly ArrayData[],
    shapes: readonly (readonly number[])[],
  ): readonly ArrayData[] | undefined {
    const half = this.forwardLayer.arrayNames.length;
    return this.byDirection(gradients, (layer, own) => {
      const ownShapes = layer === this.forwardLayer ? shapes.slice(0, half) : shapes.slice(half);
      return layer.gradientsOfOther(own, ownShapes);
    });
  }

  private byDirection(
    arrays: readonly ArrayData[],
    convert: (layer: StatefulLayer, own: readonly ArrayData[]) => readonly ArrayData[] | undefined,
  ): readonly ArrayData[] | undefined {
    const half = this.forwardLayer.arrayNames.length;
    const [forward, backward] = [arrays.slice(0, half), arrays.slice(half)];
    const [first, second] = [convert(this.forwardLayer, forward), convert(this.backwardLayer, backward)];
    return first || second ? [...(first ?? forward), ...(second ?? backward)] : undefined;
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

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs = {}): tf.Tensor | tf.Tensor[] {
    const mask = takeMask(kwargs);
    return tf.tidy(() => {
      const [x, ...states] = Array.isArray(inputs) ? inputs : [inputs];
      const half = this.forwardLayer.stateNames.length;
      if (states.length > 0 && states.length !== half + this.backwardLayer.stateNames.length) {
        throw new CarryoverError(
          'E_SHAPE',
          `layer '${this.name}' was given ${states.length} initial states; expected ${half} for each direction, the forward layer's first`,
        );
      }
      const run = (layer: StatefulLayer, own: tf.Tensor[]): tf.Tensor[] =>
        [layer.call(own.length ? [x!, ...own] : x!, {...kwargs, mask})].flat();
      const [forward, ...forwardStates] = run(this.forwardLayer, states.slice(0, half));
      const [processed, ...backwardStates] = run(this.backwardLayer, states.slice(half));
      const {timeMajor} = this.forwardLayer.behaviour;
      const backward = this.returnSequences ? tf.reverse(processed!, timeMajor ? 0 : 1) : processed!;
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
    const shapesOf = (layer: StatefulLayer): Shape[] => {
      const own = layer.computeOutputShape(inputShape);
      return (this.returnState ? own : [own]) as Shape[];
    };
    const [forward, ...forwardStates] = shapesOf(this.forwardLayer);
    const [backward, ...backwardStates] = shapesOf(this.backwardLayer);
    const width = forward!.at(-1)! + (this.mergeMode === 'concat' ? backward!.at(-1)! : 0);
    const merged = this.mergeMode === null ? [forward!, backward!] : [[...forward!.slice(0, -1), width]];
    const shapes = [...merged, ...forwardStates, ...backwardStates];
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

  /** What the inner weights cost. */
  override get losses(): layers.Layer['losses'] {
    return lossesOf([this.forwardLayer, this.backwardLayer]);
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
    const {layer, backwardLayer} = this.originals;
    const backward = backwardLayer && {backwardLayer: write(backwardLayer)};
    return {...super.getConfig(), layer: write(layer), ...backward, mergeMode: this.mergeMode};
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

/** A layer forwards and backwards (`layer`, `backwardLayer`, `mergeMode`: concat, sum, mul, ave or null). */
export const bidirectional = (args: BidirectionalArgs): Bidirectional => new Bidirectional(args);

/** A fresh layer with the same config, under a name of its own, running the other way round where asked. */
function copy(layer: StatefulLayer, prefix: string, turn: boolean): StatefulLayer {
  const config: Record<string, unknown> = {
    ...layer.getConfig(),
    ...layer.insideBidirectional(),
    name: `${prefix}_${layer.name}`,
  };
  if (turn) config.goBackwards = !layer.goesBackwards;
  const sameClass = layer.constructor as unknown as {
    fromConfig(cls: unknown, config: Record<string, unknown>): StatefulLayer;
  };
  const result = sameClass.fromConfig(layer.constructor, config);
  result.variablePrefix = `${prefix}_`;
  return result;
}
