import * as tf from '@tensorflow/tfjs-core';
import type {Shape, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {
  type Kwargs,
  type LayerArgs,
  type Masks,
  NO_MASK,
  PlainLayer,
  SettledLayer,
  type Shapes,
  type Tensors,
  takeMask,
  UnmaskedLayer,
} from './base';
import {LARGE, untracked} from './functions';

/** What an input of an attention is to it. */
export type AttentionRole =
  | 'query'
  | 'value'
  | 'key'
  | 'query_mask'
  | 'value_mask'
  | 'key_mask'
  | 'attention_mask';

/** Those of data. */
export type DataRole = Extract<AttentionRole, 'query' | 'value' | 'key'>;

const isData = (role: AttentionRole): role is DataRole => !role.endsWith('_mask');

/** What all kinds of attention are told. */
export interface AttentionSettings {
  /** What the inputs are, in their order; null: query, value and maybe key. */
  roles: readonly AttentionRole[] | null;
  /** Data whose own masks count as if they were given: those masks come as further inputs, in the order of the data. */
  implicitMasks: readonly DataRole[];
  /** No step sees later ones. */
  causal: boolean;
  /** The weights of the sum come out, too, as a second output. */
  returnScores: boolean;
  /** Share of those weights that a training call leaves out. */
  dropout: number;
  /** The query's mask goes on. */
  passesMask: boolean;
}

/** The inputs of a call by their roles, and the masks that came with the data. */
export interface AttentionInputs {
  readonly query: tf.Tensor;
  readonly value: tf.Tensor;
  readonly key: tf.Tensor;
  readonly given: Readonly<Partial<Record<AttentionRole, tf.Tensor>>>;
}

/**
 * The mask of a tensor as a tensor of its own, `[batch, time]`: 1 where a step counts, everywhere if there is no mask.
 * tfjs hands a layer the mask of its first input only.
 */
export class MaskOf extends UnmaskedLayer {
  static readonly className = 'CarryoverMaskOf';

  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return (inputShape as Shape).slice(0, 2);
  }

  override compute(x: tf.Tensor, _training: boolean, mask: tf.Tensor | undefined): tf.Tensor {
    return mask === undefined ? tf.ones(x.shape.slice(0, 2)) : tf.cast(mask, 'float32');
  }
}
tf.serialization.registerClass(MaskOf);

/** A tensor as it is, without its mask. */
export class WithoutMask extends UnmaskedLayer {
  static readonly className = 'CarryoverWithoutMask';

  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return x.clone();
  }
}
tf.serialization.registerClass(WithoutMask);

/** A tensor as it is, and its mask. Source: Identity of Keras 3.15.1. */
export class Identity extends PlainLayer {
  static readonly className = 'CarryoverIdentityLayer';

  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return x.clone();
  }
}
tf.serialization.registerClass(Identity);

/** Sums of values, weighted by how well keys answer a query. Inputs `[batch, time, features]` by their roles. */
export abstract class AttentionLayer<A extends AttentionSettings> extends SettledLayer<A> {
  /** The roles of so many inputs of data. */
  private rolesOf(count: number): readonly AttentionRole[] {
    const {roles} = this.settings;
    return roles ?? (['query', 'value', 'key'] as const).slice(0, count);
  }

  /** How many of the inputs are data. */
  private dataCount(inputs: readonly unknown[]): number {
    const {roles} = this.settings;
    if (roles) return roles.length;
    // Two or three, then a mask for each.
    return inputs.length > 3 ? inputs.length / 2 : inputs.length;
  }

  private countsMaskOf(role: AttentionRole): boolean {
    return isData(role) && this.settings.implicitMasks.includes(role);
  }

  /** By role, of tensors or of their shapes. */
  protected byRole<T>(inputs: readonly T[]): {readonly query: T; readonly value: T; readonly key: T} {
    const roles = this.rolesOf(this.dataCount(inputs));
    const at = (role: AttentionRole): T | undefined => inputs[roles.indexOf(role)];
    const query = at('query')!;
    const value = at('value') ?? query;
    return {query, value, key: at('key') ?? value};
  }

