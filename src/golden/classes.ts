import type {CellRecord, LayerRecord} from '../model/architecture';

/** The arguments of wrappers and of `RNN` in which other layers and cells are. */
const INSIDE = ['layer', 'backward_layer', 'cell', 'cells'] as const;

/**
 * The classes of these layers and of the layers and cells inside them, by their library's own names: each once, in order of
 * name.
 */
export function classesIn(layers: readonly LayerRecord[]): readonly string[] {
  return [...new Set(layers.flatMap(classesOfRecord))].sort();
}

function classesOfRecord({className, config, cells = {}}: LayerRecord | CellRecord): string[] {
  return [className, ...insideOf(config), ...Object.values(cells).flatMap(classesOfRecord)];
}

const insideOf = (config: Readonly<Record<string, unknown>>): string[] =>
  INSIDE.flatMap(key => (Object.hasOwn(config, key) ? classesOfValue(config[key]) : []));

function classesOfValue(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(classesOfValue);
  if (typeof value !== 'object' || value === null) return [];
  const {class_name: className, config} = value as Readonly<Record<string, unknown>>;
  if (typeof className !== 'string') return [];
  const inner = typeof config === 'object' && config !== null ? config : {};
  return [className, ...insideOf(inner as Readonly<Record<string, unknown>>)];
}
