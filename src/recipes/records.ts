import {CarryoverError} from '../errors';
import {findLibrary, LIBRARIES} from '../libraries';
import type {CellRecord, InputRecord, LayerRecord} from '../model/architecture';
import {brief, type Json, list, object, text} from '../model/json';
import {didYouMean} from '../nearest';
import {fieldsOf, optional, shape} from './fields';

/** Fields under which a layer or cell holds cells, and what that puts before the roles of their arrays. */
const CELL_FIELDS: Readonly<Record<string, string>> = {cell: '', cell_fw: 'fw/', cell_bw: 'bw/'};

const DTYPES = [
  ...['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'],
  ...['float16', 'bfloat16', 'float32', 'float64'],
];

const LIBRARY_NAMES = LIBRARIES.map(({name}) => name);

/** An input as a recipe says it; float32 where it names no dtype. */
export function parseInput(value: unknown, where: string): InputRecord {
  const json = fieldsOf(value, 'input', where);
  const dtype = optional(json, 'dtype', where, text) ?? 'float32';
  return {
    name: text(json.name, `${where}: name`),
    shape: shape(json.shape, `${where}: shape`),
    dtype: oneOf(dtype, DTYPES, `${where}: dtype`),
  };
}

/** A layer as a recipe says it, not yet connected. */
export function parseLayer(json: Json, index: number, where: string): LayerRecord {
  const className = text(json.class, `${where}: layers ${index}: class`);
  const name =
    optional(json, 'name', `${where}: layers ${index}`, text) ?? `${className.toLowerCase()}_${index + 1}`;
  const here = `${where}: layer ${index} '${name}'`;
  const library = oneOf(text(json.library, `${here}: library`), LIBRARY_NAMES, `${here}: library`);
  const held = Object.keys(CELL_FIELDS).filter(key => json[key] !== undefined);
  if (held.length > 0 && !findLibrary(library)!.otherLayers?.has(className)) {
    throw new CarryoverError('E_ARCHITECTURE', `${here}: ${className} of ${library} takes no "${held[0]}"`);
  }
  const cells = Object.fromEntries(held.map(key => [key, parseCell(json[key], library, `${here}: ${key}`)]));
  return {
    name,
    library,
    version: optional(json, 'version', here, text),
    className,
    config: configOf(json, here),
    calls: [],
    group: name,
    variables: variablesOf(json, '', here),
    cells: held.length > 0 ? cells : undefined,
    where: here,
  };
}

function parseCell(value: unknown, library: string, where: string): CellRecord {
  const json = fieldsOf(value, 'cell', where);
  // A cell is of its layer's library; to say so is no fault.
  const own = optional(json, 'library', where, text) ?? library;
  if (own !== library) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: is of ${own}; the layer around it is of ${library}`,
    );
  }
  return {
    className: text(json.class, `${where}: class`),
    config: configOf(json, where),
    cells: (optional(json, 'cells', where, list) ?? []).map((cell, k) =>
      parseCell(cell, library, `${where}: cells ${k}`),
    ),
    wrap: (optional(json, 'wrap', where, list) ?? []).map((wrapper, k) =>
      parseWrapper(wrapper, `${where}: wrap ${k}`),
    ),
  };
}

function parseWrapper(value: unknown, where: string): CellRecord['wrap'][number] {
  if (typeof value === 'string') return {className: value, config: {}};
  const json = fieldsOf(value, 'wrapper', where);
  return {className: text(json.class, `${where}: class`), config: configOf(json, where)};
}

const configOf = (json: Json, where: string): Json => optional(json, 'config', where, object) ?? {};

/** A layer's roles, and those of the cells in it. */
function variablesOf(json: Json, prefix: string, where: string): Record<string, unknown> {
  const own = Object.entries(optional(json, 'variables', where, object) ?? {}).map(
    ([role, array]) => [prefix + role, arrayOf(array, `${where}: variables: ${role}`)] as const,
  );
  const inner = Object.entries(CELL_FIELDS).flatMap(([key, before]) =>
    json[key] === undefined ? [] : [variablesOf(object(json[key], where), prefix + before, where)],
  );
  const cells = (optional(json, 'cells', where, list) ?? []).map((cell, k) =>
    variablesOf(object(cell, where), `${prefix}cell_${k}/`, where),
  );
  return Object.assign(Object.fromEntries(own), ...inner, ...cells);
}

/** An array's name, a file of its own, or a list of them that are put one below the other. */
function arrayOf(value: unknown, where: string): unknown {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0) return value.map(part => arrayOf(part, where));
  return {file: text(fieldsOf(value, 'array', where).file, `${where}: file`)};
}

function oneOf(word: string, known: readonly string[], where: string): string {
  if (known.includes(word)) return word;
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: ${brief(word)} is not known${didYouMean(word, known)}; there are ${known.join(', ')}`,
  );
}
