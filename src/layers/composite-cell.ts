import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {lossesOf, trainedOf, untrainedOf} from './inner-weights';
import type {ArrayData} from './other-arrays';
import type {SequenceCell, SequenceOptions, SequenceResult, StateSlot} from './sequence-cell';

/** A cell made of cells: their arrays follow one another. */
export abstract class CompositeCell extends layers.RNNCell implements SequenceCell {
  abstract readonly outputSize: number;
  abstract readonly stateSlots: readonly StateSlot[];
  variablePrefix = '';

  constructor(
    readonly cells: readonly SequenceCell[],
    args: {readonly name?: string} = {},
  ) {
    super(args);
    if (cells.length === 0)
      throw new CarryoverError('E_USAGE', `${this.getClassName()} needs at least one cell`);
  }

  abstract runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult;

  /** Features that reach the k-th cell. */
  protected featuresOf(k: number, features: number): number {
    return k === 0 ? features : this.cells[k - 1]!.outputSize;
  }

  /** What tells the k-th cell's arrays from the others'. */
  protected prefixOf(_k: number): string {
    return '';
  }

  get arrayNames(): string[] {
    return this.cells.flatMap((cell, k) => cell.arrayNames.map(name => this.prefixOf(k) + name));
  }

  /** How many features the first cell's input has. */
  inputSizeOf(shapes: readonly (readonly number[])[]): number {
    return this.cells[0]!.inputSizeOf(shapes);
  }

  /** The arrays of each cell in its own layout; undefined where all of them are. */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined {
    let place = 0;
    const found = this.cells.map(cell => {
      const own = arrays.slice(place, place + cell.arrayNames.length);
      place += own.length;
      return {own, converted: cell.fromOtherArrays(own)};
    });
    if (found.every(({converted}) => !converted)) return undefined;
    return found.flatMap(({own, converted}) => converted ?? own);
  }

  /** tfjs takes the first state for the output's: the last cell's come first. */
  get stateSize(): number[] {
    return this.tfjsCells().flatMap(cell => cell.stateSize);
  }

  private tfjsCells(): (SequenceCell & layers.RNNCell)[] {
    return [...this.cells].reverse() as (SequenceCell & layers.RNNCell)[];
  }

  /** Whether weights start from zeros, which a file replaces. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    for (const cell of this.cells) cell.setFastWeightInitDuringBuild(value);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    for (const [k, cell] of this.cells.entries()) {
      cell.variablePrefix = this.variablePrefix + this.prefixOf(k);
      cell.build([...shape.slice(0, -1), this.featuresOf(k, shape.at(-1) as number)]);
      cell.built = true;
    }
    this.built = true;
  }

  /** tfjs' protocol: `[x, ...states]` in, `[y, ...states]` out, states as `stateSize` lists them. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: {training?: boolean} = {}): tf.Tensor[] {
    return tf.tidy(() => {
      const [x, ...states] = Array.isArray(inputs) ? inputs : [inputs];
      const options = {initial: this.fromTfjs(states), training: kwargs.training};
      const result = this.runSequence(tf.expandDims(x!, 1), options);
      return [tf.squeeze(result.y, [1]), ...this.toTfjs(result.states)];
    });
  }

  fromTfjs(states: readonly tf.Tensor[]): tf.Tensor[] {
    let place = 0;
    const byCell = this.tfjsCells().map(cell => {
      const count = [cell.stateSize].flat().length;
      place += count;
      return cell.fromTfjs(states.slice(place - count, place));
    });
    return this.joinStates(byCell.reverse());
  }

  toTfjs(states: readonly tf.Tensor[]): tf.Tensor[] {
    return this.statesByCell(states)
      .map((own, k) => this.cells[k]!.toTfjs(own))
      .reverse()
      .flat();
  }

  /** The states of each cell, from those of all. */
  protected statesByCell(states: readonly tf.Tensor[]): tf.Tensor[][] {
    let place = 0;
    return this.cells.map(({stateSlots: {length}}) => {
      place += length;
      return states.slice(place - length, place);
    });
  }

  /** The inverse of `statesByCell`. */
  protected joinStates(states: readonly (readonly tf.Tensor[])[]): tf.Tensor[] {
    return states.flat();
  }

  /** What the inner weights cost. */
  override get losses(): layers.Layer['losses'] {
    return lossesOf(this.cells);
  }

  override get trainableWeights(): layers.Layer['trainableWeights'] {
    return trainedOf(this.trainable, this.cells);
  }

  override get nonTrainableWeights(): layers.Layer['nonTrainableWeights'] {
    return untrainedOf(this.trainable, this.cells);
  }

  /** Frees everything but the variables of the cells. */
  forget(): void {
    for (const cell of this.cells) cell.forget();
  }

  override getConfig(): tf.serialization.ConfigDict {
    const cells = this.cells.map(savedCell) as tf.serialization.ConfigDictArray;
    return {...super.getConfig(), cells};
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const {cells, ...others} = config as unknown as {cells: SavedCell[]};
    return new cls({...others, cells: cells.map(restoreCell)} as unknown as tf.serialization.ConfigDict);
  }
}

/** A cell as what holds it saves it. */
export function savedCell(cell: SequenceCell): tf.serialization.ConfigDict {
  return {className: cell.getClassName(), config: cell.getConfig()};
}

/** A cell as `getConfig` of what holds it writes it. */
export interface SavedCell {
  readonly className: string;
  readonly config: tf.serialization.ConfigDict;
}

/** @throws CarryoverError `E_LAYER` for a class that is not registered with tfjs */
export function restoreCell({className, config}: SavedCell): SequenceCell {
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!known)
    throw new CarryoverError(
      'E_LAYER',
      `cell class '${className}' is not registered; import the package that has it`,
    );
  const [cellClass, fromConfig] = known;
  return fromConfig(cellClass, config) as unknown as SequenceCell;
}
