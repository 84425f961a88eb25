import {showShape} from '../shape';
import {PickleArray, PickleDtype} from './array';
import {latin1} from './text';
import {kindOf, PickleGlobal, PickleObject, type PickleValue, quoted} from './value';

/**
 * A pickle's value as JSON has it, for architectures: Maps as objects, sets as lists, functions and objects as Python's
 * `repr` shows them (`<function tanh>`, `HeNormal(gain=1)`).
 *
 * @param array what becomes of NumPy arrays; by default a description
 */
export function plain(value: PickleValue, array: (value: PickleArray) => unknown = describe): unknown {
  if (value instanceof PickleArray) return array(value);
  if (value instanceof PickleGlobal) return `<function ${value.name}>`;
  if (value instanceof PickleObject) return repr(value);
  if (value instanceof PickleDtype) return value.descr;
  if (value instanceof Uint8Array) return latin1(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Map) {
    // Own properties, whatever the keys: `__proto__` is one like others.
    return Object.fromEntries(
      [...(value as Map<PickleValue, PickleValue>)].map(([key, item]) => [keyText(key), plain(item, array)]),
    );
  }
  if (value instanceof Set || Array.isArray(value)) {
    return [...(value as Iterable<PickleValue>)].map(item => plain(item, array));
  }
  return value;
}

/** The value of a NumPy scalar; a description of what is larger. */
function describe(array: PickleArray): unknown {
  if (array.shape.length === 0 && array.size <= 64) {
    const {dtype, values} = array.read();
    const [value] = values;
    if (dtype === 'bool') return value === 1;
    return typeof value === 'bigint' ? Number(value) : value;
  }
  return `array of ${array.dtype} ${showShape(array.shape)}`;
}

function keyText(key: PickleValue): string {
  return typeof key === 'string' ? key : shown(key);
}

/** Attributes that an initializer may have, and more. */
const MOST_SHOWN = 16;

/** One level deep, so that what is nested or used often makes no long text. */
function repr({name, args, state}: PickleObject): string {
  const named = state instanceof Map ? [...(state as Map<PickleValue, PickleValue>)] : [];
  const parts = [
    ...args.map(shown),
    ...named.map(
      ([key, value]) => `${typeof key === 'string' ? key.slice(0, 80) : shown(key)}=${shown(value)}`,
    ),
  ];
  const more = parts.length > MOST_SHOWN ? [`and ${parts.length - MOST_SHOWN} more`] : [];
  return `${name}(${[...parts.slice(0, MOST_SHOWN), ...more].join(', ')})`;
}

function shown(value: PickleValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof PickleGlobal) return `<function ${value.name}>`;
  return kindOf(value).replace(/^an? /, '');
}
