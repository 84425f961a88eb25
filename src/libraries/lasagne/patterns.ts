import type {FilePatterns, PlainPattern} from '../patterns';

const library = 'lasagne';

const dense = (useBias: boolean): PlainPattern => ({
  kind: 'dense',
  className: 'DenseLayer',
  library,
  arrays: useBias ? {W: 'input', b: 0} : {W: 'input'},
  config: ({units}) => ({num_units: units, nonlinearity: 'linear', ...(useBias ? {} : {b: null})}),
});

/** nntools, which became Lasagne, has the same. */
export const lasagnePatterns: FilePatterns = {
  plain: [
    dense(true),
    dense(false),
    {
      kind: 'embedding',
      className: 'EmbeddingLayer',
      library,
      arrays: {W: 'input'},
      config: ({input, units}) => ({input_size: input, output_size: units}),
    },
  ],
  flatten: {className: 'FlattenLayer', library},
};
