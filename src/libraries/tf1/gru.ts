/** TensorFlow's GRU and plain cells; see `lstm.ts`. */
import {
  activation,
  activationArgument,
  initializer,
  integer,
  type Named,
  parseActivation,
} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {type CellDialect, cellDialect, type LayerRecurrence} from '../../dialects/dialect';
import {sigmoid} from '../../recurrence/activations';
import type {WeightName} from '../../recurrence/weights';
import {runs, scope, stackedArrays, TF1} from './shared';

export const sayOneActivation = (r: LayerRecurrence): Record<string, unknown> => ({
  numUnits: r.units,
  activation: activationArgument(r.activations.h),
});

const gruArguments = {
  numUnits: integer(),
  inputSize: integer(null),
  activation: activation('tanh'),
  kernelInitializer: initializer('glorotUniform'),
  biasInitializer: initializer('ones'),
  ...scope,
};

export function gruRecurrence(args: {
  readonly numUnits: number;
  readonly activation: Named;
}): ReturnType<CellDialect['recurrence']> {
  return {
    ...runs,
    cell: 'gru',
    units: args.numUnits,
    bias: true,
    activations: {z: sigmoid, r: sigmoid, h: parseActivation(args.activation, 'tf1: activation')},
    reset: 'before',
    updateGate: 'keeps',
  };
}

const gruArrays = (): ArraySpec[] => [
  ...stackedArrays(['r', 'z'], 'gates/', 'biasInitializer'),
  ...stackedArrays(['h'], 'candidate/'),
];

export const gruCell = cellDialect({
  ...TF1,
  className: 'GRUCell',
  arguments: gruArguments,
  arrays: gruArrays,
  recurrence: gruRecurrence,
  fromRecurrence: sayOneActivation,
});

/** As GRUCell, under the fused op's names; from 1.4 on, GRUBlockCellV2 goes back to GRUCell's. */
export const gruBlockCell = cellDialect({
  ...gruCell,
  className: 'GRUBlockCell',
  arguments: {...gruArguments, cellSize: integer(null)},
  arrays: () => {
    const [gates, gatesBias, candidate, candidateBias] = gruArrays();
    return [
      {...gates!, name: 'w_ru'},
      {...gatesBias!, name: 'b_ru'},
      {...candidate!, name: 'w_c'},
      {...candidateBias!, name: 'b_c'},
    ];
  },
  recurrence: args => gruRecurrence({...args, numUnits: args.numUnits || args.cellSize || 0}),
});

export const gruBlockCellV2 = cellDialect({...gruCell, className: 'GRUBlockCellV2'});

export const cudnnCompatibleGRUCell = cellDialect({
  ...TF1,
  className: 'CudnnCompatibleGRUCell',
  arguments: gruArguments,
  arrays: () => {
    const part = (name: string, weight: WeightName, init = 'kernelInitializer'): ArraySpec => ({
      name,
      gates: ['h'],
      holds: [weight],
      init,
    });
    return [
      ...stackedArrays(['r', 'z'], 'gates/', 'biasInitializer'),
      part('candidate/input_projection/kernel', 'kernel'),
      part('candidate/hidden_projection/kernel', 'recurrentKernel'),
      part('candidate/input_projection/bias', 'bias', 'zeros'),
      part('candidate/hidden_projection/bias', 'recurrentBias', 'zeros'),
    ];
  },
  recurrence: args => ({...gruRecurrence(args), reset: 'after'}),
  fromRecurrence: sayOneActivation,
});

export const basicRNNCell = cellDialect({
  ...TF1,
  className: 'BasicRNNCell',
  arguments: {
    numUnits: integer(),
    inputSize: integer(null),
    activation: activation('tanh'),
    kernelInitializer: initializer('glorotUniform'),
    ...scope,
  },
  arrays: () => stackedArrays(['h']),
  recurrence: args => ({
    ...runs,
    cell: 'simple',
    units: args.numUnits,
    bias: true,
    activations: {h: parseActivation(args.activation, 'tf1: activation')},
  }),
  fromRecurrence: sayOneActivation,
});
