import {CarryoverError} from '../errors';
import {findLibrary, recurrentDialect} from '../libraries';
import type {Ports} from '../libraries/library';
import {
  type Architecture,
  type CellRecord,
  type InputRecord,
  type LayerRecord,
  outputOf,
  type TensorRef,
} from '../model/architecture';
import {brief, type Json, list, object, text} from '../model/json';

const PLAIN: Ports = {outputs: ['y'], states: [], inputs: []};

/** Keys under which a layer or cell holds cells, and what that puts before the roles of their arrays. */
const CELL_KEYS: Readonly<Record<string, string>> = {cell: '', cell_fw: 'fw/', cell_bw: 'bw/'};

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
  const inputs = list(json.inputs, `${where}: inputs`).map((entry, k) =>
    parseInput(entry, `${where}: inputs ${k}`),
  );
  const graph = new RecipeGraph(inputs, where);
  for (const [k, entry] of list(json.layers, `${where}: layers`).entries()) {
    graph.add(object(entry, `${where}: layers ${k}`), k);
  }
  const given = json.outputs === undefined ? undefined : list(json.outputs, `${where}: outputs`);
  const names = given?.map(name => text(name, `${where}: outputs`));
  const last = graph.last();
  const outputNames = names ?? graph.portsOf(last.name).outputs;
  return {
    library: last.library,
    version: last.version,
    name: 'model',
    layers: graph.layers,
    inputs,
    outputs: outputNames.map(name => graph.resolve(names ? name : `${last.name}.${name}`)),
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
  ) {}

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
    const from =
      json.from === undefined
        ? undefined
        : list(json.from, `${record.where}: from`).map(ref => text(ref, `${record.where}: from`));
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
    this.layers.push({...record, lengths, given, calls: [refs.map(ref => this.resolve(ref))]});
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
  private extraInputs({library, className, config}: LayerRecord): {role: string; name: string}[] {
    const inputs = recurrentDialect(library, className)?.inputs ?? [];
    return inputs.flatMap(({role, argument, implicit}) => {
      const name = argument === undefined ? implicit : config[argument];
      return typeof name === 'string' && (this.isInput(name) || this.ports.has(name)) ? [{role, name}] : [];
    });
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
    const known = [...this.inputs.map(input => input.name), ...this.ports.keys()].join(', ');
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${this.where}: '${name}' is neither an input, a layer nor a layer's output; there are ${known}`,
    );
  }
}

function portsOf(record: LayerRecord): Ports {
  return findLibrary(record.library)?.ports?.(record) ?? PLAIN;
}

function parseInput(entry: unknown, where: string): InputRecord {
  const json = object(entry, where);
  const shape = list(json.shape, `${where}: shape`) as (number | null)[];
  return {
    name: text(json.name, `${where}: name`),
    shape,
    dtype: typeof json.dtype === 'string' ? json.dtype : 'float32',
  };
}

function parseLayer(json: Json, index: number, where: string): LayerRecord {
  const className = text(json.class, `${where}: layers ${index}: class`);
  const name = typeof json.name === 'string' ? json.name : `${className.toLowerCase()}_${index + 1}`;
  const here = `${where}: layer ${index} '${name}'`;
  const held = Object.keys(CELL_KEYS).filter(key => json[key] !== undefined);
  const cells = Object.fromEntries(held.map(key => [key, parseCell(json[key], `${here}: ${key}`)]));
  return {
    name,
    library: text(json.library, `${here}: library`),
    version: typeof json.version === 'string' ? json.version : undefined,
    className,
    config: configOf(json, here),
    calls: [],
    group: name,
    variables: variablesOf(json, '', here),
    cells: held.length > 0 ? cells : undefined,
    where: here,
  };
}

function configOf(json: Json, where: string): Json {
  return json.config === undefined ? {} : object(json.config, `${where}: config`);
}

function parseCell(value: unknown, where: string): CellRecord {
  const json = object(value, where);
  const wrap = json.wrap === undefined ? [] : list(json.wrap, `${where}: wrap`);
  const cells = json.cells === undefined ? [] : list(json.cells, `${where}: cells`);
  return {
    className: text(json.class, `${where}: class`),
    config: configOf(json, where),
    cells: cells.map((cell, k) => parseCell(cell, `${where}: cells ${k}`)),
    wrap: wrap.map(entry =>
      typeof entry === 'string'
        ? {className: entry, config: {}}
        : {
            className: text(object(entry, where).class, `${where}: wrap: class`),
            config: configOf(object(entry, where), where),
          },
    ),
  };
}

/** A layer's roles, and those of the cells in it. */
function variablesOf(json: Json, prefix: string, where: string): Record<string, unknown> {
  const own = json.variables === undefined ? {} : object(json.variables, `${where}: variables`);
  const result = Object.fromEntries(Object.entries(own).map(([role, name]) => [prefix + role, name]));
  for (const [key, before] of Object.entries(CELL_KEYS)) {
    if (json[key] !== undefined)
      Object.assign(result, variablesOf(object(json[key], where), prefix + before, where));
  }
  const cells = json.cells === undefined ? [] : list(json.cells, `${where}: cells`);
  for (const [k, cell] of cells.entries())
    Object.assign(result, variablesOf(object(cell, where), `${prefix}cell_${k}/`, where));
  return result;
}
