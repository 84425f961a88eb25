/** What went wrong, for programs; the message tells people. */
export type ErrorCode =
  /** The file or bytes are not what their format says. */
  | 'E_FORMAT'
  /** A file is missing, unreadable, or in the way. */
  | 'E_FILE'
  /** The architecture (Keras JSON, recipe) cannot be understood. */
  | 'E_ARCHITECTURE'
  /** A layer or function that Carryover does not know, or refuses. */
  | 'E_LAYER'
  /** Arrays are missing, superfluous, or of the wrong shape for their layer. */
  | 'E_WEIGHTS'
  /** Tensors of the wrong rank, size or type. */
  | 'E_SHAPE'
  /** A library's way of saying it has no words for what is asked. */
  | 'E_DIALECT'
  /** The engine or backend is not to be had. */
  | 'E_ENGINE'
  /** Arguments of a function or of the command line. */
  | 'E_USAGE';

/**
 * Every error that Carryover raises on purpose. The message is one line: what was found, where, what was
 * expected, what to do.
 */
export class CarryoverError extends Error {
  /** `CarryoverError`, also where a bundler has renamed the class. */
  override readonly name = 'CarryoverError';
  /** The kind of failure. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
