import type {CarryoverError} from '../src/errors';
import type {ObjectGraph} from './checkpoint/object-graph';

/** Element types found in weight files. float16 and bfloat16 are read as float32. */
export type DType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'string';

/** Values in row-major (C) order, native byte order. 64-bit integers stay BigInt. */
export type Values =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | string[];

/** An array in memory. `shape` is [] for a scalar. */
export interface NdArray {
  /** Type of the elements; `float16` and `bfloat16` values are float32 numbers. */
  readonly dtype: DType;
  /** Size of each axis; [] for a scalar. */
  readonly shape: readonly number[];
  /** The elements, the last axis running fastest (C order). */
  readonly values: Values;
}

/** An array in a file, read when asked for. */
export interface NamedArray {
  /** The array's name or path in its file, e.g. `layer_0/param_3`, `lstm_1/lstm_1/kernel:0`. */
  readonly name: string;
  /** Type of the elements in the file. */
  readonly dtype: DType;
  /** Size of each axis; [] for a scalar. */
  readonly shape: readonly number[];
  /** Reads the values from the file; nothing is cached. */
  read(): NdArray;
  /**
   * Reads a part: `begin` counts from 0 on each axis, a `size` of -1 means all that is left. Absent where the format can
   * only be read whole.
   */
  slice?(begin: readonly number[], size: readonly number[]): NdArray;
}

/** The arrays of one layer, in the order in which the library saved them. */
export interface WeightGroup {
  /** The layer's name in the file, or the path of the object that has the arrays; empty in formats without layers. */
  readonly name: string;
  /** The arrays, in saved order. */
  readonly arrays: readonly NamedArray[];
  /** Of a single group: the arrays are those of the layers' groups, which follow each other by their names. */
  readonly order?: 'groupNames';
  /** Whose the arrays are, in files that keep objects by the attributes that lead to them. */
  readonly owner?: OwnerObject;
}

/** An object of the original library, as a file keeps it. */
export interface OwnerObject {
  /** The attributes, and the names within lists, that lead to it from the model: `['layers', 'lstm_1', 'cell']`. */
  readonly path: readonly string[];
  /** The name that the object itself has, where the file tells it. */
  readonly name?: string;
}

/** An array that is in a file and cannot be read. */
export interface UnreadableArray {
  /** As far as it is known. */
  readonly name: string;
  /** `E_FORMAT` or `E_LIMIT` where it is damaged, `E_UNSUPPORTED` where it is whole, and of a kind that Carryover does not read. */
  readonly reason: CarryoverError;
}

/** What is not read, for `facts`. */
export function unreadableFact(arrays: readonly UnreadableArray[]): {readonly unreadable?: string} {
  return arrays.length === 0 ? {} : {unreadable: arrays.map(({reason}) => reason.message).join('; ')};
}

/** An open weight file. Readers stay valid until `close`. */
export interface WeightFile {
  /** The name of its format: `keras-h5`, `keras-h5-weights`, `npz`, ... */
  readonly format: string;
  /** One group for each layer, or each object, in saved order; a single one in formats without layers. */
  readonly groups: readonly WeightGroup[];
  /** Arrays that are there and cannot be read: a model that uses the file is refused, or told. */
  readonly unreadable?: readonly UnreadableArray[];
  /** The architecture that the file itself carries (Keras `model_config`), parsed from JSON. */
  readonly architecture?: unknown;
  /** The objects of the program that saved a TensorFlow 2 checkpoint, which tell what each array is of. */
  readonly objects?: ObjectGraph;
  /** Facts about the file for people: library, version, backend, layout. */
  readonly facts: Readonly<Record<string, string>>;
  /** Closes the file; its arrays cannot be read afterwards. */
  close(): void;
}
