/** A value that goes into a model or comes out of it. */
export interface OnnxArray {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

export interface OnnxSession {
  /** Runs the model, at once; gives all its outputs. */
  run(feeds: Readonly<Record<string, OnnxArray>>): Readonly<Record<string, {readonly data: Float32Array}>>;
  release(): void;
}

/** ONNX Runtime, as much of it as the engine calls; all of it synchronous, since tfjs' kernels are. */
export interface OnnxRuntime {
  /**
   * @param outputs the names of the model's outputs
   * @param threads how many threads a run may use; as many as there are cores where it is left out
   */
  createSession(model: Uint8Array, outputs: readonly string[], threads?: number): OnnxSession;
}
