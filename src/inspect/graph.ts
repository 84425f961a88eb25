import type {NamedGraph, OpenedFile} from '../../converters/format';
import type {GraphNode} from '../../converters/graph-def/node';
import {CarryoverError} from '../errors';
import {freeze, type GraphOptions} from '../graph/freeze';
import type {GraphPort, ModelGraph} from '../graph/types';
import {withoutWarnings} from '../layers/warnings';
import {parseArchitecture} from '../model/parse';
import {firstRecipe} from '../recipes/first';
import {
  type Description,
  describeModel,
  describeWeights,
  type GraphDescription,
  type PortDescription,
} from './describe';

/**
 * A TensorFlow graph as a person would tell it: its doors, the layers that are recognised in it, what else it computes, and
 * what training has left in it.
 *
 * @param weights the file with its variables; without it, layers and arrays alone
 */
export async function describeGraph(
  source: OpenedFile,
  found: NamedGraph,
  weights: OpenedFile | undefined,
  options: GraphOptions & {readonly version?: string},
): Promise<Description> {
  const layers = await describeDrawn(source, weights, options.version);
  const problems: string[] = [];
  const frozen = attempt(problems, () => freeze(found, weights ?? source, options));
  const graph = graphOf(found, frozen);
  if (!frozen) return {...layers, graph, problems};
  return {
    ...layers,
    version: layers.version ?? found.meta?.tensorflow,
    graph,
    inputs: frozen.inputs.map(portOf),
    outputs: frozen.outputs.map(portOf),
    notes: [`it runs as it is, for inference; ${found.name} has its graph`, ...frozen.notes],
    problems,
  };
}

function attempt(problems: string[], action: () => ModelGraph): ModelGraph | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    problems.push(`${error.message} (${error.code})`);
    return undefined;
  }
}

/** The layers that a recipe of the graph would have; where there is none, the arrays. */
async function describeDrawn(
  source: OpenedFile,
  weights: OpenedFile | undefined,
  version: string | undefined,
): Promise<Description> {
  try {
    const {recipe, origin} = await firstRecipe(source, version);
    const parsed = withoutWarnings(() => parseArchitecture(recipe, origin));
    const [first] = parsed.layers.filter(({cells}) => cells);
    const architecture = {...parsed, library: first?.library ?? parsed.library, notes: []};
    return withoutWarnings(() => describeModel(source, architecture, weights, {}));
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_ARCHITECTURE') throw error;
    return describeWeights(source, version);
  }
}

const portOf = ({name, shape, dtype}: GraphPort): PortDescription => ({
  name,
  shape: shape ?? [null],
  dtype: dtype ?? 'float32',
});

/** Operations that hand on, tell of, or lead: they compute nothing of the data. */
const PLUMBING =
  /^(Const|Placeholder.*|Identity|Shape|Enter|Exit|Merge|Switch|NextIteration|LoopCond|TensorArray.*|TensorList.*|Pack|StridedSlice|Range|ExpandDims|Reshape|Fill|Cast|Transpose|Squeeze|Less|LogicalAnd|Prod)$/;

function graphOf({graph}: NamedGraph, frozen: ModelGraph | undefined): GraphDescription {
  const needed = frozen?.nodes ?? [];
  const computing = needed.filter(({op}) => !PLUMBING.test(op));
  return {
    nodes: graph.nodes.length,
    needed: needed.length,
    loops: needed.filter(({op}) => op === 'LoopCond' || /^(Stateless)?While$/.test(op)).length,
    operations: Object.fromEntries(counts(computing.map(({op}) => op))),
    training: trainingIn(graph.nodes),
  };
}

function trainingIn(nodes: readonly GraphNode[]): string[] {
  const gradients = nodes.filter(({name}) => /(^|\/)gradients(_\d+)?\//.test(name)).length;
  const others = nodes.flatMap(({op}) =>
    /^(Resource)?(Sparse)?Apply|Summary|CrossEntropy|^CTCLoss|Random/.test(op) ? [op] : [],
  );
  return [
    ...(gradients > 0 ? [`gradients ${gradients}`] : []),
    ...counts(others).map(([op, count]) => `${op} ${count}`),
  ];
}

/** How often each is there, the most frequent first. */
function counts(words: readonly string[]): [string, number][] {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return [...found].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
