import type {Format, OpenedContents, Source} from '../format';

/** An object or a list; in quotes where a text of JSON was written as JSON. */
const BEGINNING = /^\ufeff?\s*(?:"\s*)?[{[]/;

export function isJson({head}: Source): boolean {
  return BEGINNING.test(new TextDecoder('utf-8', {ignoreBOM: true}).decode(head.subarray(0, 256)));
}

/** What a JSON file says, as Python writes it. */
export async function jsonOf(source: Source): Promise<unknown> {
  const {parsePythonJson} = await import('./python');
  const {unwrapped} = await import('./wrapped');
  return unwrapped(parsePythonJson(new TextDecoder().decode(source.bytes()), source.name), source.name);
}

/** Whether a source is JSON: an object with this member. */
export async function hasMember(source: Source, member: string): Promise<boolean> {
  if (!isJson(source)) return false;
  const json = await source.share(jsonOf);
  return typeof json === 'object' && json !== null && Object.hasOwn(json, member);
}

/** Opens an architecture by itself. */
export const openArchitecture =
  (format: string, read: (source: Source) => Promise<unknown> = jsonOf) =>
  async (source: Source): Promise<OpenedContents> => ({
    format,
    groups: [],
    architecture: await source.share(read),
    facts: {},
    close() {},
  });

export const recipeFormat: Format = {
  name: 'recipe',
  title: 'a recipe',
  holds: ['architecture'],
  recognises: source => hasMember(source, 'carryover'),
  open: openArchitecture('recipe'),
};

/** Keras writes nothing into its JSON by which every release could be told: what is no other JSON is held to be it. */
export const kerasJsonFormat: Format = {
  name: 'keras-json',
  title: "a Keras model's JSON",
  holds: ['architecture'],
  recognises: isJson,
  open: openArchitecture('keras-json'),
};