  private inputsOf(inputs: readonly tf.Tensor[]): AttentionInputs {
    const count = this.dataCount(inputs);
    const roles = this.rolesOf(count);
    const given: Partial<Record<AttentionRole, tf.Tensor>> = {};
    const add = (role: AttentionRole, mask: tf.Tensor): void => {
      const valid = untracked(tf.cast(mask, 'float32'));
      given[role] = given[role] ? tf.mul(given[role], valid) : valid;
    };
    for (const [k, role] of roles.entries()) if (!isData(role)) add(role, inputs[k]!);
    const counted = roles.filter(role => this.countsMaskOf(role));
    for (const [k, mask] of inputs.slice(count).entries()) add(`${counted[k] as DataRole}_mask`, mask);
    return {...this.byRole(inputs), given};
  }

  protected abstract attend(
    inputs: AttentionInputs,
    training: boolean,
  ): {output: tf.Tensor; scores: tf.Tensor};

  /** Shape of the output, and of the scores. */
  protected abstract shapesOf(query: Shape, value: Shape, key: Shape): [Shape, Shape];

  override computeOutputShape(inputShape: Shapes): Shapes {
    const {query, value, key} = this.byRole(inputShape as Shape[]);
    const [output, scores] = this.shapesOf(query, value, key);
    return this.settings.returnScores ? [output, scores] : output;
  }

  override call(inputs: Tensors, kwargs: Kwargs): Tensors {
    takeMask(kwargs);
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const {output, scores} = this.attend(this.inputsOf(inputs as tf.Tensor[]), kwargs?.training === true);
      return this.settings.returnScores ? [output, scores] : output;
    });
  }

  override computeMask(_inputs: Tensors, masks?: Masks): Tensors {
    const given = Array.isArray(masks) ? masks[0] : masks;
    const {passesMask, returnScores} = this.settings;
    const mask = passesMask && given ? given : NO_MASK;
    return returnScores ? [mask, NO_MASK] : mask;
  }

  /** What a training call leaves of the weights. */
  protected thinned(weights: tf.Tensor, training: boolean): tf.Tensor {
    const {dropout} = this.settings;
    return training && dropout > 0 ? tf.dropout(weights, dropout) : weights;
  }

  /**
   * The tensors that go into the layer for those of a call: masks of the data become inputs. None comes out with the
   * scores.
   */
  connect(inputs: readonly SymbolicTensor[]): SymbolicTensor[] {
    const roles = this.rolesOf(inputs.length);
    const {returnScores} = this.settings;
    const call = this.inboundNodes.length;
    const named = (what: string, k: number): LayerArgs => ({name: `${this.name}_${what}_${call}_${k}`});
    // Masks have a place for each step of `[batch, time, features]`.
    const areSteps = inputs.every(({shape}, k) => !isData(roles[k]!) || shape.length === 3);
    const counted = inputs.filter((_, k) => areSteps && this.countsMaskOf(roles[k]!));
    const masks = counted.map((x, k) => new MaskOf(named('mask', k)).apply(x) as SymbolicTensor);
    const outputs = [this.apply([...inputs, ...masks])].flat() as SymbolicTensor[];
    if (!returnScores) return outputs;
    return [outputs[0]!, new WithoutMask(named('scores', 1)).apply(outputs[1]!) as SymbolicTensor];
  }
}

/** 1 for each step that a step may see: itself and those before it. `[queries, keys]` */
export function causalMask(queries: number, keys: number): tf.Tensor {
  const row = tf.expandDims(tf.range(0, queries), 1);
  return tf.cast(tf.greaterEqual(row, tf.expandDims(tf.range(0, keys), 0)), 'float32');
}

/** Scores, those of a mask lowered so far that a softmax leaves nothing of them. */
export const lowered = (scores: tf.Tensor, valid: tf.Tensor): tf.Tensor =>
  tf.add(scores, tf.mul(tf.sub(valid, 1), LARGE));

/** Both masks, where there are two. */
export const bothOf = (a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined =>
  a && b ? tf.mul(a, b) : (a ?? b);
