/** Arguments as programs write them (camelCase), and their values. */
type Settings = Readonly<Record<string, unknown>>;

/** A plain layer that its arrays give away; which arrays those are, the layer's declaration says. */
export interface PlainPattern {
  readonly kind: 'dense' | 'embedding' | 'normalization';
  readonly className: string;
  /** The library that it is of, where it is another one's. */
  readonly library?: string;
  /** The arguments that its sizes are: how many features (or rows) it reads, how wide what it puts out is. */
  readonly sizes: Readonly<Record<string, 'input' | 'units'>>;
  /** The arguments with which it has no activation of its own. */
  readonly linear?: Settings;
  /** The arguments with which it has no bias, where it can do without. */
  readonly withoutBias?: Settings;
  /** The class that does the same at each step of a sequence, where this one does not. */
  readonly overTime?: string;
  /** What no array tells of it: `masks nothing (mask_zero false)`. */
  readonly assumed?: string;
}

/** A layer without arrays, of which the file has the name alone. */
export interface BarePattern {
  /** Absent where it is left out. */
  readonly className?: string;
  readonly config?: Settings;
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
