import type {CarryoverError} from '../errors';

/**
 * A model's architecture, whatever file it was read from: the layers in the library's own words, and how they
 * are connected.
 */
export interface Architecture {
  /** `keras0`, `keras1`, `keras2`, ... */
  readonly library: string;
  /** The release, as the file says it or as it was told from its contents. */
  readonly version?: string;
  /** The model's name. */
  readonly name: string;
  /** In the order in which the library saved them; inputs among them where the library counts those. */
  readonly layers: readonly LayerRecord[];
  /** Where data enters, in the model's order. */
  readonly inputs: readonly InputRecord[];
  /** The tensors that the model gives, in its order. */
  readonly outputs: readonly TensorRef[];
  /** What the outputs are called, where the file says so: `y`, `state.c`, ... */
  readonly outputNames?: readonly string[];
  /** The containers that the layers were found in, as the file nests them; absent where it has a flat list. */
  readonly container?: ContainerRecord;
  /** Tensors that have further names than their layers': the outputs of models inside, those of a Graph of Keras 0. */
  readonly named?: NamedTensors;
  /** Layers have been left out that the outputs do not need: a file has arrays of more layers than these. */
  readonly partial?: boolean;
  /** What had to be assumed, for people to read. */
  readonly notes: readonly string[];
}

/**
 * The tensors that a name stands for beside those of layers, for each call of what it names: a model inside of another has
 * the name that its layers have before their own.
 */
export type NamedTensors = ReadonlyMap<string, readonly (readonly TensorRef[])[]>;

/** A model as its file has it, models inside it and all. */
export interface ContainerRecord {
  /** `Sequential`, `Model`, `Functional`, `Graph`. */
  readonly className: string;
  /** Its settings beside what is in it, in Python's spelling; absent where the file has a bare list of layers. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Inputs, layers and containers in the file's order. */
  readonly members: readonly MemberRecord[];
  /** Of a functional model: the members where data enters, and those that give its outputs. */
  readonly inputs?: readonly TensorRef[];
  readonly outputs?: readonly TensorRef[];
}

/** What is in a container. */
export interface MemberRecord {
  /**
   * Its name in the container. The flat list has it after the names of the containers around it: `encoder/lstm_1`;
   * the branches of a Merge are `merge_1/branch0`, ...
   */
  readonly name: string;
  readonly className: string;
  /** A layer's arguments, in Python's spelling; empty for a container, which has its own. */
  readonly config: Readonly<Record<string, unknown>>;
  /** In a functional model: what each of its calls takes of other members, in the file's own count of calls. */
  readonly calls?: readonly LayerCall[];
  /** What else the file says of it beside class and config, `inbound_nodes` included; absent where it says nothing else. */
  readonly others?: Readonly<Record<string, unknown>>;
  /** What it holds, where it is a model. */
  readonly container?: ContainerRecord;
  /** The models that a Merge of Keras 0 or 1 merges. */
  readonly branches?: readonly MemberRecord[];
}

/** A place where data enters. */
export interface InputRecord {
  /** The input's name. */
  readonly name: string;
  /** `[batch, ...]`, null where open; absent where the file does not say. */
  readonly shape?: readonly (number | null)[];
  /** Type of the data: `float32`, `int32`, ... */
  readonly dtype: string;
  /** Why there can be no such input. */
  readonly refusal?: CarryoverError;
}

/** One layer, as its library wrote it down. */
export interface LayerRecord {
  /** The layer's name. */
  readonly name: string;
  /** `keras0`, `tf1`, ...: whose layer it is. */
  readonly library: string;
  /** The library's release. */
  readonly version?: string;
  /** The backend that the library ran on, where the file says it. */
  readonly backend?: string;
  /** The library's own name of the layer: `LSTM`, `Dense`, ... */
  readonly className: string;
  /** The library's own arguments, in Python's spelling. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What the layer takes each time that it is called; a layer called twice is shared. */
  readonly calls: readonly LayerCall[];
  /**
   * The group of a weight file that has this layer's arrays: its own name, or the name of the outermost
   * container that it was found in (containers are taken apart; their arrays follow one another).
   */
  readonly group: string;
  /** Recipes: which array in the file plays which role. Those of nested cells have `cell_0/`, `fw/`, ... before them. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Recipes: the cells inside, by `cell`, `cell_fw`, `cell_bw`. */
  readonly cells?: Readonly<Record<string, CellRecord>>;
  /** Recipes: what the inputs after the first are (`mask`, states), where the library passes them by argument. */
  readonly given?: readonly string[];
  /** Recipes: rows of arrays that hold one for each row of a batch. */
  readonly batchSize?: number;
  /** It is called with `training=True`: dropout and batch statistics act when the model predicts, too. */
  readonly inTraining?: boolean;
  /** Recipes: the second input holds each row's length. */
  readonly lengths?: boolean;
  /** For error messages: `model.json: layer 3 'dense_1'`. */
  readonly where: string;
}

/** A cell inside a layer, in its library's words. */
export interface CellRecord {
  /** The library's own name of the cell. */
  readonly className: string;
  /** The library's own arguments, in Python's spelling. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The cells of a stack; empty for others. */
  readonly cells: readonly CellRecord[];
  /** Wrappers around it, the innermost first: a class name, or a class and its config. */
  readonly wrap: readonly {
    /** The wrapper's own name. */
    readonly className: string;
    /** Its arguments, in Python's spelling. */
    readonly config: Readonly<Record<string, unknown>>;
  }[];
}

/** A tensor: an output of a call of a layer, or an input. */
export interface TensorRef {
  /** Name of the layer or input. */
  readonly layer: string;
  /** Index of the call, from 0: a shared layer has several. */
  readonly call: number;
  /** Index of the call's output, from 0. */
  readonly output: number;
}

/** One call of a layer. */
export interface LayerCall {
  /** The tensors that it takes, in the order in which they stand among its arguments. */
  readonly inputs: readonly TensorRef[];
  /** How the file says it, where it says more than a list of tensors: constants, arguments by name. */
  readonly arguments?: CallArguments;
}

/** The arguments of a call as Python has them. */
export interface CallArguments {
  /** Arguments by position. */
  readonly args: readonly CallValue[];
  /** Arguments by name. */
  readonly kwargs: Readonly<Record<string, CallValue>>;
}

/**
 * An argument of a call: the tensor of this number among the call's `inputs`, a list or tuple, a slice (start, stop, step),
 * or a plain value of JSON.
 */
export type CallValue =
  | {
      /** The number of a tensor among the call's inputs. */
      readonly input: number;
    }
  | {
      /** A list or a tuple. */
      readonly items: readonly CallValue[];
    }
  | {
      /** start, stop and step; None where Python leaves one out. */
      readonly slice: readonly CallValue[];
    }
  | {
      /** A value of JSON. */
      readonly constant: unknown;
    };

/** A call of nothing but tensors. */
export const callOf = (...inputs: readonly TensorRef[]): LayerCall => ({inputs});

/** The only output of a layer that is called once. */
export const outputOf = (layer: string): TensorRef => ({layer, call: 0, output: 0});

/** The arguments of a call of nothing but tensors, one after another. */
export const argumentsOf = (inputs: readonly TensorRef[]): CallArguments => ({
  args: inputs.map((_, input) => ({input})),
  kwargs: {},
});
