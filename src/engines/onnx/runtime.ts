/** A value that goes into a model or comes out of it. */
export interface OnnxArray {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** The names of outputs. ONNX Runtime takes them as keys, and null for "put it where you like". */
export type OnnxWanted = Readonly<Record<string, null>>;

export interface OnnxSession {
  /** Runs the model, at once; gives the outputs that are wanted. Each of them costs two to three microseconds. */
  run(
    feeds: Readonly<Record<string, OnnxArray>>,
    wanted: OnnxWanted,
  ): Readonly<Record<string, {readonly data: Float32Array}>>;
  release(): void;
}

/** ONNX Runtime, as much of it as the engine calls; all of it synchronous, since tfjs' kernels are. */
export interface OnnxRuntime {
  /** @param threads how many threads a run may use; as many as there are cores where it is left out */
  createSession(model: Uint8Array, threads?: number): OnnxSession;
}
