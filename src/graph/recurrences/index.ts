import {byName, reach} from '../nodes';
import type {ModelGraph, Ref} from '../types';
import {LoopArrays} from './arrays';
import {blocksOf} from './block';
import {recurrenceOf} from './dynamic';
import {type Emitted, emit, placed} from './emit';
import {type Found, Refusal} from './found';
import {loopsOf} from './loops';
import {unrolledOf} from './unrolled';

/**
 * The graph with its recurrences found and each replaced by one node: `dynamic_rnn` and whatever other loop runs known cells
 * over all steps of data, `static_rnn` without lengths, BlockLSTM over all steps. Only what is a cell to its last node is replaced, and only where nothing else of the loop is
 * needed; every other loop stays as it is, and `notes` say why.
 *
 * @returns the same graph where there is nothing to replace
 */
export function withRecurrences(graph: ModelGraph): ModelGraph {
  const {terms, loops} = loopsOf(graph);
  const arrays = new LoopArrays(graph, terms);
  const read = [
    ...loops.map(loop => recurrenceOf(loop, terms, arrays)),
    ...unrolledOf(graph, terms),
    ...blocksOf(graph, terms, arrays),
  ];
  const found = read.filter((one): one is Found => !(one instanceof Refusal));
  const refused = read.filter((one): one is Refusal => one instanceof Refusal);
  const kept: Refusal[] = [];
  let wanted = found;
  let result = replaced(graph, wanted);
  for (let left = needed(result, wanted); left.length > 0; left = needed(result, wanted)) {
    kept.push(
      ...left.map(({name}) => new Refusal(name, 'more of it is used than its outputs and last states')),
    );
    wanted = wanted.filter(one => !left.includes(one));
    result = replaced(graph, wanted);
  }
  const notes = [
    ...graph.notes,
    ...wanted.map(one => `'${one.name}' is one recurrence: ${wordsOf(one)}`),
    ...[...refused, ...kept].map(({name, why}) => `'${name}' runs step by step: ${why}`),
  ];
  return {...result, notes};
}

const wordsOf = ({cells, lengths}: Found): string =>
  cells.map(({step: {className, config}}) => `${className} of ${config.num_units}`).join(', ') +
  (lengths === undefined ? '' : ', with lengths');

function replaced(graph: ModelGraph, wanted: readonly Found[]): ModelGraph {
  if (wanted.length === 0) return graph;
  const taken = new Set(graph.nodes.map(({name}) => name));
  const all: Emitted[] = [];
  for (const one of wanted) {
    const made = emit(one, graph, taken);
    for (const {name} of made.nodes) taken.add(name);
    all.push(made);
  }
  return pruned(placed(graph, all));
}

/** Those of which something else is needed. */
function needed(graph: ModelGraph, wanted: readonly Found[]): Found[] {
  const names = new Map(graph.nodes.map(node => [node.name, node.op]));
  const replaced = (one: Found): Set<Ref> =>
    new Set([...one.finals.flat(), ...one.outputs.flat(), ...one.sequences]);
  return wanted.filter(one => {
    const own = replaced(one);
    return [...one.inside].some(
      name => names.has(name) && !(own.has(`${name}:0`) && names.get(name) === 'Identity'),
    );
  });
}

/** Without what the outputs do not need; inputs stay. */
function pruned(graph: ModelGraph): ModelGraph {
  const wanted = [...graph.outputs, ...graph.inputs].map(({ref}) => ref);
  const names = reach(wanted, byName(graph.nodes));
  return {...graph, nodes: graph.nodes.filter(({name}) => names.has(name))};
}
