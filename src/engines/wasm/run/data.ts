import type {Place} from '../compile/program';

/** A task's memory. */
export interface Data {
  /** All memory as float32; valid until more is allocated. */
  readonly floats: Float32Array;
  /** The same as integers. */
  readonly words: Int32Array;
  /** The index at which a place begins. */
  at(place: Place): number;
}
