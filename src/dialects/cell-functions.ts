import type {Activation} from '../recurrence/activations';

/** Parameters of a function, as its name in files has them. */
type Parameters_ = Readonly<Record<string, unknown>>;

/** What functions of plain layers are in a cell; undefined where cells have none with such parameters. */
const FUNCTIONS: ReadonlyMap<string, (parameters: Parameters_) => Activation | undefined> = new Map<
  string,
  (parameters: Parameters_) => Activation | undefined
>([
  ['swish', () => ({kind: 'swish'})],
  ['mish', () => ({kind: 'mish'})],
  ['gelu', () => ({kind: 'gelu'})],
  ['gelu_new', () => ({kind: 'tanhGelu'})],
  ['hardSwish', () => ({kind: 'hardSwish'})],
  ['hardTanh', () => ({kind: 'hardTanh'})],
  ['tanhShrink', () => ({kind: 'tanhShrink'})],
  ['logSigmoid', () => ({kind: 'logSigmoid'})],
  ['sparseSigmoid', () => ({kind: 'hardSigmoid', slope: 0.5, offset: 0.5})],
  [
    'softShrink',
    ({threshold}) => ({kind: 'softShrink', threshold: typeof threshold === 'number' ? threshold : 0.5}),
  ],
  // Other values of alpha have another slope at 0.
  ['celu', ({alpha}) => ((alpha ?? 1) === 1 ? {kind: 'elu', alpha: 1, scale: 1} : undefined)],
  // A cell's values have one axis beside the batch.
  ['softmax', ({axis}) => ([-1, 1].includes((axis as number) ?? -1) ? {kind: 'softmax'} : undefined)],
]);

/**
 * The function of a cell that a function of plain layers is.
 * @param name as tfjs and Carryover's plain layers call it
 * @returns undefined where no cell's engine has it
 */
export const cellFunction = (name: string, parameters: Parameters_ = {}): Activation | undefined =>
  FUNCTIONS.get(name)?.(parameters);
