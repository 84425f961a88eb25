import type {DType, NdArray} from '../arrays';
import {badFormat} from '../format-error';
import {type Elements, elementType} from '../npy/header';
import {decodeElements} from '../npy/read';
import {latin1Bytes} from './text';

/** A `numpy.dtype`: its code (`f8`, `U5`) and, once its state is known, its byte order. */
export class PickleDtype {
  /** Kind and bytes of an element: `f4`, `i8`, ... */
  readonly code: string;
  /** Byte order: `<`, `>`, `=` (the machine's) or `|` (none). */
  order = '|';

  constructor(code: string) {
    this.code = code;
  }

  /** As `numpy.dtype.str` says it. */
  get descr(): string {
    return this.order + this.code;
  }
}

/** The contents of an array, as the pickle has them. */
export interface Stored extends Elements {
  /** Python 2 keeps the bytes as text, one character each. */
  readonly data: Uint8Array | string;
}

/** A NumPy array or scalar (of shape []) in a pickle. Its values are decoded when read; nothing is cached. */
export class PickleArray {
  /** The file, for messages. */
  readonly where: string;
  private stored: Stored = {
    type: elementType('|i1', ''),
    shape: [0],
    fortran: false,
    count: 0,
    data: new Uint8Array(0),
  };

  constructor(where: string) {
    this.where = where;
  }

  /** Type of the elements. */
  get dtype(): DType {
    return this.stored.type.dtype;
  }

  /** Size of each axis; [] for a scalar. */
  get shape(): readonly number[] {
    return this.stored.shape;
  }

  /** How many bytes the values take in the file. */
  get size(): number {
    return this.stored.data.length;
  }

  /** The values in C order; float16 as float32. */
  read(): NdArray {
    const {data} = this.stored;
    const bytes = typeof data === 'string' ? latin1Bytes(data) : new Uint8Array(data);
    if (bytes === undefined)
      throw badFormat(this.where, 'characters beyond U+00FF among the values of an array');
    return decodeElements(bytes, this.stored);
  }

  /**
   * Gives the array its contents.
   * @internal
   */
  store(stored: Stored): void {
    this.stored = stored;
  }
}
