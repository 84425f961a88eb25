import * as tf from '@tensorflow/tfjs-core';
import type {ConfigOf} from '../dialects/arguments';
import type {CellDialect, Dialect} from '../dialects/dialect';
import {DialectCell} from './cell';
import {checkGiven} from './given-arguments';
import type {LayerConfig} from './instance';
import {type CommonArgs, RecurrentLayer} from './recurrent-layer';

/** A tfjs layer class of a dialect. */
export interface RecurrentLayerClass<T extends RecurrentLayer = RecurrentLayer, D extends Dialect = Dialect> {
  new (config?: LayerConfig): T;
  readonly className: string;
  readonly dialect: D;
}

/** A recurrent layer's class before it has a dialect; some libraries add methods of their own. */
export type LayerBase<T extends RecurrentLayer> = abstract new (config: LayerConfig, dialect: Dialect) => T;

/** The tfjs class of a cell's dialect. */
export interface CellClass<D extends CellDialect = CellDialect> {
  new (config?: LayerConfig): DialectCell;
  readonly className: string;
  readonly dialect: D;
}

/** A cell's class before it has a dialect. */
export type CellBase = abstract new (config: LayerConfig, dialect: CellDialect) => DialectCell;

type Made<D extends CellDialect> = (new (
  config?: LayerConfig,
) => object) & {
  readonly className: string;
  readonly dialect: D;
};

/**
 * Makes the tfjs class of a dialect and registers it, so that `tf.loadLayersModel` finds it. Its tfjs name joins
 * library and class (`Keras0LSTM`): tfjs' own names stay tfjs' own.
 */
function classOf<D extends CellDialect>(
  dialect: D,
  base: abstract new (config: LayerConfig, dialect: D) => object,
): Made<D> {
  const name = dialect.library.charAt(0).toUpperCase() + dialect.library.slice(1) + dialect.className;
  // TypeScript cannot see through a base class that is a parameter.
  class DialectClass extends (base as abstract new (config: LayerConfig, dialect: D) => RecurrentLayer) {
    static readonly className = name;
    static readonly dialect = dialect;
    constructor(config: LayerConfig = {}) {
      super(config, dialect);
    }
  }
  tf.serialization.registerClass(
    DialectClass as unknown as Parameters<typeof tf.serialization.registerClass>[0],
  );
  return DialectClass as unknown as Made<D>;
}

/** The tfjs layer class of a dialect, registered with tfjs. */
export function layerClass<D extends Dialect, T extends RecurrentLayer = RecurrentLayer>(
  dialect: D,
  base: LayerBase<T> = RecurrentLayer as unknown as LayerBase<T>,
): RecurrentLayerClass<T, D> {
  return classOf(dialect, base) as unknown as RecurrentLayerClass<T, D>;
}

/** The tfjs class of a cell's dialect, registered with tfjs. */
export function cellClass<D extends CellDialect>(dialect: D, base: CellBase = DialectCell): CellClass<D> {
  return classOf(dialect, base) as unknown as CellClass<D>;
}

/** Functions that make a library's recurrent layers, by the functions' names. */
export interface LayerFactories<T extends RecurrentLayer, D extends Readonly<Record<string, Dialect>>> {
  /** In the order of the dialects. */
  readonly classes: readonly RecurrentLayerClass<T>[];
  readonly factories: {readonly [K in keyof D]: (config?: ConfigOf<D[K]> & CommonArgs) => T};
}

/**
 * The tfjs classes of a library's recurrent layers, and the functions with which programs make such layers.
 * @param base the layers' base class, where the library adds methods of its own
 */
export function layerFactories<
  D extends Readonly<Record<string, Dialect>>,
  T extends RecurrentLayer = RecurrentLayer,
>(dialects: D, base?: LayerBase<T>): LayerFactories<T, D> {
  const classes = Object.values(dialects).map(dialect => layerClass(dialect, base));
  return {classes, factories: factoriesOf(dialects, classes) as LayerFactories<T, D>['factories']};
}

/** Functions that make a library's cells, by the functions' names. */
export interface CellFactories<D extends Readonly<Record<string, CellDialect>>> {
  /** In the order of the dialects. */
  readonly classes: readonly CellClass[];
  readonly factories: {
    readonly [K in keyof D]: (
      config?: ConfigOf<D[K]> & Pick<CommonArgs, 'name' | 'trainable' | 'version'>,
    ) => DialectCell;
  };
}

/** The tfjs classes of a library's cells, and the functions with which programs make such cells. */
export function cellFactories<D extends Readonly<Record<string, CellDialect>>>(
  dialects: D,
  base?: CellBase,
): CellFactories<D> {
  const classes = Object.values(dialects).map(dialect => cellClass(dialect, base));
  return {classes, factories: factoriesOf(dialects, classes) as CellFactories<D>['factories']};
}

function factoriesOf(
  dialects: Readonly<Record<string, CellDialect>>,
  classes: readonly Made<CellDialect>[],
): Record<string, (config?: LayerConfig) => object> {
  const make =
    (layer: Made<CellDialect>) =>
    (config: LayerConfig = {}): object => {
      checkGiven(layer.dialect, config);
      return new layer(config);
    };
  return Object.fromEntries(Object.keys(dialects).map((name, k) => [name, make(classes[k]!)]));
}
