import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type layers, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import type {Activation} from '../recurrence/activations';
import type {MaskRule} from '../recurrence/types';
import {type Convolution, outputLengths} from './conv-lstm-convolution';
import {type ConvLstmStep, runSteps} from './conv-lstm-steps';
import {reviveRule, type WeightRule, type WeightRuleArgs, writeRule} from './plain/serial';
import {firstShape, type Ran, type Running, StatefulLayer, type StateTensors} from './stateful-layer';
import {gateBlocks} from './weights';

type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** How a ConvLSTM computes; all of it is saved. */
export interface ConvLstmSettings extends Omit<Convolution, 'rank'> {
  /** How many dimensions a picture has beside its channels: 1, 2 or 3. */
  readonly rank: 1 | 2 | 3;
  /** Output channels. */
  readonly filters: number;
  /** Pictures are `[batch, time, channels, ...]`, and so are outputs and states. */
  readonly channelsFirst: boolean;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly useBias: boolean;
  /** The forget gate's bias starts at 1. */
  readonly unitForgetBias: boolean;
  /** Shares of inputs and states that training drops, with one mask for each gate. */
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly zeroOutputForMask: boolean;
  readonly keptStatesFirst: boolean;
  readonly zeroInBidirectional: boolean;
}

const WEIGHTS = ['kernel', 'recurrent', 'bias'] as const;
type WeightKind = (typeof WEIGHTS)[number];

/** What a ConvLSTM is made of: settings, and how its arrays start, what they cost and what holds them. */
export type ConvLstmArgs = LayerArgs & ConvLstmSettings & {readonly [K in WeightKind]?: WeightRuleArgs};

/**
 * An LSTM whose products are convolutions (Shi et al. 2015): `[batch, time, rows, columns, channels]` in (of rank 2), the
 * last step's `[batch, rows, columns, filters]` out, or the sequence of them, and the final h and c where `returnState`
 * asks for them. Arrays: kernel `[...size, channels, 4·filters]` (gates i, f, c, o), recurrent_kernel, bias.
 *
 * Source: keras/layers/convolutional_recurrent.py, ConvLSTM2D, of 2.2.4 and 2.3.1; keras/layers/rnn/base_conv_lstm.py of
 * tf.keras 2.15; keras/src/layers/rnn/conv_lstm.py of 3.10.
 */
