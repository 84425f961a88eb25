import type {Pairs} from '../case';
import {type Problem, problem, SHAPES, TRAINED} from '../problem';
import {dotChart} from '../report/dots';
import {everybody} from './entries';
import type {Suite} from './suite';

/** The ratios that the project has set itself. */
export const PAIRS: Pairs = [
  ['auto', 'onnxruntime-node'],
  ['auto', 'tf.keras'],
  ['auto', 'PyTorch'],
  ['native', 'tf.keras'],
  ['tfjs-layers', 'auto'],
  ['tfjs-layers', 'native'],
  ['wasm', 'onnxruntime-web'],
  ['wasm', 'tf.keras'],
  ['wasm on wasm', 'tf.keras'],
  ['tfjs-layers', 'wasm'],
];

export const forward: Suite = {
  name: 'forward',
  problems: quick => SHAPES.slice(0, quick ? 2 : undefined).map(shape => problem(shape)),
  entries: everybody,
  pairs: PAIRS,
  charts: cases => [{file: 'forward.svg', svg: dotChart('Forward pass of one LSTM layer', cases)}],
};

export const training: Suite = {
  name: 'training',
  problems: quick => TRAINED.slice(0, quick ? 1 : undefined).map(shape => problem(shape, {training: true})),
  entries: everybody,
  pairs: PAIRS,
  charts: cases => [{file: 'training.svg', svg: dotChart('Training step of one LSTM layer', cases)}],
};

type Kind = Partial<Problem>;

const KINDS: readonly Kind[] = [
  {},
  {gates: 'hardSigmoid'},
  {masked: true},
  {gates: 'hardSigmoid', masked: true},
  {peepholes: true},
  {cell: 'gru', reset: 'before'},
  {cell: 'gru', reset: 'after'},
  {cell: 'gru', reset: 'after', gates: 'hardSigmoid'},
  {cell: 'gru', reset: 'after', masked: true},
  {cell: 'simple'},
  {cell: 'simple', masked: true},
];

export const variants: Suite = {
  name: 'variants',
  problems: quick =>
    [false, true].flatMap(isTraining =>
      KINDS.slice(0, quick ? 2 : undefined).map(kind =>
        problem([8, 50, 32, 64], {...kind, training: isTraining}),
      ),
    ),
  entries: everybody,
  pairs: PAIRS,
  charts: cases =>
    [false, true].flatMap(isTraining => {
      const own = cases.filter(one => one.problem.training === isTraining);
      const title = `Cells, activations, masks: ${isTraining ? 'training step' : 'forward pass'}`;
      const file = `variants-${isTraining ? 'training' : 'forward'}.svg`;
      return own.length > 0 ? [{file, svg: dotChart(title, own)}] : [];
    }),
};
