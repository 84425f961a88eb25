import type {FilePatterns} from '../patterns';

export const neupyPatterns: FilePatterns = {
  plain: [
    {
      kind: 'dense',
      className: 'Linear',
      arrays: {weight: 'input', bias: 0},
      config: ({units}) => ({n_units: units}),
    },
    {
      kind: 'dense',
      className: 'Linear',
      arrays: {weight: 'input'},
      config: ({units}) => ({n_units: units, bias: null}),
    },
    {
      kind: 'embedding',
      className: 'Embedding',
      arrays: {weight: 'input'},
      config: ({input, units}) => ({input_size: input, output_size: units}),
    },
  ],
  flatten: {className: 'Flatten', library: 'keras2'},
};
