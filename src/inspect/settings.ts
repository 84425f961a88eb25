import {pythonName, snake} from '../dialects/arguments';
import {Bidirectional} from '../layers/bidirectional';
import {RecurrentLayer} from '../layers/recurrent-layer';
import type {BuiltLayer} from '../libraries/built';
import type {CellRecord, LayerRecord} from '../model/architecture';

export type Settings = Readonly<Record<string, string | number | boolean | readonly unknown[]>>;

/** Settings that only training, or the reader of shapes, needs. */
const DULL =
  /^(name|custom_name|trainable|dtype|sparse|batch_input_shape|input_(shape|dtype|length)|batch_size|cache_enabled|class_name|weights|.*(init|initializer|regularizer|constraint))$/;

/** The settings that tell what a layer computes, under the library's own names. */
export function settingsOf(record: LayerRecord, built?: BuiltLayer): Settings {
  const {layer} = built ?? {};
  if (layer instanceof RecurrentLayer) return recurrentSettings(layer);
  if (layer instanceof Bidirectional) {
    const {forwardLayer, mergeMode} = layer;
    return {
      layer: forwardLayer.dialect.className,
      merge_mode: String(mergeMode),
      ...recurrentSettings(forwardLayer),
    };
  }
  if (record.cells) return cellSettings(record);
  // Keras 0.x writes the settings of a regularizer beside it, whether there is one or not.
  if (record.className === 'Activation') return plainSettings({activation: record.config.activation});
  return plainSettings(record.config);
}

/** Sizes and activations always, the rest where it is not the release's default. */
function recurrentSettings({dialect, args, version}: RecurrentLayer): Settings {
  const result: Record<string, string | number | boolean> = {};
  for (const [name, spec] of Object.entries(dialect.arguments)) {
    const value = args[name];
    const always = spec.kind === 'activation' || name === 'units' || name === 'outputDim';
    if (!always && value === spec.fallback(version)) continue;
    const python = pythonName(name, spec, version) ?? snake(name);
    if (DULL.test(python) || python === 'input_dim' || value === null || value === undefined) continue;
    if (typeof value === 'object') result[python] = className(value);
    else
      result[python] =
        spec.kind === 'activation' ? snake(String(value)) : (value as string | number | boolean);
  }
  return result;
}

function className(value: object): string {
  const {class_name: python, className: own, kind} = value as Record<string, unknown>;
  return String(python ?? own ?? kind ?? JSON.stringify(value));
}

function plainSettings(config: Readonly<Record<string, unknown>>): Settings {
  const result: Record<string, string | number | boolean | readonly unknown[]> = {};
  for (const [key, value] of Object.entries(config)) {
    if (DULL.test(key) || value === null || value === undefined) continue;
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

/** A layer of cells: its own settings, and each cell as it is called in Python. */
function cellSettings({config, cells = {}}: LayerRecord): Settings {
  const told = Object.entries(cells).map(([role, cell]) => [role, cellText(cell)]);
  return {...plainSettings(config), ...Object.fromEntries(told)};
}

function cellText({className, config, cells, wrap}: CellRecord): string {
  const inner = cells.map(cellText).join(', ');
  const settings = Object.entries(plainSettings(config)).map(([key, value]) => `${key} ${String(value)}`);
  const own = `${className}(${[inner && `[${inner}]`, ...settings].filter(Boolean).join(', ')})`;
  return wrap.reduce((text, wrapper) => `${wrapper.className}(${text})`, own);
}
