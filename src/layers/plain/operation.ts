import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import {type Kwargs, type LayerArgs, type Masks, type Shapes, type Tensors, takeMask} from './base';
import {knownFunction} from './lookup';
import {OPERATIONS, STEPS} from './operations';
import {Arguments, type Value} from './operations/arguments';
import {withoutGradient} from './without-gradient';

/** An argument as it is saved: a tensor is the number of an input. */
export type SavedValue =
  | {readonly input: number}
  | {readonly items: readonly SavedValue[]}
  | {readonly slice: readonly SavedValue[]}
  | {readonly constant: unknown};

/** What an Operation layer is made of. */
export interface OperationArgs extends LayerArgs {
  /** Its name among `OPERATIONS`. */
  operation: string;
  /** Its arguments by its own names for them. */
  values: Readonly<Record<string, SavedValue>>;
}

/** Sizes that stand for open dimensions while shapes are told: the batch's, and those of other axes. */
const PROBES = [
  {batch: 2, other: 5},
  {batch: 3, other: 7},
];

/**
 * A function of tensors as a layer: arithmetic, slices, reductions, products and the like, as Python's operators and
 * `keras.ops` write them into models. Inputs as the function has them, one output or several. Masks end here, as they do
 * in Keras.
 */
export class Operation extends layers.Layer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverOperation';
  private readonly operation: string;
  private readonly values: OperationArgs['values'];
  /** How many tensors come out: known once it has run, or its shapes were told. */
  private outputs = 1;

  constructor({operation, values, ...others}: OperationArgs) {
    super(others);
    knownFunction(OPERATIONS, operation);
    this.operation = operation;
    this.values = values;
    // Masks are taken, and not passed on.
    this.supportsMasking = true;
  }

  private run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const where = `layer '${this.name}' (${this.operation})`;
    const values = new Map(
      Object.entries(this.values).map(([name, value]) => [name, resolved(value, inputs)] as const),
    );
    const args = new Arguments(values, where);
    const outputs = [knownFunction(OPERATIONS, this.operation)(args)].flat();
    // What an operation has no use for would be left out without a word.
    const [odd] = args.unread;
    this.outputs = outputs.length;
    if (odd === undefined) return outputs;
    throw args.odd(odd, 'nothing: the operation does not know this argument');
  }

  /**
   * Told by trying: what the operation makes of zeros of two sizes; a dimension that differs is open.
   * @throws CarryoverError `E_SHAPE` where the operation cannot take such inputs
   */
  override computeOutputShape(inputShape: Shapes): Shapes {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
    const [a, b] = PROBES.map(({batch, other}) => {
      const sizes = shapes.map(shape => shape.map((n, axis) => n ?? (axis === 0 ? batch : other)));
      return this.probe(sizes);
    }) as [number[][], number[][]];
    const told = a.map((shape, k) => shape.map((n, axis) => (n === b[k]![axis] ? n : null)));
    return told.length === 1 ? told[0]! : told;
  }

  private probe(sizes: readonly number[][]): number[][] {
    try {
      return tf.tidy(() => this.run(sizes.map(shape => tf.zeros(shape))).map(({shape}) => [...shape]));
    } catch (error) {
      if (error instanceof CarryoverError) throw error;
      const given = sizes.map(shape => `[${shape.join(', ')}]`).join(' and ');
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}': ${this.operation} cannot take inputs of shapes ${given}: ${(error as Error).message}`,
        {cause: error},
      );
    }
  }

  override call(inputs: Tensors, kwargs: Kwargs): Tensors {
    takeMask(kwargs);
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const tensors = [inputs].flat();
      const outputs = STEPS.has(this.operation)
        ? [withoutGradient(tensors, own => this.run(own)[0]!)]
        : this.run(tensors);
      return outputs.length === 1 ? outputs[0]! : outputs;
    });
  }

  override computeMask(_inputs: Tensors, _mask?: Masks): Tensors {
    // tfjs' types have no word for "no mask", which is null; one for each output of a list.
    const none = this.outputs === 1 ? null : new Array(this.outputs).fill(null);
    return none as unknown as Tensors;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {operation, values} = this;
    return {operation, values: values as unknown as tf.serialization.ConfigDict, ...super.getConfig()};
  }
}
tf.serialization.registerClass(Operation as unknown as Parameters<typeof tf.serialization.registerClass>[0]);

function resolved(value: SavedValue, inputs: readonly tf.Tensor[]): Value {
  if ('input' in value) return inputs[value.input];
  if ('items' in value) return value.items.map(item => resolved(item, inputs));
  if ('slice' in value) {
    const [start, stop, step] = value.slice.map(bound => resolved(bound, inputs));
    return {start, stop, step};
  }
  return value.constant;
}
