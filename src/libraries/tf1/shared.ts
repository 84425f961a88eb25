/* What the cells of TensorFlow have in common. */
import {other} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {releases} from '../../dialects/releases';
import {KERAS_2_INITIALIZERS} from '../../keras';
import type {Gate, PeepholeGate} from '../../recurrence/types';

/** TensorFlow 2 has the cells of 1.x as `tf.compat.v1.nn.rnn_cell`. */
export const TF1 = {
  library: 'tf1',
  title: 'TensorFlow',
  releases: releases(
    ...['0.5.0', '0.6.0', '0.7.0-1', '0.8.0', '0.9.0', '0.10.0', '0.11.0', '0.12.0-1', '1.0.0-1', '1.1.0'],
    ...['1.2.0-1', '1.3.0', '1.4.0-1', '1.5.0-1', '1.6.0', '1.7.0-1', '1.8.0', '1.9.0', '1.10.0-1', '1.11.0'],
    ...['1.12.0-3', '1.13.0-2', '1.14.0', '1.15.0-5', '2.0.0-4', '2.1.0-4', '2.2.0-3', '2.3.0-4', '2.4.0-4'],
    ...['2.5.0-3', '2.6.0-5', '2.7.0-4', '2.8.0-4', '2.9.0-3', '2.10.0-1', '2.11.0-1', '2.12.0-1'],
    ...[
      '2.13.0-1',
      '2.14.0-1',
      '2.15.0-1',
      '2.16.0-2',
      '2.17.0-1',
      '2.18.0-1',
      '2.19.0-1',
      '2.20.0',
      '2.21.0',
    ],
  ),
  defaultVersion: '1.15.5',
  initializers: KERAS_2_INITIALIZERS,
};

/** Settings of variables, which have no say in what a cell computes. */
export const scope = {reuse: other(), name: other(), dtype: other()};

/** Past a row's length outputs are zero and states are held; backward outputs are put into time order. */
export const runs = {mask: 'holdZero', direction: 'forward', outputOrder: 'time'} as const;

/** Columns of an LSTM's arrays. */
export const IJFO = ['i', 'c', 'f', 'o'] as const;

export function stackedArrays(
  gates: readonly Gate[],
  prefix = '',
  biasInit: ArraySpec['init'] = 'zeros',
): ArraySpec[] {
  return [
    {name: `${prefix}kernel`, gates, holds: ['kernel', 'recurrentKernel'], init: 'kernelInitializer'},
    {name: `${prefix}bias`, gates, holds: ['bias'], init: biasInit},
  ];
}

/** Diagonal peepholes, in the order of their creation. */
export function peepholeArrays(gates: readonly PeepholeGate[]): ArraySpec[] {
  return gates.map(gate => ({
    name: `w_${gate}_diag`,
    gates: [],
    holds: [`peephole.${gate}`],
    init: 'kernelInitializer',
  }));
}

export const projectionArray: ArraySpec = {
  name: 'projection/kernel',
  gates: [],
  holds: ['projection'],
  init: 'kernelInitializer',
};
