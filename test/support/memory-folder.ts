import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';

/** The files of a folder in memory, by their paths in it. */
export function inMemoryFolder(folder: string): Map<string, Uint8Array> {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'});
  const files = names.filter(name => statSync(join(folder, name)).isFile());
  return new Map(files.map(name => [name.replaceAll('\\', '/'), readFileSync(join(folder, name))]));
}
