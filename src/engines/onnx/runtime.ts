import type {StateName} from '../../recurrence/types';

/** A value that goes into a model or comes out of it. */
export interface OnnxArray {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** What a model of a recurrence is fed with. */
export type OnnxFeed = 'x' | 'lengths' | `initial_${StateName}`;

/** What comes out of it: the sequence of outputs, and the final states. */
export type OnnxOutput = 'y' | StateName;

/** The outputs that are wanted. ONNX Runtime takes them as keys, and null for "put it where you like". */
export type OnnxWanted = Readonly<Partial<Record<OnnxOutput, null>>>;

export interface OnnxSession {
  /** Runs the model, at once; gives the outputs that are wanted. Each of them costs two to three microseconds. */
  run(
    feeds: Readonly<Partial<Record<OnnxFeed, OnnxArray>>>,
    wanted: OnnxWanted,
  ): Readonly<Partial<Record<OnnxOutput, {readonly data: Float32Array}>>>;
  release(): void;
}

/** ONNX Runtime, as much of it as the engine calls; all of it synchronous, since tfjs' kernels are. */
export interface OnnxRuntime {
  /** @param threads how many threads a run may use; as many as there are cores where it is left out */
  createSession(model: Uint8Array, threads?: number): OnnxSession;
}
