import {CarryoverError} from '../../../errors';
import type {SavedValue} from '../../../layers/plain/operation';
import {brief} from '../../../model/json';

/** A function of a library, and the operation that it is. */
export interface Signature {
  /** The library's name of the function. */
  readonly name: string;
  /** Its parameters in the library's order, each with the operation's own name for it; null: it does not matter. */
  readonly parameters: readonly (readonly [string, string | null])[];
  /** Of Keras 3: those of `parameters` that the function's class keeps, and its calls do not have. */
  readonly kept: readonly string[];
  /** The operation's name among `OPERATIONS`. */
  readonly operation: string;
  /** Arguments of the operation that this function always has. */
  readonly fixed: Readonly<Record<string, unknown>>;
}

const LINE = /^([\w.]+)\(([^;)]*)(?:;([^)]*))?\): (\w+)(?: (\{.*\}))?$/;

/**
 * Reads a table of functions, a line each: `math.reduce_mean(input_tensor>x, axis, keepdims, name>): mean`. Parameters in
 * the library's order, `>` and the operation's name where that is another one, `>` alone where it changes nothing; after a
 * semicolon what the class keeps; the operation; what is fixed.
 */
export function signatures(table: string): ReadonlyMap<string, Signature> {
  const lines = table
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  return new Map(
    lines.map(line => {
      const [, name, called = '', kept = '', operation, fixed = '{}'] = LINE.exec(line) ?? [];
      if (name === undefined || operation === undefined) throw new Error(`no signature: ${line}`);
      const signature = {
        name,
        parameters: [...parametersOf(called), ...parametersOf(kept)],
        kept: parametersOf(kept).map(([parameter]) => parameter),
        operation,
        fixed: JSON.parse(fixed) as Record<string, unknown>,
      };
      return [name, signature] as const;
    }),
  );
}

/** A line of a table for each entry `name operation` of a list, whose entries `|` and line breaks keep apart. */
export const each = (list: string, line: (name: string, operation: string) => string): string =>
  list
    .trim()
    .split(/[|\n]/)
    .map(entry => {
      const [name, operation] = entry.trim().split(' ') as [string, string];
      return line(name, operation);
    })
    .join('\n');

function parametersOf(list: string): (readonly [string, string | null])[] {
  const parameters = list
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '');
  return parameters.map(one => {
    const [name = '', own] = one.split('>');
    return [name, own === undefined ? name : own || null] as const;
  });
}

/**
 * The operation's arguments from those of a call, by position and by name.
 * @throws CarryoverError `E_LAYER` for an argument that the function is not known to have
 */
export function bind(
  {name, parameters, fixed, kept}: Signature,
  args: readonly SavedValue[],
  kwargs: Readonly<Record<string, SavedValue>>,
  where: string,
): Record<string, SavedValue> {
  const values: Record<string, SavedValue> = Object.fromEntries(
    Object.entries(fixed).map(([own, constant]) => [own, {constant}]),
  );
  const byPosition = parameters.filter(([parameter]) => !kept.includes(parameter));
  for (const [k, value] of args.entries()) {
    const [, own] = byPosition[k] ?? odd(`argument ${k + 1}`, value);
    if (own !== null) values[own] = value;
  }
  for (const [key, value] of Object.entries(kwargs)) {
    const found = parameters.find(([parameter]) => parameter === key);
    if (!found && isNone(value)) continue;
    const [, own] = found ?? odd(key, value);
    if (own !== null && !isNone(value)) values[own] = value;
  }
  return values;

  function odd(argument: string, value: SavedValue): never {
    const found = 'constant' in value ? brief(value.constant) : 'a tensor';
    const known = parameters.map(([parameter]) => parameter).join(', ');
    throw new CarryoverError(
      'E_LAYER',
      `${where}: ${name} has ${argument} (${found}), which is not supported; known are ${known}. Load as much of the model as comes before it (outputs; on the command line: --until LAYER)`,
      {argument},
    );
  }
}

const isNone = (value: SavedValue): boolean => 'constant' in value && value.constant === null;
