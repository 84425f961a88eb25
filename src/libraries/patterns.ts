/** The sizes of a layer that the shapes of its arrays tell. */
export interface PatternSizes {
  /** How many features it reads; rows of an embedding. */
  readonly input: number;
  /** How wide what it puts out is. */
  readonly units: number;
}

/** A plain layer that its arrays give away. */
export interface PlainPattern {
  readonly kind: 'dense' | 'embedding' | 'normalization';
  readonly className: string;
  /** The library that it is of, where it is another one's. */
  readonly library?: string;
  /** Roles in the order of the file, and what each array has for rows: `input`, a single row (1), none (0: a vector). */
  readonly arrays: Readonly<Record<string, 'input' | 1 | 0>>;
  /** The arguments that say this, in Python's spelling, with no activation of its own. */
  config(sizes: PatternSizes): Readonly<Record<string, unknown>>;
  /** The class that does the same at each step of a sequence, where this one does not. */
  readonly overTime?: string;
  /** What no array tells of it: `masks nothing (mask_zero false)`. */
  readonly assumed?: string;
}

/** A layer without arrays, of which the file has the name alone. */
export interface BarePattern {
  /** Absent where it is left out. */
  readonly className?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly assumed?: string;
}

/** What files that hold arrays alone tell of a library's layers, for first recipes. */
export interface FilePatterns {
  readonly plain: readonly PlainPattern[];
  /** The library wraps a recurrent layer in `Bidirectional`; others have two layers and join them. */
  readonly bidirectional?: boolean;
  /** The class that makes all after the batch one dimension. */
  readonly flatten: {readonly className: string; readonly library?: string};
  /** Layers without arrays, by what their names begin with; the first that fits counts. */
  readonly bare?: Readonly<Record<string, BarePattern>>;
  /** What the reader of the library's own weight files calls their layout. */
  readonly layout?: string;
  /** The release that is meant where nothing tells and it matters. */
  readonly release?: string;
}
