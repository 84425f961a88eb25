import {CarryoverError} from '../../errors';

/** How often each pattern has been used. */
const counters = new Map<string, number>();

/**
 * A layer's name, or a format string with one field that becomes a number, counted per pattern: `fc{}` → fc1,
 * fc2; `fc-{:<03d}` → fc-001, as neupy's manual has it (Python's own `format` pads on the right there and
 * gives fc-100). Without a name, the class in lower case and a number: `lstm-1`.
 *
 * Source: neupy/layers/base.py of 0.8.2.
 * @throws CarryoverError `E_USAGE` for more than one field, or a field that is no number's
 */
export function layerName(name: string | undefined, className: string): string {
  const pattern = name ?? `${kebab(className)}-{}`;
  const fields = pattern.match(/\{[^}]*\}/g) ?? [];
  if (fields.length === 0) return pattern;
  if (fields.length > 1) {
    throw new CarryoverError('E_USAGE', `neupy: name '${pattern}' has ${fields.length} fields; expected one`);
  }
  const [field] = fields as [string];
  const format = /^\{(?::<?(?:0(\d+))?d?)?\}$/.exec(field);
  if (!format) {
    throw new CarryoverError(
      'E_USAGE',
      `neupy: name '${pattern}': field '${field}' is not understood; use {} or {:03d}`,
    );
  }
  const count = (counters.get(pattern) ?? 0) + 1;
  counters.set(pattern, count);
  return pattern.replace(field, String(count).padStart(Number(format[1] ?? 0), '0'));
}

/** `LSTM` → `lstm`, `HardSigmoid` → `hard-sigmoid` */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
