import type {LayersModel, layers, SymbolicTensor} from '@tensorflow/tfjs-layers';
import type {ArgumentTable} from '../dialects/arguments';
import type {Architecture, CallArguments, ContainerRecord, LayerRecord} from '../model/architecture';

/** Where a layer comes from. */
export interface LayerContext {
  readonly library: string;
  readonly className: string;
  /** The release. */
  readonly version: string;
  /** What the model ran on: `theano`, `tensorflow`. It decides how convolutions and pooling work. */
  readonly backend?: string;
  readonly name: string;
  /** For error messages: `model.json: layer 3 'dense_1'`. */
  readonly where: string;
  /** How the layer is called, where its class takes more of a call than tensors (`CallSpec`), and the file says more. */
  readonly call?: CallArguments;
}

/** What layers of a class take of a call beside their tensors, and beside `mask` and `training`, which any layer takes. */
export interface CallSpec {
  /** Arguments by name that the layer itself acts on; `all`: constants by position, too. */
  readonly takes: readonly string[] | 'all';
  /** What arguments after the first are called, where a call passes them by position. */
  readonly order?: readonly string[];
}

/** Of classes that take nothing more. */
export const TENSORS: CallSpec = {takes: []};

/** An array as a library saves it, beside the weight of the tfjs layer that it fills. */
export interface StoredArray {
  /** The library's own name for it: `W`, `kernel`. */
  readonly name: string;
  /** The index of the layer's weight; by default weights come in the same order. */
  readonly weight?: number;
  /** Which of the weight's axes each axis of the array is; by default the array lies as the weight does. */
  readonly axes?: readonly number[];
  /** The weight is a vector, and the array is a matrix of this one row. */
  readonly row?: boolean;
}

/** Arrays in the order in which the library saves them; a bare name is an array that lies as the weight does. */
export type StoredLayout = readonly (StoredArray | string)[];

/** The arrays of a layer that one object inside of it has. */
export interface ArrayPlace {
  /** The attributes that lead to it: `forward_layer`, `cell/cells/lstm_cell_1`; what has no arrays stands for what it holds. */
  readonly path: string;
  /** How many they are: of the layer's arrays those that come after the ones of the places before. */
  readonly count: number;
  /** How many arrays come before them there that are another place's again. Default 0. */
  readonly repeated?: number;
}

/** An array's numbers and how they lie. */
export interface LayerArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** `[batch, ...]`, null where open. */
export type InputShape = readonly (number | null)[];

/** A tfjs layer, and how its library saves it. */
export interface BuiltLayer {
  readonly layer: layers.Layer;
  /** What the layer gives for the tensors of a call, where that is more than to apply it to them. */
  readonly connect?: (inputs: readonly SymbolicTensor[]) => readonly SymbolicTensor[];
  /** The library's own parameter names, in the order of its saved arrays: ['W', 'b'], ['kernel', 'bias']. */
  readonly roles: readonly string[];
  /** The arrays' layout, and others that files may have. Absent where arrays are weights. */
  readonly layouts?: readonly StoredLayout[];
  /**
   * Whose the arrays are among the objects that the library makes the layer of, for files that keep arrays by object.
   * Absent where one object has them all: the layer, or one inside of it.
   */
  readonly places?: readonly ArrayPlace[];
  /**
   * Arrays as the layer has them, of a file that has them in another layout, which their shapes tell; undefined where it
   * has not. It throws where such arrays are of no use to the layer.
   */
  readonly fromOther?: (arrays: readonly LayerArray[]) => readonly LayerArray[] | undefined;
  /**
   * Gradients of the layer's arrays as those of arrays of these shapes, which another layout has in their place; undefined
   * where the shapes are those of its own arrays.
   */
  readonly gradientsOfOther?: (
    gradients: readonly LayerArray[],
    shapes: readonly (readonly number[])[],
  ) => readonly LayerArray[] | undefined;
  /** How many of its arrays, the last ones, no training changes. Default 0. */
  readonly untrained?: number;
  /**
   * The shape of its input as far as the shapes of its arrays tell, in their order: `[null, null, features]`. Absent where
   * they tell nothing.
   */
  readonly inputShape?: (arrays: readonly (readonly number[])[]) => InputShape | undefined;
  /** Layers inside of it that have its arrays: those of a whole model that it wraps. It has no arrays of its own then. */
  readonly inner?: readonly BuiltPart[];
  /** Of a layer with such a model inside: its layers as the file nests them, and what the model is called. */
  readonly inside?: {readonly name: string; readonly container: ContainerRecord};
  /** What the user should know: settings that do not carry over, assumptions made. */
  readonly notes?: readonly string[];
}

/** A layer in its library's words, and the tfjs layer. */
export interface BuiltPart {
  /** The layer in its library's words. */
  readonly record: LayerRecord;
  /** The tfjs layer, and the names that the library has for its arrays. */
  readonly built: BuiltLayer;
}

/** Builds what is inside of a layer. */
export interface Builder {
  readonly layer: (record: LayerRecord) => BuiltLayer;
  readonly model: (architecture: Architecture) => {
    readonly model: LayersModel;
    readonly layers: readonly BuiltPart[];
  };
}

/** How layers of a class are built; wrappers ask the builder for what they wrap. */
export interface LayerEntry {
  (record: LayerRecord, context: LayerContext, builder: Builder): BuiltLayer;
  /** What the class's configs may say. Absent where other things than arguments are in them. */
  readonly table?: ArgumentTable;
}

/** An entry whose arguments are declared. */
export const entryWith = (
  table: ArgumentTable,
  build: (...given: Parameters<LayerEntry>) => BuiltLayer,
): LayerEntry => Object.assign(build, {table});
