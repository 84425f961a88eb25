import * as tf from '@tensorflow/tfjs-core';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {CarryoverError} from '../../errors';
import type {Operation} from './operation';

/*
 * Arrays of tensors, as loops read and write them: `TensorArray*`, which are written in place, and `TensorList*`, each change
 * of which makes another one. A handle is a number, by which the rows are found while the graph runs.
 */

interface Rows {
  readonly rows: (tf.Tensor | undefined)[];
}

/** The arrays of one run of a graph. */
class Arrays {
  private readonly all: Rows[] = [];
  private readonly kept = new Set<tf.Tensor>();

  add(rows: (tf.Tensor | undefined)[]): tf.Tensor {
    this.all.push({rows});
    return tf.scalar(this.all.length - 1, 'int32');
  }

  at(handle: tf.Tensor): Rows {
    return this.all[numberIn(handle)]!;
  }

  /** A row outlives the turn of the loop that makes it. */
  keep(row: tf.Tensor): tf.Tensor {
    const own = tf.keep(tf.clone(row));
    this.kept.add(own);
    return own;
  }

  dispose(): void {
    for (const row of this.kept) row.dispose();
    this.kept.clear();
  }
}

const numberIn = (tensor: tf.Tensor): number => tensor.dataSync()[0] as number;
const numbersIn = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync() as ArrayLike<number>);

let running: Arrays | undefined;

/** Runs what may use arrays; they are gone afterwards, what it returns is not. */
export function withArrays<T extends tf.TensorContainer>(action: () => T): T {
  const before = running;
  const own = new Arrays();
  running = own;
  try {
    return action();
  } finally {
    running = before;
    own.dispose();
  }
}

const arrays = (): Arrays => running!;
/** What stands for the order in which arrays are written. */
const flow = (): tf.Tensor => tf.scalar(0);

/** The operation of a node that makes, reads or writes an array; undefined of other nodes. */
export function arrayOperation(node: GraphNode): Operation | undefined {
  const [, name] =
    /^(Tensor(?:Array|List).*?)(?:V\d)?$/.exec(node.op === 'EmptyTensorList' ? 'TensorListEmpty' : node.op) ??
    [];
  const make = name === undefined ? undefined : OPERATIONS.get(name);
  return make?.(node);
}

const OPERATIONS: ReadonlyMap<string, (node: GraphNode) => Operation> = new Map<
  string,
  (node: GraphNode) => Operation
>([
  [
    'TensorArray',
    () =>
      ([size]) => [arrays().add(new Array(numberIn(size!)).fill(undefined)), flow()],
  ],
  [
    'TensorArrayWrite',
    () =>
      ([handle, index, value]) =>
        write(handle!, numberIn(index!), value!),
  ],
  [
    'TensorArrayRead',
    node =>
      ([handle, index]) => [row(node, arrays().at(handle!), numberIn(index!))],
  ],
  [
    'TensorArrayScatter',
    () =>
      ([handle, indices, value]) =>
        scatter(handle!, numbersIn(indices!), value!),
  ],
  [
    'TensorArrayUnpack',
    () =>
      ([handle, value]) =>
        scatter(handle!, undefined, value!),
  ],
  [
    'TensorArrayGather',
    node =>
      ([handle, indices]) => [stacked(node, arrays().at(handle!), numbersIn(indices!))],
  ],
  [
    'TensorArrayPack',
    node =>
      ([handle]) => [stacked(node, arrays().at(handle!))],
  ],
  [
    'TensorArraySize',
    () =>
      ([handle]) => [tf.scalar(arrays().at(handle!).rows.length, 'int32')],
  ],
  ['TensorArrayClose', () => () => []],
  [
    'TensorArrayConcat',
    node =>
      ([handle]) =>
        joined(node, arrays().at(handle!)),
  ],
  [
    'TensorArraySplit',
    () =>
      ([handle, value, lengths]) =>
        split(handle!, value!, numbersIn(lengths!)),
  ],
  [
    'TensorListReserve',
    () =>
      ([, size]) => [arrays().add(new Array(numberIn(size!)).fill(undefined))],
  ],
  ['TensorListEmpty', () => () => [arrays().add([])]],
  [
    'TensorListFromTensor',
    () =>
      ([value]) => [arrays().add(unstacked(value!))],
  ],
  [
    'TensorListGetItem',
    node =>
      ([handle, index]) => [row(node, arrays().at(handle!), numberIn(index!))],
  ],
  [
    'TensorListSetItem',
    () =>
      ([handle, index, value]) => [setItem(handle!, numberIn(index!), value!)],
  ],
  [
    'TensorListStack',
    node =>
      ([handle]) => [stacked(node, arrays().at(handle!))],
  ],
  [
    'TensorListGather',
    node =>
      ([handle, indices]) => [stacked(node, arrays().at(handle!), numbersIn(indices!))],
  ],
  [
    'TensorListLength',
    () =>
      ([handle]) => [tf.scalar(arrays().at(handle!).rows.length, 'int32')],
  ],
  [
    'TensorListPushBack',
    () =>
      ([handle, value]) => [arrays().add([...arrays().at(handle!).rows, arrays().keep(value!)])],
  ],
  [
    'TensorListPopBack',
    node =>
      ([handle]) =>
        popped(node, arrays().at(handle!)),
  ],
  [
    'TensorListResize',
    () =>
      ([handle, size]) => [resized(arrays().at(handle!), numberIn(size!))],
  ],
  [
    'TensorListConcat',
    node =>
      ([handle]) =>
        joined(node, arrays().at(handle!)),
  ],
]);

