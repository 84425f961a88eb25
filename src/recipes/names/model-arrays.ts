/** What names and shapes tell of an array. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface ArrayChoice {
  /** Take the exponential moving averages of the weights where there are some. Default false. */
  readonly averages?: boolean;
}

/** What optimizers keep beside each variable: `kernel/Adam`, `kernel/RMSProp_1`. */
const SLOT =
  /\/(?:Adam|AdaMax|Nadam|RMSProp|Momentum(?:W)?|Adagrad|AdagradDA|Adadelta|Ftrl|ProximalAdagrad|GradientDescent|LARS|LAMB|AdamW(?:eightDecay)?)(?:Optimizer)?(?:_\d+)?$/;
const AVERAGE = '/ExponentialMovingAverage';
/** Of object-based checkpoints. */
const SLOT_OBJECT = /\/\.OPTIMIZER_SLOT\//;

/**
 * The arrays that a model computes with: no slots of optimizers, no moving averages, no counters or rates (scalars).
 * With `averages`, an array's moving average stands in for it under its own name in the file.
 */
export function modelArrays<T extends NamedShape>(arrays: readonly T[], {averages}: ArrayChoice = {}): T[] {
  const names = new Set(arrays.map(({name}) => name));
  return arrays.filter(({name, shape}) => {
    if (shape.length === 0 || SLOT.test(name) || SLOT_OBJECT.test(name)) return false;
    if (name.endsWith(AVERAGE)) return averages === true;
    return !(averages && names.has(name + AVERAGE));
  });
}

/** The name of the variable that an array belongs to: its own, or that of which it is the average. */
export function variableName(name: string): string {
  return name.endsWith(AVERAGE) ? name.slice(0, -AVERAGE.length) : name;
}
