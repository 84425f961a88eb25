import {badFormat} from '../format-error';
import {parsePythonJson} from './python';

/** `json.dump(model.to_json(), file)` makes a text of a text; nobody does it more often. */
const MOST = 4;

/**
 * What a text says that was written as text once more.
 * @param read reads texts that are not JSON
 * @throws CarryoverError `E_FORMAT` where it is text all the way down
 */
export function unwrapped(value: unknown, where: string, read?: (text: string) => unknown): unknown {
  let inner = value;
  for (let k = 0; typeof inner === 'string' && k < MOST; k++) {
    const isJson = /^\s*[{["]/.test(inner);
    inner = isJson || !read ? parsePythonJson(inner, where) : read(inner);
  }
  if (typeof inner !== 'string') return inner;
  throw badFormat(where, 'a text in a text; expected a model');
}
