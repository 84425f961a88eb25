import {type ArgumentTable, pythonName, snake, spellings} from '../dialects/arguments';
import {Bidirectional} from '../layers/bidirectional';
import {RecurrentLayer} from '../layers/recurrent-layer';
import {findLibrary} from '../libraries';
import type {BuiltLayer} from '../libraries/built';
import type {CellRecord, LayerRecord} from '../model/architecture';
import {brief} from '../model/json';

/** Arguments of a layer, under the library's own names. */
export type Settings = Readonly<Record<string, string | number | boolean | readonly unknown[]>>;

/** Arguments that no table tells of, and that change nothing: of cells, and of users' own layers. */
const DULL =
  /^(name|trainable|dtype|reuse|batch_input_shape|input_shape|.*(initializer|regularizer|constraint))$/;

/** Kinds of arguments that matter to training alone. */
const TRAINING = ['initializer', 'regularizer', 'constraint'];

/** The settings that tell what a layer computes, under the library's own names. */
export function settingsOf(record: LayerRecord, built?: BuiltLayer): Settings {
  const {layer} = built ?? {};
  if (layer instanceof RecurrentLayer) return recurrentSettings(layer);
  if (layer instanceof Bidirectional) {
    const {forwardLayer, mergeMode} = layer;
    const own = {merge_mode: String(mergeMode)};
    if (!(forwardLayer instanceof RecurrentLayer)) return {...plainSettings(record.config), ...own};
    return {layer: forwardLayer.dialect.className, ...own, ...recurrentSettings(forwardLayer)};
  }
  const plain = plainSettings(
    record.config,
    findLibrary(record.library)?.plainLayers.get(record.className)?.arguments,
  );
  const cells = Object.entries(record.cells ?? {}).map(([role, cell]) => [role, cellText(cell)]);
  return {...plain, ...Object.fromEntries(cells)};
}

/** Sizes and activations always, the rest where it is not the release's default. */
function recurrentSettings({dialect, args, version}: RecurrentLayer): Settings {
  const result: Record<string, string | number | boolean> = {};
  for (const [name, spec] of Object.entries(dialect.arguments)) {
    const [value, fallback] = [args[name], spec.fallback(version)];
    const always = spec.kind === 'activation' || fallback === undefined;
    if (TRAINING.includes(spec.kind) || (!always && value === fallback)) continue;
    const python = pythonName(name, spec, version);
    if (python === undefined || value === null || value === undefined) continue;
    if (typeof value === 'object') result[python] = className(value);
    else
      result[python] =
        spec.kind === 'activation' ? snake(String(value)) : (value as string | number | boolean);
  }
  return result;
}

function className(value: object): string {
  const {class_name: python, className: own, kind} = value as Record<string, unknown>;
  return String(python ?? own ?? kind ?? brief(value));
}

/** Whether an argument changes what is computed; those that no table has do so where nothing else is known. */
function matters(key: string, table: ArgumentTable | undefined): boolean {
  const spec = Object.entries(table ?? {}).find(([name, argument]) =>
    spellings(name, argument).includes(key),
  )?.[1];
  return spec
    ? spec.role !== 'harmless' && !TRAINING.includes(spec.kind) && key !== 'trainable'
    : !DULL.test(key);
}

function plainSettings(config: Readonly<Record<string, unknown>>, table?: ArgumentTable): Settings {
  const result: Record<string, string | number | boolean | readonly unknown[]> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!matters(key, table) || value === null || value === undefined) continue;
    if (key === 'layer' && typeof value === 'object') {
      const {class_name: wrapped, name, config: inner} = value as Record<string, unknown>;
      result.layer = String(wrapped ?? name);
      Object.assign(result, plainSettings((inner ?? value) as Record<string, unknown>));
    } else if (Array.isArray(value)) {
      // Branches and other nested layers are told elsewhere.
      if (value.every(item => typeof item !== 'object')) result[key] = value;
    } else if (typeof value !== 'object') result[key] = value as string | number | boolean;
  }
  return result;
}

function cellText({className, config, cells, wrap}: CellRecord): string {
  const inner = cells.map(cellText).join(', ');
  const settings = Object.entries(plainSettings(config)).map(([key, value]) => `${key} ${String(value)}`);
  const own = `${className}(${[inner && `[${inner}]`, ...settings].filter(Boolean).join(', ')})`;
  return wrap.reduce((text, wrapper) => `${wrapper.className}(${text})`, own);
}
