import type {NdArray} from '../../../converters/arrays';
import type {GraphRecurrence} from '../types';
import {shapeOf} from './cell';
import type {Found, FoundCell} from './found';
import type {Term} from './term';

/** The layer of a recurrence in a recipe's words. */
export function layerOf({cells}: Found): GraphRecurrence['layer'] {
  const own = cells.map(cellWords);
  const cell = own.length === 1 ? own[0]! : {class: 'MultiRNNCell', config: {}, cells: own};
  return {library: 'tf1', class: 'dynamic_rnn', config: {time_major: true}, cell};
}

function cellWords({step: {className, config}, residual, joined}: FoundCell): Record<string, unknown> {
  return {
    class: className,
    config: joined ? {...config, state_is_tuple: false} : config,
    ...(residual && {wrap: ['ResidualWrapper']}),
  };
}

/** Its arrays, cell by cell. */
export function weightsOf({cells}: Found): GraphRecurrence['weights'] {
  return cells.map(({step: {weights}}) =>
    Object.fromEntries(Object.entries(weights).map(([role, term]) => [role, arrayOf(term)])),
  );
}

/** A weight, put together where the graph has it in parts. */
function arrayOf(term: Term): NdArray {
  if (term.value) return term.value;
  const parts = term.args.map(arrayOf);
  const shape = shapeOf(term);
  const values = new Float32Array(shape.reduce((size, axis) => size * axis, 1));
  let at = 0;
  for (const part of parts) {
    values.set(part.values as Float32Array, at);
    at += part.values.length;
  }
  return {dtype: 'float32', shape, values};
}
