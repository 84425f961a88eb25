import {CarryoverError} from '../errors';

export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object of JSON, and no list. */
export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value that has to be an object. */
export function object(value: unknown, where: string): Json {
  if (isJson(value)) return value;
  throw new CarryoverError('E_ARCHITECTURE', `${where}: found ${brief(value)}; expected an object`);
}

/** A value that has to be a list. */
export function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CarryoverError('E_ARCHITECTURE', `${where}: found ${brief(value)}; expected a list`);
}

/** A value that has to be a string. */
export function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw new CarryoverError('E_ARCHITECTURE', `${where}: found ${brief(value)}; expected a string`);
}

/** The beginning of a value, for messages. */
export function brief(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
