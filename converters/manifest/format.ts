import {CarryoverError} from '../../src/errors';
import type {NamedArray} from '../arrays';
import {folderOf} from '../files';
import {type Format, type OpenedContents, Source} from '../format';
import {badFormat} from '../format-error';
import {isJson, jsonOf} from '../json/format';
import {ITEM_SIZE} from '../numbers';
import {elementCount, showShape} from '../shape';

const MANIFEST = 'manifest.json';

/** An array of a manifest, and the file with its numbers. */
interface Entry {
  readonly filename: string;
  readonly shape: readonly number[];
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' &&
  value !== null &&
  'filename' in value &&
  typeof value.filename === 'string' &&
  'shape' in value &&
  Array.isArray(value.shape);

/** Whether a source is a manifest, and nothing but arrays is in it. */
async function isManifest(source: Source): Promise<boolean> {
  if (!isJson(source)) return false;
  const json = await source.share(jsonOf);
  const entries = typeof json === 'object' && json !== null ? Object.values(json) : [];
  return entries.length > 0 && entries.every(isEntry);
}

/** Of a folder, its manifest. The caller closes it. */
async function manifestOf(source: Source): Promise<Source> {
  const {files, name, limits} = source;
  return source.file ? source : Source.look(files, name === '' ? MANIFEST : `${name}/${MANIFEST}`, limits);
}

async function openManifest(source: Source): Promise<OpenedContents> {
  const manifest = await manifestOf(source);
  source.onClose(() => manifest.close());
  const entries = Object.entries((await manifest.share(jsonOf)) as Readonly<Record<string, Entry>>);
  const arrays: NamedArray[] = [];
  for (const [name, entry] of entries) arrays.push(await arrayOf(name, entry, manifest));
  return {format: 'deeplearn-manifest', groups: [{name: '', arrays}], facts: {}, close() {}};
}

/** The numbers are float32, little endian, one after the other, and nothing else is in the file. */
async function arrayOf(name: string, {filename, shape}: Entry, manifest: Source): Promise<NamedArray> {
  const where = `${manifest.name}: '${name}'`;
  // A manifest may come from anywhere: it does not choose which files of this machine are read.
  if (/[/\\:]/.test(filename)) throw badFormat(where, `is in '${filename}'; expected a file beside it`);
  const path = folderOf(manifest.name) + filename;
  const file = await Source.look(manifest.files, path, manifest.limits);
  try {
    if (!file.file)
      throw new CarryoverError('E_FILE', `${path}: no such file; put it beside ${manifest.name}`);
    const expected = elementCount(shape) * ITEM_SIZE.float32;
    if (file.file.size !== expected) {
      throw badFormat(
        where,
        `${filename} has ${file.file.size} bytes; float32 ${showShape(shape)} takes ${expected}`,
      );
    }
    const bytes = file.bytes().slice();
    return {
      name,
      dtype: 'float32',
      shape,
      read: () => ({dtype: 'float32', shape, values: new Float32Array(bytes.buffer)}),
    };
  } finally {
    file.close();
  }
}

/** What deeplearn.js and ml5 keep checkpoints in: `manifest.json`, and a file of float32 numbers for each array. */
export const manifestFormat: Format = {
  name: 'deeplearn-manifest',
  title: 'a manifest of deeplearn.js or ml5 (manifest.json)',
  holds: ['weights'],
  async recognises(source) {
    if (source.file) return isManifest(source);
    if (!source.entries.includes(MANIFEST)) return false;
    const manifest = await manifestOf(source);
    try {
      return await isManifest(manifest);
    } finally {
      manifest.close();
    }
  },
  open: openManifest,
};
