import {type Attribute, FLOAT, type GraphWriter, INT} from './graph-def';
import {type Int, integers} from './integers';

const INDEX: Readonly<Record<string, Attribute>> = {Index: {type: 'int32'}};

/** Operations on whole tensors as graph nodes, float32. `enter` as in `integers`. */
export function tensors(g: GraphWriter, enter: (outside: string) => string = value => value) {
  const ints = integers(g, enter);
  const shaped = {...FLOAT, Tshape: {type: 'int32'}} as const;
  const multiply = (a: string, b: string, transposeA: boolean): string =>
    g.add('MatMul', [a, b], {...FLOAT, transpose_a: {bool: transposeA}, transpose_b: {bool: false}});
  const fill = (value: number, ...shape: Int[]): string =>
    g.add('Fill', [ints.vector(...shape), enter(g.constant(value, 'float32'))], {
      ...FLOAT,
      index_type: {type: 'int32'},
    });
  return {
    ints,
    /** The k-th dimension. */
    size: (x: string, k: number): string => {
      const shape = g.add('Shape', [x], {...FLOAT, out_type: {type: 'int32'}});
      return g.add('StridedSlice', [shape, ints.vector(k), ints.vector(k + 1), ints.vector(1)], {
        ...INT,
        ...INDEX,
        begin_mask: {int: 0},
        end_mask: {int: 0},
        ellipsis_mask: {int: 0},
        new_axis_mask: {int: 0},
        shrink_axis_mask: {int: 1},
      });
    },
    slice: (x: string, begin: Int[], size: Int[]): string =>
      g.add('Slice', [x, ints.vector(...begin), ints.vector(...size)], {...FLOAT, ...INDEX}),
    reshape: (x: string, ...shape: Int[]): string => g.add('Reshape', [x, ints.vector(...shape)], shaped),
    expand: (x: string, axis: number): string =>
      g.add('ExpandDims', [x, ints.ref(axis)], {...FLOAT, Tdim: {type: 'int32'}}),
    transpose: (x: string, ...order: number[]): string =>
      g.add('Transpose', [x, ints.vector(...order)], {...FLOAT, Tperm: {type: 'int32'}}),
    reverse: (x: string, axis: number): string =>
      g.add('ReverseV2', [x, ints.vector(axis)], {...FLOAT, Tidx: {type: 'int32'}}),
    fill,
    /** Room for values: zeros, or whatever there is; `after` another node. */
    empty: (shape: readonly Int[], {zeros = false, after}: {zeros?: boolean; after?: string} = {}): string =>
      g.add('Empty', [ints.vector(...shape), ...(after === undefined ? [] : [`^${after}`])], {
        dtype: {type: 'float32'},
        init: {bool: zeros},
      }),
    zeros: (...shape: Int[]): string => fill(0, ...shape),
    concat: (parts: readonly string[], axis: number): string =>
      g.add('ConcatV2', [...parts, ints.ref(axis)], {
        ...FLOAT,
        Tidx: {type: 'int32'},
        N: {int: parts.length},
      }),
    /** Equal parts. */
    split: (x: string, count: number, axis: number): string[] => {
      const name = g.add('Split', [ints.ref(axis), x], {...FLOAT, num_split: {int: count}});
      return Array.from({length: count}, (_, k) => (k === 0 ? name : `${name}:${k}`));
    },
    /** The slices along the first axis. */
    unpack: (x: string, count: number): string[] => {
      const name = g.add('Unpack', [x], {...FLOAT, num: {int: count}, axis: {int: 0}});
      return Array.from({length: count}, (_, k) => (k === 0 ? name : `${name}:${k}`));
    },
    matMul: (a: string, b: string): string => multiply(a, b, false),
    /** aᵀ·b */
    matMulTransposedA: (a: string, b: string): string => multiply(a, b, true),
    biasAdd: (x: string, bias: string): string =>
      g.add('BiasAdd', [x, bias], {...FLOAT, data_format: {text: 'NHWC'}}),
    add: (a: string, b: string): string => g.add('AddV2', [a, b], FLOAT),
    /** Over a matrix. This operation takes half the time of the general sum. */
    sumRows: (x: string): string => g.add('BiasAddGrad', [x], {...FLOAT, data_format: {text: 'NHWC'}}),
  };
}

export type Tensors = ReturnType<typeof tensors>;
