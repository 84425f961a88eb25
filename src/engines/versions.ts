import {engine, type Tensor} from '@tensorflow/tfjs-core';
import {keysOf} from '../recurrence/records';
import type {RecurrenceInputs} from './types';

type Weights = RecurrenceInputs['weights'];

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
  for (const name of keysOf(weights)) version += ` ${name} ${serialOf(weights[name]!)}`;
  return version;
}

/** As many variants (structures, versions of the other weights) of one recurrent kernel are kept. */
const MOST_VARIANTS = 4;

/** The variants that hang on one piece of data. */
interface Entry<T> {
  readonly data: WeakRef<object>;
  readonly variants: Map<string, T>;
}

/**
 * What an engine prepares of a set of weights, kept for as long as they live and are as they were.
 * Everything hangs on the data of the recurrent kernel, and is given to `dispose` once that is gone: when something
 * else is made, or when the data's id is collected, whichever comes first.
 */
export class PerWeights<T> {
  private readonly kept = new WeakMap<object, Entry<T>>();
  private readonly all = new Set<Entry<T>>();
  private readonly gone = new FinalizationRegistry<Entry<T>>(entry => this.drop(entry));

  constructor(private readonly dispose: (value: T) => void) {}

  /** What `make` made of these weights under this key, made now if it has not been. */
  get(weights: Weights, key: string, make: () => T): T {
    const {variants} = this.entryOf(weights.recurrentKernel!.dataId);
    const full = key + versionOf(weights);
    const known = variants.get(full);
    if (known === undefined) this.sweep();
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
    for (const entry of [...this.all]) this.drop(entry);
  }

  private entryOf(data: object): Entry<T> {
    let entry = this.kept.get(data);
    if (!entry) {
      entry = {data: new WeakRef(data), variants: new Map()};
      this.kept.set(data, entry);
      this.gone.register(data, entry);
    }
    this.all.add(entry);
    return entry;
  }

  /** Disposes what hangs on data that tfjs has freed: training leaves such behind at every step. */
  private sweep(): void {
    const {tensorInfo} = engine().state;
    for (const entry of [...this.all]) {
      const data = entry.data.deref();
      if (!data || !tensorInfo.has(data)) this.drop(entry);
    }
  }

  private drop(entry: Entry<T>): void {
    this.all.delete(entry);
    for (const value of entry.variants.values()) this.dispose(value);
    entry.variants.clear();
  }
}
