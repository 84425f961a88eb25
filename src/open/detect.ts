import {baseName} from '../../converters/files';
import {lookAt} from '../../converters/open';
import {libraryOfFile} from '../libraries';
import {parseArchitecture} from '../model/parse';
import type {Place} from './source';

/** What a source is, as far as it tells. */
export interface Detected {
  /** The name of its format, as docs/formats.md lists them: `keras-h5`, `npz`, `tf-checkpoint-v2`, `recipe`, ... */
  readonly format: string;
  /** For people: `a whole Keras model (HDF5)`. */
  readonly title: string;
  /** `keras0`, `keras1`, `keras2`, ... */
  readonly library?: string;
  /** The release, where the file names it. */
  readonly version?: string;
  /** Of a Keras weight file: `0.x`, `1.x` or `2.x`. */
  readonly layout?: string;
}

/**
 * Tells a source's format, and the library and release that wrote it.
 * @throws CarryoverError `E_FILE` where it cannot be read, `E_FORMAT` for a format that is not known, or a damaged file
 */
export async function detectAt({files, name}: Place): Promise<Detected> {
  const found = await lookAt(files, name);
  const {name: format, title, holds, open} = found.format;
  if (!open) {
    found.close();
    return {format, title};
  }
  const file = await found.open();
  try {
    const {layout, keras_version: keras, tensorflow, library: told} = file.facts;
    if (holds.join() === 'architecture') {
      const {library} = parseArchitecture(file.architecture, baseName(name));
      const {keras_version: version} = file.architecture as {keras_version?: unknown};
      return {format, title, library, version: typeof version === 'string' ? version : undefined};
    }
    return {
      format,
      title,
      library: libraryOfFile(file.facts)?.name ?? told,
      version: keras ?? tensorflow,
      layout,
    };
  } finally {
    file.close();
  }
}
