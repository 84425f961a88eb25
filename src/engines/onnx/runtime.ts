/** A value that goes into a model or comes out of it. */
export interface OnnxArray {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface OnnxSession {
  /** Runs the model, at once. */
  run(
    feeds: Readonly<Record<string, OnnxArray>>,
    outputs: readonly string[],
  ): Readonly<Record<string, OnnxArray>>;
  release(): void;
}

/** ONNX Runtime, as much of it as the engine calls; all of it synchronous, since tfjs' kernels are. */
export interface OnnxRuntime {
  /** @param threads how many threads a run may use; as many as there are cores where it is left out */
  createSession(model: Uint8Array, threads?: number): OnnxSession;
}
