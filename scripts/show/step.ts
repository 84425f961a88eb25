import {differentiate} from '../../src/recurrence/differentiate';
import type {Id, Node} from '../../src/recurrence/expression';
import {recordStep} from '../../src/recurrence/step';
import type {Recurrence} from '../../src/recurrence/types';

/** A step's expression graph and that of its derivative, a node a line. */
export function stepText(r: Recurrence, options: {masked: boolean; zeroInitial: boolean}): string {
  const step = recordStep(r, options);
  const backward = differentiate(step);
  return [
    'step:',
    ...nodeLines(step.nodes),
    `  output %${step.output}, next ${ids(step.next)}`,
    'derivative:',
    ...nodeLines(backward.nodes),
    `  kept of the step: ${backward.saved.map(id => `%${id}`).join(', ')}`,
    `  gradients of states: ${ids(backward.states)}`,
  ].join('\n');
}

const ids = (named: Readonly<Record<string, Id | undefined>>): string =>
  Object.entries(named)
    .map(([name, id]) => `${name} %${id}`)
    .join(', ');

function nodeLines(nodes: readonly Node[]): string[] {
  return nodes.map(({op, ...rest}, k) => {
    const shown = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return `  %${k} = ${op} ${shown.join(', ')}`;
  });
}
