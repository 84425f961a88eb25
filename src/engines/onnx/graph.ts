import {type Recurrence, runsAgainstTime, STATES} from '../../recurrence/types';
import type {Call} from '../types';
import {onnxActivation} from './activations';
import {OPERATORS} from './operators';
import {type OnnxModel, type OnnxNode, type OnnxTensor, type OnnxValue, writeModel} from './proto';
import type {OnnxFeed} from './runtime';
import {hasPeepholes, type OnnxWeight} from './weights';

/** The directions, and where a GRU's reset gate acts, as attributes. */
const DIRECTIONS: Readonly<Record<Recurrence['direction'], string>> = {
  forward: 'forward',
  backward: 'reverse',
};
const RESETS: Readonly<Record<NonNullable<Recurrence['reset']>, number>> = {before: 0, after: 1};

/** What of a call its model depends on. */
export type SaidCall = Pick<Call, 'returns' | 'initial'> & Partial<Pick<Call, 'masked'>>;

/**
 * A recurrence as an ONNX model. In: `x` `[batch, time, features]`, `initial_h` and `initial_c` `[1, batch, units]`
 * where given, `lengths` `[batch]` (int32) where masked. Out: `y` `[batch, time, units]` where sequences are returned,
 * zero from a row's length on, and in time order where masked, else in the recurrence's order; `h` and (LSTM) `c`
 * `[1, batch, units]`.
 */
export function recurrenceModel(
  r: Recurrence,
  {returns, initial, masked = false}: SaidCall,
  features: number,
  weights: readonly OnnxTensor<OnnxWeight>[],
): Uint8Array {
  const sequence = returns === 'sequence';
  const states = STATES[r.cell];
  const given = states.map((name): OnnxFeed | '' => (initial ? `initial_${name}` : ''));
  const weighted = ['x_steps', 'W', 'R', 'B'] as const;
  const inputs: (OnnxWeight | OnnxFeed | 'x_steps' | '')[] = [...weighted, masked ? 'lengths' : '', ...given];
  if (hasPeepholes(r)) inputs.push('P');
  const constants: OnnxTensor[] = [...weights];
  const nodes: OnnxNode[] = [
    {op: 'Transpose', inputs: ['x'], outputs: ['x_steps'], attributes: {perm: [1, 0, 2]}},
  ];
  nodes.push({
    op: OPERATORS[r.cell]!.name,
    inputs,
    outputs: [sequence ? 'y_steps' : '', ...states],
    attributes: attributesOf(r),
  });
  const row = ['one', 'batch', r.units];
  const outputs: OnnxValue[] = states.map(name => ({name, dims: row}));
  if (sequence) {
    constants.push({name: 'direction', dims: [1], data: BigInt64Array.of(1n)});
    nodes.push({op: 'Squeeze', inputs: ['y_steps', 'direction'], outputs: ['y_rows']});
    const turned = runsAgainstTime(r) && !masked;
    if (turned) {
      // From the last step to before the first.
      for (const [name, value] of Object.entries({last: -1n, end: -(2n ** 62n), axis: 0n, back: -1n}))
        constants.push({name, dims: [1], data: BigInt64Array.of(value)});
      nodes.push({op: 'Slice', inputs: ['y_rows', 'last', 'end', 'axis', 'back'], outputs: ['y_turned']});
    }
    const rows = turned ? 'y_turned' : 'y_rows';
    nodes.push({op: 'Transpose', inputs: [rows], outputs: ['y'], attributes: {perm: [1, 0, 2]}});
    outputs.unshift({name: 'y', dims: ['batch', 'time', r.units]});
  }
  const model: OnnxModel = {
    nodes,
    initializers: constants,
    inputs: [
      {name: 'x', dims: ['batch', 'time', features]},
      ...(masked ? [{name: 'lengths', dims: ['batch'], type: 'int32'} as const] : []),
      ...given.filter(name => name !== '').map(name => ({name, dims: row})),
    ],
    outputs,
  };
  return writeModel(model);
}

function attributesOf(r: Recurrence): NonNullable<OnnxNode['attributes']> {
  const activations = OPERATORS[r.cell]!.activated.map(gate => onnxActivation(r.activations[gate]!)!);
  const given = (values: (number | undefined)[]): number[] => values.filter(value => value !== undefined);
  const alphas = given(activations.map(({alpha}) => alpha));
  const betas = given(activations.map(({beta}) => beta));
  return {
    hidden_size: r.units,
    direction: DIRECTIONS[r.direction],
    activations: activations.map(({name}) => name),
    ...(alphas.length > 0 && {activation_alpha: alphas}),
    ...(betas.length > 0 && {activation_beta: betas}),
    ...(r.cell === 'gru' && {linear_before_reset: RESETS[r.reset ?? 'before']}),
  };
}