export class ConvLstm extends StatefulLayer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverConvLSTM';
  /** @internal */
  readonly behaviour: Running;
  private readonly settings: ConvLstmSettings;
  private readonly rules: Readonly<Record<WeightKind, WeightRule>>;
  private variables: readonly LayerVariable[] = [];

  constructor(args: ConvLstmArgs) {
    const {kernel, recurrent, bias, ...rest} = args;
    super(rest);
    this.settings = settingsOf(rest);
    const {returnSequences, returnState, stateful, keptStatesFirst} = this.settings;
    this.behaviour = {returnSequences, returnState, stateful, keptStatesFirst};
    this.rules = {
      kernel: reviveRule(kernel, initializers.glorotUniform({})),
      recurrent: reviveRule(recurrent, initializers.orthogonal({})),
      bias: reviveRule(bias, initializers.zeros()),
    };
    this._stateful = stateful;
    this.supportsMasking = true;
  }

  get stateNames(): readonly string[] {
    return ['h', 'c'];
  }

  get arrayNames(): string[] {
    return ['kernel', 'recurrent_kernel', ...(this.settings.useBias ? ['bias'] : [])];
  }

  /** @internal */
  get maskRule(): MaskRule {
    return this.settings.zeroOutputForMask ? 'holdZero' : 'holdRepeat';
  }

  get stateSizes(): number {
    return this.settings.filters;
  }

  get goesBackwards(): boolean {
    return this.settings.goBackwards;
  }

  insideBidirectional(): Readonly<Record<string, unknown>> {
    const {zeroInBidirectional, returnSequences} = this.settings;
    return zeroInBidirectional ? {zeroOutputForMask: returnSequences} : {};
  }

  /** Its arrays have one layout. @internal */
  fromOtherArrays(): undefined {
    return undefined;
  }

  override build(inputShape: Shape | Shape[]): void {
    const {rank, filters, kernelSize, useBias, unitForgetBias, channelsFirst} = this.settings;
    const shape = firstShape(inputShape);
    const channels = shape.at(channelsFirst ? 2 : -1);
    if (shape.length !== rank + 3 || channels == null) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' got an input of shape [${shape.map(n => n ?? 'null').join(', ')}]; ` +
          `expected [batch, time, ${channelsFirst ? 'channels, ' : ''}${['rows', 'columns', 'depth'].slice(0, rank).join(', ')}${channelsFirst ? '' : ', channels'}] with the channels known`,
      );
    }
    const start = this.rules.bias.initializer;
    const forgetting = gateBlocks([start, initializers.ones(), start, start], filters);
    this.variables = [
      this.weight('kernel', 'kernel', [...kernelSize, channels, 4 * filters]),
      this.weight('recurrent_kernel', 'recurrent', [...kernelSize, filters, 4 * filters]),
      ...(useBias ? [this.weight('bias', 'bias', [4 * filters], unitForgetBias ? forgetting : start)] : []),
    ];
    this.built = true;
  }

  private weight(
    name: string,
    kind: WeightKind,
    shape: number[],
    start = this.rules[kind].initializer,
  ): LayerVariable {
    const {regularizer, constraint} = this.rules[kind];
    return this.addWeight(this.variablePrefix + name, shape, 'float32', start, regularizer, true, constraint);
  }

  /** @internal */
  protected run(x: tf.Tensor, mask: tf.Tensor | undefined, initial: StateTensors, training: boolean): Ran {
    if (mask && mask.rank !== 2) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' got a mask of shape [${mask.shape.join(', ')}]; expected [batch, time], one value for each picture`,
      );
    }
    const {channelsFirst, goBackwards, returnSequences} = this.settings;
    const inward = (tensor: tf.Tensor): tf.Tensor => (channelsFirst ? channelsLast(tensor, 1) : tensor);
    const outward = (tensor: tf.Tensor, axis: number): tf.Tensor =>
      channelsFirst ? channelsBefore(tensor, axis) : tensor;
    const turned = (tensor: tf.Tensor): tf.Tensor => (goBackwards ? tf.reverse(tensor, 1) : tensor);
    const data = turned(channelsFirst ? channelsLast(x, 2) : x);
    const [kernel, recurrent, bias] = this.variables.map(variable => variable.read());
    const step: ConvLstmStep = {
      ...this.settings,
      kernel: kernel!,
      recurrent: recurrent!,
      bias,
      training,
      rule: this.maskRule,
    };
    const states = [initial.h && inward(initial.h), initial.c && inward(initial.c)] as const;
    const {y, h, c} = runSteps(step, data, mask && turned(tf.cast(mask, 'float32')), states);
    return {y: outward(y, returnSequences ? 2 : 1), states: [outward(h, 1), outward(c, 1)]};
  }

  /** @internal */
  protected shapesOf(inputShape: Shape): [sequence: Shape, ...states: Shape[]] {
    const {channelsFirst, filters} = this.settings;
    const [batch, time, ...rest] = inputShape;
    const picture = channelsFirst ? rest.slice(1) : rest.slice(0, -1);
    const lengths = outputLengths(this.settings, picture);
    const made: Shape = channelsFirst ? [filters, ...lengths] : [...lengths, filters];
    return [
      [batch!, time!, ...made],
      [batch!, ...made],
      [batch!, ...made],
    ];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const rules = WEIGHTS.map(kind => [kind, writeRule(this.rules[kind])]);
    return {...super.getConfig(), ...this.settings, ...Object.fromEntries(rules)};
  }
}
tf.serialization.registerClass(ConvLstm as unknown as Parameters<typeof tf.serialization.registerClass>[0]);

function settingsOf(args: ConvLstmSettings): ConvLstmSettings {
  const {rank, filters, kernelSize, strides, padding, dilationRate, channelsFirst} = args;
  const {activation, recurrentActivation, useBias, unitForgetBias, dropout, recurrentDropout} = args;
  const {returnSequences, returnState, goBackwards, stateful} = args;
  const {zeroOutputForMask, keptStatesFirst, zeroInBidirectional} = args;
  return {
    ...{rank, filters, kernelSize, strides, padding, dilationRate, channelsFirst},
    ...{activation, recurrentActivation, useBias, unitForgetBias, dropout, recurrentDropout},
    ...{returnSequences, returnState, goBackwards, stateful},
    ...{zeroOutputForMask, keptStatesFirst, zeroInBidirectional},
  };
}

/** Channels from this axis to the end. */
function channelsLast(x: tf.Tensor, axis: number): tf.Tensor {
  const axes = x.shape.map((_, k) => k).filter(k => k !== axis);
  return tf.transpose(x, [...axes, axis]);
}

/** Channels from the end to this axis. */
function channelsBefore(x: tf.Tensor, axis: number): tf.Tensor {
  const axes = x.shape.map((_, k) => k).slice(0, -1);
  return tf.transpose(x, [...axes.slice(0, axis), x.rank - 1, ...axes.slice(axis)]);
}
