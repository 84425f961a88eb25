import type {Tensor} from '@tensorflow/tfjs-core';

type Weights = Readonly<Record<string, Tensor>>;

/**
 * tfjs gives data a new id whenever it changes (a variable that is assigned takes the id of its new value), so
 * that the ids of a set of weights are its version.
 */
const serials = new WeakMap<object, number>();
let lastSerial = 0;

/** The number of a tensor's data, the same for as long as the data is. */
function serialOf({dataId}: Tensor): number {
  let serial = serials.get(dataId);
  if (serial === undefined) {
    serial = ++lastSerial;
    serials.set(dataId, serial);
  }
  return serial;
}

/** Which data a set of weights holds, as a key; the same layer has them in the same order. */
function versionOf(weights: Weights): string {
  let version = '';
  for (const name in weights) version += ` ${name} ${serialOf(weights[name]!)}`;
  return version;
}

/** As many variants (structures, versions of the other weights) of one recurrent kernel are kept. */
const MOST_VARIANTS = 4;

/**
 * What an engine prepares of a set of weights, kept for as long as they live and are as they were.
 * Everything hangs on the data of the recurrent kernel, and is given to `dispose` once that is gone.
 */
export class PerWeights<T> {
  private readonly kept = new WeakMap<object, Map<string, T>>();
  private readonly all = new Set<Map<string, T>>();
  private readonly gone = new FinalizationRegistry<Map<string, T>>(variants => this.drop(variants));

  constructor(private readonly dispose: (value: T) => void) {}

  /** What `make` made of these weights under this key, made now if it has not been. */
  get(weights: Weights, key: string, make: () => T): T {
    const variants = this.variantsOf(weights.recurrentKernel!.dataId);
    const full = key + versionOf(weights);
    const known = variants.get(full);
    const value = known ?? make();
    // The last one used is the last one to go.
    variants.delete(full);
    variants.set(full, value);
    for (const [oldest, old] of variants) {
      if (variants.size <= MOST_VARIANTS) break;
      variants.delete(oldest);
      this.dispose(old);
    }
    return value;
  }

  /** Disposes everything. */
  clear(): void {
    for (const variants of [...this.all]) this.drop(variants);
  }

  private variantsOf(data: object): Map<string, T> {
    const known = this.kept.get(data);
    if (known) {
      this.all.add(known);
      return known;
    }
    const variants = new Map<string, T>();
    this.kept.set(data, variants);
    this.all.add(variants);
    this.gone.register(data, variants);
    return variants;
  }

  private drop(variants: Map<string, T>): void {
    this.all.delete(variants);
    for (const value of variants.values()) this.dispose(value);
    variants.clear();
  }
}
