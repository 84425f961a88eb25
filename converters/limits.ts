import {CarryoverError} from '../src/errors';

/**
 * The most that a file may ask of its reader. Each is far above what the libraries write, and low enough that a damaged or
 * hostile file costs little; who trusts a file may raise them.
 */
export interface Limits {
  /** Entries of a folder that are looked at for a model: larger folders hold something else. */
  readonly folderEntries: number;
  /** Bytes that a tensor of a graph may take whose values are cut short: the last one stands for all that follow. */
  readonly graphFillBytes: number;
  /**
   * Bytes that libhdf5 may hold beyond four times the sizes of the files that are open in it: lengths in a damaged file make
   * it ask for any number. A packed chunk is unpacked there, and h5py's are of 1 MB.
   */
  readonly hdf5Bytes: number;
  /** How deep the objects in a weight file of Keras' new layout nest. */
  readonly kerasGroupDepth: number;
  /** Objects in a weight file of Keras' new layout; a group of HDF5 may hold itself. */
  readonly kerasGroups: number;
  /** Bytes that a member of a `.keras` file may unpack to beyond ten times the size of the file; Keras packs nothing. */
  readonly kerasUnpackedBytes: number;
  /** Characters of a layer's name in neupy's files. */
  readonly neupyNameCharacters: number;
  /** Layers of a neupy network: one part of a pickle that is used often must not grow without bound. */
  readonly neupyLayers: number;
  /** Parameters of one layer of neupy; its LSTM has a dozen. */
  readonly neupyParameters: number;
  /** Bytes of a .npy header. NumPy itself stops at 10,000; longer ones are those of structured types. */
  readonly npyHeaderBytes: number;
  /** How deep a .npy header nests: that of a structured type. */
  readonly npyHeaderDepth: number;
  /** Characters of the name that an array has by its path in a pickle: a key that is used often must not make it huge. */
  readonly pickleArrayNameCharacters: number;
  /** Arrays in a pickle of weights; networks have hundreds. */
  readonly pickleArrays: number;
  /** How deep data nest: Python's own recursion limit, beyond which its pickler does not go. */
  readonly pickleDepth: number;
  /** Digits of a decimal integer: Python's `sys.get_int_max_str_digits`, since they are slow to convert. */
  readonly pickleDigits: number;
  /** Characters of the name of a class or a module; Python's own are far shorter. */
  readonly pickleNameCharacters: number;
  /** Memory and work that a pickle may cause beyond its own length, per byte of it. */
  readonly pickleExtraPerByte: number;
  /** Instructions: bounds the memory of what one-byte instructions make. */
  readonly pickleInstructions: number;
  /** Bytes of an integer in binary; as `pickleDigits`. */
  readonly pickleIntegerBytes: number;
  /** Dictionaries, sets, arrays and objects: an empty one takes a hundred times the instruction that makes it. */
  readonly pickleObjects: number;
  /**
   * Values per byte of a pickle, one that is used twice counted twice: whoever walks the data as a tree is done in time. The
   * libraries' files share little.
   */
  readonly pickleValuesPerByte: number;
  /** Characters of a YAML file: architectures have some thousands. */
  readonly yamlCharacters: number;
  /** How deep YAML nests. */
  readonly yamlDepth: number;
  /** Values per character of a YAML file, one that aliases name again counted again. */
  readonly yamlValuesPerByte: number;
}

/** What holds where the caller says nothing. */
export const LIMITS: Limits = {
  folderEntries: 256,
  graphFillBytes: 2 ** 31,
  hdf5Bytes: 2 ** 26,
  kerasGroupDepth: 64,
  kerasGroups: 2 ** 16,
  kerasUnpackedBytes: 2 ** 28,
  neupyLayers: 2 ** 14,
  neupyNameCharacters: 256,
  neupyParameters: 256,
  npyHeaderBytes: 2 ** 20,
  npyHeaderDepth: 16,
  pickleArrayNameCharacters: 1024,
  pickleArrays: 2 ** 16,
  pickleDepth: 1000,
  pickleDigits: 4300,
  pickleExtraPerByte: 8,
  pickleInstructions: 2 ** 23,
  pickleIntegerBytes: 2048,
  pickleNameCharacters: 256,
  pickleObjects: 2 ** 21,
  pickleValuesPerByte: 4,
  yamlCharacters: 2 ** 20,
  yamlDepth: 200,
  yamlValuesPerByte: 4,
};

/** The limits with some of them changed. */
export const limitsWith = (changes: Partial<Limits> = {}): Limits => ({...LIMITS, ...changes});

/** Limits per byte of a file count a small file as one of this size. */
export const SMALL_FILE_BYTES = 2 ** 13;

/**
 * The error of a file that asks for more than a limit allows.
 * @param what what it asks for: `a header of 2000000 bytes`
 */
export function beyond(
  where: string,
  name: keyof Limits,
  what: string,
  {[name]: most}: Limits,
): CarryoverError {
  return new CarryoverError(
    'E_LIMIT',
    `${where}: ${what}; at most ${most} are allowed: where you trust the file, raise the limit ${name}`,
    {expected: most},
  );
}

// What formats themselves cannot exceed: a file that says so is damaged, whoever trusts it.

/** Deflate's densest code: 258 bytes in 2 bits. */
export const DEFLATE_RATIO = 1032;
/** Snappy's densest element: 3 bytes that copy 64. */
export const SNAPPY_RATIO = 22;
/** NumPy 2's own limit; NumPy 1 has 32. */
export const NUMPY_DIMENSIONS = 64;
/** The number of a checkpoint's shards has five digits in the files' names. */
export const CHECKPOINT_SHARDS = 99_999;
