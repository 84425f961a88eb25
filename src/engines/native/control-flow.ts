import {type Attribute, type GraphType, type GraphWriter, INT, typed} from './graph-def';

/** The inside of a loop, as its body sees it. */
export interface Frame {
  /** A value from outside the loop, the same in every iteration. */
  enter(outside: string): string;
}

export interface Loop {
  /** Unlike any other loop's of the graph. */
  readonly name: string;
  /** Values that the body changes, as they are before the first iteration. The first one counts the iterations. */
  readonly starts: readonly string[];
  /** How many iterations, an int32 scalar outside the loop. */
  readonly iterations: string;
  /** How many iterations may be in flight, as far as none needs another's values. */
  readonly parallelIterations: number;
  /** What is to be done before the first iteration. */
  readonly after?: readonly string[];
  /** One iteration: the values after it (all but the counter). */
  body(frame: Frame, counter: string, values: readonly string[]): readonly string[];
}

/**
 * A loop of TensorFlow's own control flow (Enter, Merge, Switch, NextIteration, Exit), which every release and
 * device runs without functions.
 * @returns the values after the last iteration, without the counter
 */
export function countedLoop(
  g: GraphWriter,
  {name, starts, iterations, parallelIterations, after = [], body}: Loop,
): string[] {
  const attributes = (constant: boolean): Record<string, Attribute> => ({
    frame_name: {text: name},
    is_constant: {bool: constant},
    parallel_iterations: {int: parallelIterations},
  });
  const entered = new Map<string, string>();
  const enter = (outside: string): string => {
    const known = entered.get(outside);
    if (known) return known;
    const inside = g.add('Enter', [outside], {...typed(g.typeOf(outside)), ...attributes(true)});
    entered.set(outside, inside);
    return inside;
  };
  const zero = g.constant(0, 'int32');
  const first = after.length === 0 ? zero : g.add('Identity', [zero, ...after.map(node => `^${node}`)], INT);
  const types: GraphType[] = ['int32', ...starts.map(start => g.typeOf(start))];
  const merges = [first, ...starts].map((start, k) => {
    const begin = g.add('Enter', [start], {...typed(types[k]!), ...attributes(false)});
    return g.add('Merge', [begin, `${name}/next${k}`], {...typed(types[k]!), N: {int: 2}});
  });
  const going = g.add('LoopCond', [g.add('Less', [merges[0]!, enter(iterations)], INT)]);
  const switches = merges.map((merge, k) => g.add('Switch', [merge, going], typed(types[k]!)));
  const [counter, ...values] = switches.map((choice, k) =>
    g.add('Identity', [`${choice}:1`], typed(types[k]!)),
  );
  const nexts = [
    g.add('AddV2', [counter!, enter(g.constant(1, 'int32'))], INT),
    ...body({enter}, counter!, values),
  ];
  for (const [k, next] of nexts.entries())
    g.add('NextIteration', [next], typed(types[k]!), `${name}/next${k}`);
  return switches.map((choice, k) => g.add('Exit', [choice], typed(types[k]!))).slice(1);
}
