import {blockStep} from './block';
import {gruStep} from './gru';
import {lstmStep} from './lstm';
import {type Affine, activated, affine, type CellStep, type Matcher, stackedInput} from './match';
import {namedSteps} from './named';
import type {Ref} from './view';

/** A cell and all the steps that the graph spells out: one in a loop, as many as there are time steps otherwise. */
export interface GraphCell extends CellStep {
  readonly steps: readonly CellStep[];
}

/** The cells of a graph, in the order in which they come in it, and the other products with weights. */
export function findCells(matcher: Matcher): {cells: GraphCell[]; dense: Affine[]} {
  const byWeight = new Map<string, CellStep[]>();
  const products: Affine[] = [];
  for (const node of matcher.view.nodes) {
    const product = affine(matcher, node);
    if (product) products.push(product);
    const step =
      blockStep(matcher, node) ??
      (product && (lstmStep(matcher, product) ?? gruStep(matcher, product) ?? rnnStep(matcher, product)));
    if (!step) continue;
    const key = keyOf(step);
    byWeight.set(key, [...(byWeight.get(key) ?? []), step]);
  }
  const found = [...byWeight.values()].map(steps => ({...steps[0]!, steps}));
  const told = new Set(found.flatMap(({variables}) => String(variables.kernel?.array)));
  // Without its normalization a cell is told by its operations, as the one that it then is.
  const named = namedSteps(matcher, products).filter(
    ({variables}) => !told.has(String(variables.kernel?.array)),
  );
  const cells = [...found, ...named.map(step => ({...step, steps: [step]}))];
  const taken = new Set(cells.flatMap(({variables}) => Object.values(variables).flatMap(({array}) => array)));
  const dense = products.filter(({kernel}) => ![kernel.array].flat().some(name => taken.has(name)));
  return {cells, dense};
}

/** A cell that is called in two places is in two layers: weights and, in loops, where the state is kept. */
function keyOf({variables, previous}: CellStep): string {
  const kernel = Object.values(variables)[0]!;
  return (
    [kernel.array].flat().join() +
    (/(?:^|\/)while(?:_\d+)?\//.exec(previous[0]!) ? `@${previous.join()}` : '')
  );
}

/**
 * BasicRNNCell: `act([x, h] · W + b)`, where h is what the step before put out. Source: rnn_cell_impl.py of 1.15.5.
 */
function rnnStep(matcher: Matcher, dense: Affine): CellStep | undefined {
  const {view} = matcher;
  const stacked = stackedInput(view, dense.input);
  if (!stacked || !dense.bias) return undefined;
  const merge = view.source(stacked.h);
  const loop = merge && view.loop(merge);
  for (const {activation, output} of activated(view, dense.output)) {
    if (!(loop ? comesFrom(matcher, loop.next, output) : feedsItself(matcher, dense, output))) continue;
    return {
      className: 'BasicRNNCell',
      config: {num_units: dense.bias.shape[0], ...(activation !== 'tanh' && {activation})},
      variables: {kernel: dense.kernel, bias: dense.bias},
      x: stacked.x,
      previous: [stacked.h],
      next: [output],
      output,
    };
  }
  return undefined;
}

function comesFrom({view}: Matcher, next: Ref, ref: Ref): boolean {
  const node = view.source(next);
  if (view.resolve(next) === ref) return true;
  return (
    (node?.op === 'Select' || node?.op === 'SelectV2') && view.resolve(view.input(node, 2) ?? '') === ref
  );
}

/** Unrolled: the weight is used again, on an input that has this output in it. */
function feedsItself(matcher: Matcher, {kernel, bias}: Affine, output: Ref): boolean {
  const {view} = matcher;
  if (kernel.shape[1] !== bias?.shape[0]) return false;
  const name = [kernel.array].flat().join();
  return view.nodes.some(node => {
    const other = node.op === 'MatMul' ? affine(matcher, node) : undefined;
    if (!other || [other.kernel.array].flat().join() !== name) return false;
    const stacked = stackedInput(view, other.input);
    return stacked !== undefined && comesFrom(matcher, stacked.h, output);
  });
}
