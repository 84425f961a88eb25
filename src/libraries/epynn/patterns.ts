import type {FilePatterns} from '../patterns';

export const epynnPatterns: FilePatterns = {
  plain: [
    {
      kind: 'dense',
      className: 'Dense',
      arrays: {W: 'input', b: 1},
      config: ({units}) => ({units, activate: 'identity'}),
    },
  ],
  flatten: {className: 'Flatten'},
};
