import {CarryoverError} from '../errors';
import {findLibrary, recurrentDialect} from '../libraries';
import type {Ports} from '../libraries/library';
import {
  type Architecture,
  callOf,
  type InputRecord,
  type LayerRecord,
  outputOf,
  type TensorRef,
} from '../model/architecture';
import {brief, type Json, list} from '../model/json';
import {fieldsOf, optional, texts} from './fields';
import {parseInput, parseLayer} from './records';

const PLAIN: Ports = {outputs: ['y'], states: [], inputs: []};

/**
 * An architecture for weights that carry none: layers in the libraries' own words, and which array in the
 * file plays which role.
 */
export function parseRecipe(json: Json, where: string): Architecture {
  if (json.carryover !== 1) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: "carryover" is ${brief(json.carryover)}; this version reads recipes of kind 1`,
    );
  }
  fieldsOf(json, 'recipe', where);
  const inputs = list(json.inputs, `${where}: inputs`).map((entry, k) =>
    parseInput(entry, `${where}: inputs ${k}`),
  );
  const graph = new RecipeGraph(inputs, where);
  for (const [k, entry] of list(json.layers, `${where}: layers`).entries()) {
    graph.add(fieldsOf(entry, 'layer', `${where}: layers ${k}`), k);
  }
  const names = optional(json, 'outputs', where, texts);
  if (names?.length === 0) throw new CarryoverError('E_ARCHITECTURE', `${where}: outputs: an empty list`);
  const last = graph.last();
  const outputNames = names ?? graph.portsOf(last.name).outputs;
  const outputs = outputNames.map(name => graph.resolve(names ? name : `${last.name}.${name}`));
  graph.requireReaders(outputs);
  return {
    library: last.library,
    version: last.version,
    name: 'model',
    layers: graph.layers,
    inputs,
    outputs,
    outputNames,
    notes: [],
  };
}

/** The layers so far, and what their tensors are called. */
class RecipeGraph {
  readonly layers: LayerRecord[] = [];
  private readonly ports = new Map<string, Ports>();

  constructor(
    private readonly inputs: readonly InputRecord[],
    private readonly where: string,
  ) {
    if (inputs.length === 0) throw new CarryoverError('E_ARCHITECTURE', `${where}: a recipe without inputs`);
    const names = inputs.map(({name}) => name);
    const twice = names.find((name, k) => names.indexOf(name) !== k);
    if (twice !== undefined)
      throw new CarryoverError('E_ARCHITECTURE', `${where}: two inputs are called '${twice}'`);
  }

  /**
   * Inputs that nothing reads are refused: a mask or lengths that no layer takes would be left out of account.
   */
  requireReaders(outputs: readonly TensorRef[]): void {
    const read = new Set(
      [...this.layers.flatMap(({calls}) => calls.flatMap(({inputs}) => inputs)), ...outputs].map(
        ({layer}) => layer,
      ),
    );
    const unread = this.inputs.find(({name}) => !read.has(name));
    if (unread === undefined) return;
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${this.where}: no layer reads input '${unread.name}'; name it in a layer's "from", or in the argument that takes it`,
    );
  }

  last(): LayerRecord {
    const last = this.layers.at(-1);
    if (last) return last;
    throw new CarryoverError('E_ARCHITECTURE', `${this.where}: a recipe without layers`);
  }

  portsOf(layer: string): Ports {
    return this.ports.get(layer)!;
  }

  add(json: Json, index: number): void {
    const record = parseLayer(json, index, this.where);
    if (this.ports.has(record.name) || this.isInput(record.name)) {
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${this.where}: two layers or inputs are called '${record.name}'`,
      );
    }
    const ports = portsOf(record);
    const from = optional(json, 'from', record.where, texts);
    const extra = this.extraInputs(record);
    const lengths = ports.states.length > 0 && this.isInput('lengths');
    const refs = [
      ...(from ?? (ports.inputs.length > 0 ? [] : [this.layers.at(-1)?.name ?? this.inputs[0]!.name])),
      ...ports.inputs,
      ...(lengths && !from?.includes('lengths') ? ['lengths'] : []),
      ...this.initialStates(record, ports),
      ...extra.map(({name}) => name),
    ];
    const given = extra.length > 0 ? extra.map(({role}) => role) : undefined;
    this.layers.push({...record, lengths, given, calls: [callOf(...refs.map(ref => this.resolve(ref)))]});
    this.ports.set(record.name, ports);
  }

  /** Inputs that are called as the layer's states (or `layer.state`, where several layers have some). */
  private initialStates(record: LayerRecord, ports: Ports): string[] {
    const named = ports.states.map(state =>
      [`${record.name}.${state}`, state].find(name => this.isInput(name)),
    );
    const found = named.filter(name => name !== undefined);
    if (found.length === 0 || found.length === named.length) return found;
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${record.where}: of its initial states ${ports.states.join(', ')}, the recipe has inputs for ${found.join(', ')} only`,
    );
  }

  /** Inputs that the library passes by argument: those whose argument names an input or a layer. */
  private extraInputs({library, className, config, where}: LayerRecord): {role: string; name: string}[] {
    const inputs = recurrentDialect(library, className)?.inputs ?? [];
    return inputs.flatMap(({role, argument, implicit}) => {
      const name = argument === undefined ? implicit : config[argument];
      if (typeof name !== 'string') return [];
      if (this.isInput(name) || this.ports.has(name)) return [{role, name}];
      if (argument === undefined) return [];
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${where}: ${argument}: '${name}' is neither an input nor a layer before this one; there are ${this.names()}`,
      );
    });
  }

  private names(): string {
    return [...this.inputs.map(({name}) => name), ...this.ports.keys()].join(', ');
  }

  private isInput(name: string): boolean {
    return this.inputs.some(input => input.name === name);
  }

  /** An input, a layer (its first output), a layer's output (`rnn.state.h`), or an output of the last layer. */
  resolve(name: string): TensorRef {
    if (this.isInput(name) || this.ports.has(name)) return outputOf(name);
    for (const [layer, {outputs}] of this.ports) {
      if (!name.startsWith(`${layer}.`)) continue;
      const output = outputs.indexOf(name.slice(layer.length + 1));
      if (output >= 0) return {layer, call: 0, output};
    }
    const last = this.layers.at(-1);
    const output = last ? this.ports.get(last.name)!.outputs.indexOf(name) : -1;
    if (output >= 0) return {layer: last!.name, call: 0, output};
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${this.where}: '${name}' is neither an input, a layer nor a layer's output; there are ${this.names()}`,
    );
  }
}

function portsOf(record: LayerRecord): Ports {
  return findLibrary(record.library)?.ports?.(record) ?? PLAIN;
}
