import type {Architecture, LayerRecord} from './architecture';
import {type CustomObjects, customOf} from './custom';
import {isJson, type Json} from './json';

/**
 * An architecture in which classes that merely rename one of the library's are called as that one, wherever a config names
 * them; what the containers say stays, for files count classes by the names that they had.
 * @param objects `{ReversedLSTM: 'LSTM'}`; what is no string is left to be built
 */
export function withRenamedClasses(architecture: Architecture, objects: CustomObjects = {}): Architecture {
  const renames = Object.values(objects).filter(object => typeof object === 'string');
  if (renames.length === 0) return architecture;
  const notes = new Set<string>();
  const renamed = (className: string): string => {
    const own = customOf(objects, className);
    if (typeof own !== 'string') return className;
    notes.add(
      `class ${className} is taken for ${own}; what its own code does beside (turn its output round, say) is not in the file, and is not done`,
    );
    return own;
  };
  const inConfig = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inConfig);
    if (!isJson(value)) return value;
    const inner = Object.entries(value).map(([key, item]): [string, unknown] =>
      key === 'class_name' && typeof item === 'string' ? [key, renamed(item)] : [key, inConfig(item)],
    );
    return Object.fromEntries(inner);
  };
  const layers = architecture.layers.map(
    (record): LayerRecord => ({
      ...record,
      className: renamed(record.className),
      config: inConfig(record.config) as Json,
    }),
  );
  return {...architecture, layers, notes: [...architecture.notes, ...notes]};
}
