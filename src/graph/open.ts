import type {NamedGraph, OpenedFile} from '../../converters/format';
import type {OpenedModel} from '../model/open';
import {inputPorts, outputPorts} from '../verify/ports';
import {chosenRunner} from './choose';
import {freeze, type GraphOptions} from './freeze';
import {GraphLayersModel, tfjsType} from './model';
import type {ModelGraph} from './types';

/**
 * The model that a file's graph is, to be run as it is.
 * @param file its weights
 * @throws CarryoverError as `freeze`; `E_UNSUPPORTED` for operations that nothing here runs
 */
export async function openGraph(
  found: NamedGraph,
  file: OpenedFile,
  options: GraphOptions,
): Promise<OpenedModel> {
  const plain = freeze(found, file, options);
  const {withRecurrences} = await import('./recurrences');
  const {recurrenceRunner} = await import('./recurrences/runner');
  const {tfjsRunner} = await import('./tfjs');
  const graph = withRecurrences(plain);
  const runner = chosenRunner(plain, graph, one => tfjsRunner(one, {recurrence: recurrenceRunner}));
  const model = new GraphLayersModel(graph, plain, runner);
  return {
    model,
    layers: [],
    inputNames: inputPorts(model).names,
    outputNames: outputPorts(model).names,
    notes: [
      `the graph of ${found.name} runs as it is: ${graph.nodes.length} nodes of ${found.graph.nodes.length}`,
      ...graph.notes,
    ],
    architecture: architectureOf(graph, found.meta?.tensorflow),
    format: file.format,
    facts: file.facts,
  };
}

/** What a graph says of itself in the words of an architecture: its doors; it has no layers. */
function architectureOf(
  {inputs, notes, where}: ModelGraph,
  version: string | undefined,
): OpenedModel['architecture'] {
  return {
    library: 'tensorflow',
    ...(version && {version}),
    name: where,
    layers: [],
    inputs: inputs.map(({name, shape, dtype}) => ({
      name,
      ...(shape && {shape}),
      dtype: dtype === 'float64' ? dtype : tfjsType(dtype),
    })),
    outputs: [],
    notes,
  };
}
