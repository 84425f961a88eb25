import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {readArguments} from '../dialects/arguments';
import {type ArraySpec, inputSizeOf, type Sizes, toCanonical} from '../dialects/arrays';
import type {CellDialect} from '../dialects/dialect';
import {releaseOf} from '../dialects/releases';
import {CarryoverError} from '../errors';
import type {Recurrence} from '../recurrence/types';
import {type CanonicalArrays, CanonicalWeights} from './canonical';
import {type ArrayData, fromOtherArrays, gradientsOfOther} from './other-arrays';
import {asSpelled, withSpelling} from './spelling';
import {warnOnce} from './warnings';
import {type AddWeight, addArrays, arrayNames, serializable} from './weights';

/** A layer's config: the library's own arguments in camelCase (or as in Python), tfjs' layer arguments, `version`. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/**
 * What a recurrent layer and a cell have in common: a dialect with its arguments filled in, what they mean, and the
 * library's arrays once the layer is built.
 */
export class DialectInstance {
  readonly args: Readonly<Record<string, unknown>>;
  /** The release whose behaviour this is. */
  readonly version: string;
  readonly recurrence: Omit<Recurrence, 'input'>;
  readonly specs: readonly ArraySpec[];
  private readonly canonical = new CanonicalWeights();
  private variables: readonly LayerVariable[] = [];
  private readonly sizes: Sizes & Pick<Recurrence, 'cell'>;
  private features = 0;

  /** @throws CarryoverError `E_USAGE` for arguments of the wrong kind, or a release that there never was */
  constructor(
    readonly dialect: CellDialect,
    config: LayerConfig,
    batch?: number,
  ) {
    const name = config.name ? ` '${String(config.name)}'` : '';
    const where = `${dialect.library} ${dialect.className}${name}`;
    const told = config.version ?? dialect.defaultVersion;
    const release = releaseOf(dialect, String(told), where);
    if (release.note) warnOnce(release.note);
    this.version = release.version;
    this.args = readArguments(dialect.arguments, asSpelled(config), this.version, where);
    this.recurrence = dialect.recurrence(this.args, this.version);
    const {units} = this.recurrence;
    if (!(units > 0)) {
      throw new CarryoverError('E_USAGE', `${where}: the number of units is ${units}; expected 1 or more`);
    }
    this.specs = dialect.arrays(this.args, this.version);
    this.sizes = {...this.recurrence, batch};
  }

  /** The library's names of its arrays, in the order of `getWeights()`. */
  get arrayNames(): string[] {
    return arrayNames(this.specs);
  }

  /**
   * Makes the variables of the library's arrays.
   * @param add the layer's own `addWeight`
   */
  build(features: number, where: string, prefix: string, add: AddWeight): readonly LayerVariable[] {
    this.features = features;
    const {args, dialect, specs, sizes} = this;
    const {initializers} = dialect;
    this.variables = addArrays(specs, features, sizes, {args, initializers, where, prefix}, add);
    return this.variables;
  }

  /** How many features the input has, told from the shapes of the library's arrays. */
  inputSizeOf(shapes: readonly (readonly number[])[]): number {
    return inputSizeOf(this.specs, shapes, this.sizes);
  }

  /** Arrays of the library in this layout, where a file has them in another one; see `RecurrentLayer.fromOtherArrays`. */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined {
    const others = this.dialect.otherArrays?.(this.args, this.version) ?? [];
    return fromOtherArrays(this.specs, others, arrays, this.sizes);
  }

  /** Gradients of the arrays as those of arrays of these shapes; see `gradientsOfOther`. */
  gradientsOfOther(
    gradients: readonly ArrayData[],
    shapes: readonly (readonly number[])[],
  ): readonly ArrayData[] | undefined {
    const others = this.dialect.otherArrays?.(this.args, this.version) ?? [];
    return gradientsOfOther(this.specs, others, gradients, shapes, this.sizes);
  }

  /** How many features the input had when the layer was built. */
  get inputSize(): number {
    return this.features;
  }

  /** The arrays as the recurrence wants them. */
  canonicalArrays(): CanonicalArrays {
    const arrays = this.variables.map(variable => variable.read());
    return this.canonical.of(arrays, own => toCanonical(this.specs, own, this.sizes, this.features));
  }

  /** The arguments and the release as `getConfig` saves them: what the library was not given is left out. */
  config(): Record<string, unknown> {
    const given = Object.entries(this.args).filter(([, value]) => value !== undefined);
    const saved = given.map(([name, value]) => [name, serializable(value)]);
    return {...withSpelling(Object.fromEntries(saved)), version: this.version};
  }

  /** Frees what was put together of the arrays, when the layer that owns them is disposed of. */
  dispose(): void {
    this.canonical.dispose();
  }
}