function write(handle: tf.Tensor, index: number, value: tf.Tensor): tf.Tensor[] {
  arrays().at(handle).rows[index] = arrays().keep(value);
  return [flow()];
}

function scatter(handle: tf.Tensor, indices: readonly number[] | undefined, value: tf.Tensor): tf.Tensor[] {
  const {rows} = arrays().at(handle);
  const values = unstacked(value);
  for (const [k, one] of values.entries()) rows[indices?.[k] ?? k] = one;
  return [flow()];
}

function split(handle: tf.Tensor, value: tf.Tensor, lengths: readonly number[]): tf.Tensor[] {
  const {rows} = arrays().at(handle);
  for (const [k, part] of tf.split(value, [...lengths]).entries()) rows[k] = arrays().keep(part);
  return [flow()];
}

const unstacked = (value: tf.Tensor): tf.Tensor[] =>
  value.shape[0] === 0 ? [] : tf.unstack(value).map(one => arrays().keep(one));

function setItem(handle: tf.Tensor, index: number, value: tf.Tensor): tf.Tensor {
  const rows = [...arrays().at(handle).rows];
  rows[index] = arrays().keep(value);
  return arrays().add(rows);
}

function resized({rows}: Rows, size: number): tf.Tensor {
  return arrays().add(Array.from({length: size}, (_, k) => rows[k]));
}

function popped(node: GraphNode, list: Rows): tf.Tensor[] {
  const {rows} = list;
  return [arrays().add(rows.slice(0, -1)), row(node, list, rows.length - 1)];
}

/** A row that was never written is zeros, in the shape that the node or another row tells. */
function row(node: GraphNode, {rows}: Rows, index: number): tf.Tensor {
  const found = rows[index];
  if (found) return tf.clone(found);
  const told = attribute(node, 'element_shape')?.shape;
  const written = rows.find(one => one);
  const shape = told && !told.includes(null) ? told : written?.shape;
  if (index < 0 || index >= rows.length || !shape) {
    throw new CarryoverError(
      'E_SHAPE',
      `${node.where}: row ${index} of an array of ${rows.length} is read, and was never written; give inputs of the sizes that the graph is made for`,
    );
  }
  return tf.zeros(shape as number[], written?.dtype);
}

function stacked(node: GraphNode, list: Rows, indices = list.rows.map((_, k) => k)): tf.Tensor {
  if (indices.length > 0) return tf.stack(indices.map(index => row(node, list, index)));
  const shape = attribute(node, 'element_shape')?.shape ?? [];
  return tf.zeros([0, ...(shape ?? []).map(size => size ?? 0)]);
}

function joined(node: GraphNode, list: Rows): tf.Tensor[] {
  const rows = list.rows.map((_, k) => row(node, list, k));
  const lengths = tf.tensor1d(
    rows.map(one => one.shape[0] ?? 0),
    'int32',
  );
  return [rows.length === 0 ? tf.zeros([0]) : tf.concat(rows, 0), lengths];
}
