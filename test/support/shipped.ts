import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';

/** The package's folder with that file in it, or why there is none. */
function shipped(name: string, file: string): {readonly folder: string} | {readonly missing: string} {
  const found = spawnSync(process.execPath, ['scripts/python-package.mjs', name], {encoding: 'utf8'});
  if (found.status !== 0) return {missing: found.stderr.trim().split('\n').at(-1)!};
  const root = found.stdout;
  const path = readdirSync(root, {recursive: true, encoding: 'utf8'}).find(path => path.endsWith(file));
  return path === undefined ? {missing: `${root} has no ${file}`} : {folder: join(root, path, '..')};
}

/** A test of what a package ships; `folder` is the one with that file in it. Where pip cannot bring it, the test says so. */
export function shippedTest(
  name: string,
  file: string,
  title: string,
  body: (t: ExecutionContext, folder: string) => Promise<void>,
): void {
  test.serial(`${name}: ${title}`, async t => {
    const found = shipped(name, file);
    if ('missing' in found) {
      t.log(`not run: ${found.missing}`);
      t.pass();
      return;
    }
    await body(t, found.folder);
  });
}
