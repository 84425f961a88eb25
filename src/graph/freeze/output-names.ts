import {unsupported} from '../../../converters/format-error';
import type {GraphNode} from '../../../converters/graph-def/node';

/**
 * The names of outputs, in their order, of the operations that have several, as functions call them. Source: the operations'
 * registrations in TensorFlow 2.15, core/ops/*.cc. What is not here has one output, or one list of them.
 */
const OUTPUTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['BlockLSTM', ['i', 'cs', 'f', 'o', 'ci', 'co', 'h']],
  ['BlockLSTMV2', ['i', 'cs', 'f', 'o', 'ci', 'co', 'h']],
  ['LSTMBlockCell', ['i', 'cs', 'f', 'o', 'ci', 'co', 'h']],
  ['GRUBlockCell', ['r', 'u', 'c', 'h']],
  ['CudnnRNN', ['output', 'output_h', 'output_c', 'reserve_space']],
  ['CudnnRNNV2', ['output', 'output_h', 'output_c', 'reserve_space', 'host_reserved']],
  ['CudnnRNNV3', ['output', 'output_h', 'output_c', 'reserve_space', 'host_reserved']],
  ['TensorArrayV3', ['handle', 'flow']],
  ['TensorArrayConcatV3', ['value', 'lengths']],
  ['TensorListConcat', ['tensor', 'lengths']],
  ['TensorListConcatV2', ['tensor', 'lengths']],
  ['TensorListPopBack', ['output_handle', 'tensor']],
  ['Switch', ['output_false', 'output_true']],
  ['RefSwitch', ['output_false', 'output_true']],
  ['Merge', ['output', 'value_index']],
  ['TopK', ['values', 'indices']],
  ['TopKV2', ['values', 'indices']],
  ['Unique', ['y', 'idx']],
  ['UniqueV2', ['y', 'idx']],
  ['UniqueWithCounts', ['y', 'idx', 'count']],
  ['UniqueWithCountsV2', ['y', 'idx', 'count']],
  ['ListDiff', ['out', 'idx']],
  ['FusedBatchNorm', ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2']],
  ['FusedBatchNormV2', ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2']],
  [
    'FusedBatchNormV3',
    ['y', 'batch_mean', 'batch_variance', 'reserve_space_1', 'reserve_space_2', 'reserve_space_3'],
  ],
  ['SoftmaxCrossEntropyWithLogits', ['loss', 'backprop']],
  ['SparseSoftmaxCrossEntropyWithLogits', ['loss', 'backprop']],
  ['MaxPoolWithArgmax', ['output', 'argmax']],
  ['NonMaxSuppressionV4', ['selected_indices', 'valid_outputs']],
  ['NonMaxSuppressionV5', ['selected_indices', 'selected_scores', 'valid_outputs']],
  ['BroadcastGradientArgs', ['r0', 'r1']],
  ['Qr', ['q', 'r']],
  ['SelfAdjointEigV2', ['e', 'v']],
  ['Svd', ['s', 'u', 'v']],
  ['RaggedRange', ['rt_nested_splits', 'rt_dense_values']],
  ['SparseReshape', ['output_indices', 'output_shape']],
  ['SparseFillEmptyRows', ['output_indices', 'output_values', 'empty_row_indicator', 'reverse_index_map']],
  ['StringSplit', ['indices', 'values', 'shape']],
  ['StringSplitV2', ['indices', 'values', 'shape']],
  ['CTCLoss', ['loss', 'gradient']],
]);

/** Operations with several lists: where one ends is not told by its name. */
const LISTS: ReadonlySet<string> = new Set([
  'CTCGreedyDecoder',
  'CTCBeamSearchDecoder',
  'ParseExample',
  'RaggedGather',
]);

/**
 * The place among all outputs of `node:output:index`, as functions call it.
 * @throws CarryoverError `E_UNSUPPORTED` where the operation's outputs are not known
 */
export function flatIndex({op, where}: GraphNode, output: string, index: number): number {
  const names = OUTPUTS.get(op);
  const at = names === undefined ? 0 : names.indexOf(output);
  if (at < 0 || LISTS.has(op)) throw unsupported(where, `output '${output}' of ${op}, within a function`);
  return at + index;
}
