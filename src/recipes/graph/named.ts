import type {GraphNode} from '../../../converters/graph-def/node';
import {cellsFromNames, type FoundCell} from '../names/cells';
import {type Affine, type CellStep, exact, type Matcher, stackedInput} from './match';
import type {GraphVariable} from './variables';
import {dataInputs, isAdd, type Ref} from './view';

/** Cells whose operations are too many to be told by: their variables' names tell them, the graph how they are connected. */
const BY_NAME = ['LayerNormBasicLSTMCell', 'NASCell'];

export function namedSteps(matcher: Matcher, products: readonly Affine[]): CellStep[] {
  return cellsFromNames(matcher.variables.all())
    .filter(({className}) => BY_NAME.includes(className))
    .flatMap(cell => stepOf(matcher, cell, products) ?? []);
}

function stepOf(matcher: Matcher, cell: FoundCell, products: readonly Affine[]): CellStep | undefined {
  const {view} = matcher;
  const find = (role: string): Affine | undefined =>
    products.find(({kernel}) => kernel.array === cell.variables[role]);
  const kernel = find('kernel');
  const recurrent = find('recurrent_kernel');
  const stacked = kernel && stackedInput(view, kernel.input);
  const [x, h] = stacked ? [stacked.x, stacked.h] : [kernel?.input, recurrent?.input];
  if (x === undefined || h === undefined) return undefined;
  const hidden = view.source(h);
  const carry = hidden && stateBefore(matcher, hidden);
  if (!hidden || !carry) return undefined;
  const [c, next] = [carry, hidden].map(merge => newValue(matcher, view.loop(merge)!.next)) as [Ref, Ref];
  const shapes = new Map(matcher.variables.all().map(({name, shape}) => [name, shape]));
  const variables = Object.fromEntries(
    Object.entries(cell.variables).map(([role, array]): [string, GraphVariable] => [
      role,
      {array, shape: shapes.get([array].flat()[0]!) ?? []},
    ]),
  );
  const bias = cell.className === 'NASCell' ? undefined : forgetBias(matcher, cell.scope);
  return {
    className: cell.className,
    config: {...cell.config, ...(bias !== undefined && {forget_bias: exact(bias)})},
    variables: {kernel: variables.kernel!, ...variables},
    x,
    previous: [`${carry.name}:0`, h],
    next: [c, next],
    output: next,
    assumed: [`'${cell.scope}' is told by its name: activations are the defaults of ${cell.className}`],
  };
}

/** The state that the loop keeps just before this one: c comes before h. */
function stateBefore({view}: Matcher, hidden: GraphNode): GraphNode | undefined {
  if (!view.loop(hidden)) return undefined;
  const scope = hidden.name.slice(0, hidden.name.lastIndexOf('/') + 1);
  const merges = view.nodes.filter(node => node.name.startsWith(scope) && view.isLoop(node));
  return merges[merges.indexOf(hidden) - 1];
}

function newValue({view}: Matcher, next: Ref): Ref {
  const node = view.producer(next);
  return node?.op === 'Select' || node?.op === 'SelectV2' ? view.resolve(dataInputs(node)[2]!) : next;
}

/** The only constant that is added before a sigmoid. */
function forgetBias({view}: Matcher, scope: string): number | undefined {
  const own = scope.split('/').at(-1)!;
  for (const node of view.nodes) {
    if (node.op !== 'Sigmoid' || !node.name.split('/').includes(own)) continue;
    const sum = view.source(dataInputs(node)[0]!);
    if (!sum || !isAdd(sum)) continue;
    for (const input of dataInputs(sum)) {
      const bias = view.number(input);
      if (bias !== undefined) return bias;
    }
  }
  return undefined;
}
