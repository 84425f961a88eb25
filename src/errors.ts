/** Every code of an error: one for each kind of failure. docs/errors.md is made from this. */
export const ERROR_CODES = {
  E_FORMAT: {
    means: 'The file or bytes are not what their format says: damaged, cut off, or of another format.',
    remedy: 'Get the file once more, or give the kind of file that the message asks for.',
  },
  E_UNSUPPORTED: {
    means: 'The file is whole, and holds something that Carryover does not read.',
    remedy: 'Save it in another way; the message says which.',
  },
  E_LIMIT: {
    means: 'The file asks for more memory or work than a limit allows.',
    remedy: 'Where you trust the file, raise the limit that the message names (option `limits`).',
  },
  E_FILE: {
    means: 'A file is missing, unreadable, or in the way.',
    remedy: 'Look at the path and its permissions; `--force` replaces what is in the way.',
  },
  E_ARCHITECTURE: {
    means: 'The architecture (Keras JSON, recipe) is missing or cannot be understood.',
    remedy: 'Give one (`architecture`, `--architecture FILE`), or mend the place that the message names.',
  },
  E_LAYER: {
    means: 'A layer or function that Carryover does not know, or refuses.',
    remedy: 'Give your own layers as `customObjects` (`--custom Name=module`).',
  },
  E_WEIGHTS: {
    means: 'Arrays are missing, superfluous, unreadable, or of the wrong shape for their layer.',
    remedy: 'Give the weight file that belongs to the architecture; `carryover inspect` shows both.',
  },
  E_SHAPE: {
    means: 'Tensors of the wrong rank, size or type.',
    remedy: 'Give data of the shape that the message names.',
  },
  E_DIALECT: {
    means: 'A library has no arguments for what is asked.',
    remedy: 'Choose another library or other settings; the message says what cannot be said.',
  },
  E_PARITY: {
    means: 'What was written does not compute what the original does; nothing was kept.',
    remedy: 'Report it: it is a fault of Carryover.',
  },
  E_ENGINE: {
    means: 'The engine or backend is not to be had.',
    remedy: 'Choose one of those that the message names, or install it.',
  },
  E_USAGE: {
    means: 'Arguments of a function or of the command line.',
    remedy: '`carryover VERB --help` shows how it is used.',
  },
} as const;

/** What went wrong, for programs; the message tells people. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What is known of a failure beside its message. */
export interface ErrorDetails extends ErrorOptions {
  /** The file, as it was given. */
  readonly file?: string;
  /** Where in it, in bytes. */
  readonly offset?: number;
  /** What was expected there. */
  readonly expected?: string | number;
  /** What was found instead. */
  readonly found?: string | number;
  /** The layer that it is about, with the names of the models around it before its own: `encoder/lstm_1`. */
  readonly layer?: string;
  /** The argument of that layer, or of its call, as the file calls it: `return_sequences`. */
  readonly argument?: string;
}

/** An error of any copy of this module: a program may have loaded Carryover as ES module and as CommonJS. */
const BRAND = Symbol.for('carryover.error');

/**
 * Every error that Carryover raises on purpose. The message is one line: what was found, where, what was
 * expected, what to do.
 */
export class CarryoverError extends Error {
  /** `CarryoverError`, also where a bundler has renamed the class. */
  override readonly name = 'CarryoverError';
  /** The kind of failure. */
  readonly code: ErrorCode;
  /** The file that it is about, as it was given. */
  declare readonly file?: string;
  /** Where in the file, in bytes. */
  declare readonly offset?: number;
  /** What was expected there. */
  declare readonly expected?: string | number;
  /** What was found instead. */
  declare readonly found?: string | number;
  /** The layer that it is about, with the names of the models around it before its own: `encoder/lstm_1`. */
  declare readonly layer?: string;
  /** The argument of that layer, or of its call, as the file calls it: `return_sequences`. */
  declare readonly argument?: string;

  constructor(
    code: ErrorCode,
    message: string,
    {file, offset, expected, found, layer, argument, ...options}: ErrorDetails = {},
  ) {
    super(printable(message), options);
    this.code = code;
    this.with({file, offset, expected, found, layer, argument});
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Holds for the errors of every copy of this class in the process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** The error as it is, with what else is known. */
  with(details: ErrorDetails): this {
    return Object.assign(this, defined(details), defined(this));
  }

  /** Code, message, and what else is known, as `--json` prints it. */
  toJSON(): Readonly<Record<string, unknown>> {
    return {code: this.code, message: this.message, ...defined(this)};
  }
}

/** The result of an action; undefined where it raises a `CarryoverError`, which whoever asks knows of otherwise. */
export function orNone<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof CarryoverError) return undefined;
    throw error;
  }
}

/**
 * The result of an action; a `CarryoverError` that it raises says before all else what it is about.
 * @param details what else is known of it, where the error does not know better
 */
export function locatedAt<T>(where: string, action: () => T, details: ErrorDetails = {}): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    if (error.message.startsWith(where)) throw error.with(details);
    throw new CarryoverError(error.code, `${where}: ${error.message}`, {cause: error})
      .with(error)
      .with(details);
  }
}

/** Longer messages come of names in files only. */
const MOST_CHARACTERS = 4000;

/**
 * Text from a file as one line: line breaks become spaces, other control characters and marks that turn the direction of
 * writing are shown by their numbers.
 */
export function printable(text: string): string {
  const line = text
    .replace(/\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g, ' ')
    .replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, shown);
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}...` : line;
}

function shown(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

const defined = ({file, offset, expected, found, layer, argument}: ErrorDetails): ErrorDetails =>
  Object.fromEntries(
    Object.entries({file, offset, expected, found, layer, argument}).filter(
      ([, value]) => value !== undefined,
    ),
  );
