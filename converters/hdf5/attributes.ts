import {badFormat} from '../format-error';
import {parsePythonJson} from '../json/python';
import type {Hdf5File} from './file';

/** An attribute that holds one string; undefined where there is none. */
export function textAttribute(file: Hdf5File, path: string, name: string): string | undefined {
  const attribute = file.attribute(path, name);
  if (attribute === undefined) return undefined;
  const text = attribute.values[0];
  if (typeof text !== 'string' || attribute.values.length !== 1) {
    throw badFormat(`${file.where}: ${path}@${name}`, `${attribute.dtype} values; expected one string`);
  }
  return text;
}

/** An attribute that holds JSON as Python writes it; undefined where there is none. */
export function jsonAttribute(file: Hdf5File, path: string, name: string): unknown {
  const text = textAttribute(file, path, name);
  return text === undefined ? undefined : parsePythonJson(text, `${file.where}: ${path}@${name}`);
}

/** An attribute that counts something: an integer of any width, at least 0; undefined where there is none. */
export function countAttribute(file: Hdf5File, path: string, name: string): number | undefined {
  const attribute = file.attribute(path, name);
  if (attribute === undefined) return undefined;
  const value = attribute.values[0];
  const count = typeof value === 'string' ? Number.NaN : Number(value);
  if (attribute.values.length !== 1 || !Number.isSafeInteger(count) || count < 0) {
    throw badFormat(
      `${file.where}: ${path}@${name}`,
      `${attribute.dtype} value ${String(value)}; expected a count`,
    );
  }
  return count;
}

/**
 * A list of names, whole or split into `<name>0`, `<name>1`, ... as Keras 2 does beyond 64,512 bytes; undefined where
 * there is neither. h5py writes an empty list as float64 of shape (0,).
 */
export function namesAttribute(file: Hdf5File, path: string, name: string): string[] | undefined {
  const present = new Set(file.attributeNames(path));
  if (present.has(name)) return strings(file, path, name);
  if (!present.has(`${name}0`)) return undefined;
  const names: string[] = [];
  for (let chunk = 0; present.has(`${name}${chunk}`); chunk++)
    names.push(...strings(file, path, `${name}${chunk}`));
  return names;
}

function strings(file: Hdf5File, path: string, name: string): string[] {
  const attribute = file.attribute(path, name);
  const values = attribute?.values ?? [];
  if (values.length === 0) return [];
  if (!Array.isArray(values)) {
    throw badFormat(`${file.where}: ${path}@${name}`, `${attribute?.dtype} values; expected a list of names`);
  }
  return values;
}
