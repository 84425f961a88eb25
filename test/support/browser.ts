import {existsSync} from 'node:fs';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {delimiter, extname, join, normalize, resolve, sep} from 'node:path';
import type {ExecutionContext} from 'ava';
import {chromium, type Page} from 'playwright-core';
import {build} from 'tsup';

/** Pages in a Chromium that is there already; nothing is downloaded. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * The browser's program: CHROMIUM's, else one in PATH. Where there is none that is said aloud, and a failure where
 * CARRYOVER_BROWSER is `required`.
 */
export function browserFor(t: ExecutionContext): string | undefined {
  const {CHROMIUM, PATH = '', CARRYOVER_BROWSER} = process.env;
  const found = CHROMIUM || PATH.split(delimiter).flatMap(folder => NAMES.map(name => join(folder, name)));
  const program = [found].flat().find(existsSync);
  if (program === undefined) {
    const reason = `no Chromium here (${NAMES.join(', ')}; or its path in CHROMIUM)`;
    if (CARRYOVER_BROWSER === 'required') t.fail(reason);
    else t.log(`not run: ${reason}`);
    t.pass();
  }
  return program;
}

/** A page's script and all that it imports, in one text, as bundlers make it for browsers. */
export async function bundled(
  name: string,
  script: {readonly text: string} | {readonly file: string},
): Promise<string> {
  // Within the project, where its dependencies are found.
  const folder = `.cache/${name}-${process.pid}`;
  try {
    await mkdir(folder, {recursive: true});
    const page = 'file' in script ? script.file : join(folder, 'page.ts');
    if ('text' in script) await writeFile(page, script.text);
    await build({
      config: false,
      entry: {page},
      outDir: join(folder, 'out'),
      format: ['esm'],
      platform: 'browser',
      target: 'es2022',
      noExternal: [/./],
      splitting: false,
      silent: true,
    });
    return await readFile(join(folder, 'out', 'page.js'), 'utf8');
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

export interface PageOptions {
  readonly program: string;
  readonly bundle: string;
  /** What else the page may fetch, by paths within. */
  readonly files: string;
  /** Isolated from pages of other origins, as memory that workers share asks. */
  readonly isolated?: boolean;
}

const HTML = '<!doctype html><script type="module" src="/page.js"></script>';
const TYPES: Readonly<Record<string, string>> = {'.js': 'text/javascript', '.html': 'text/html'};

/** Opens the page in a browser without a window, and closes all when the work is done. */
export async function onPage<T>(
  {program, bundle, files, isolated = false}: PageOptions,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const isolation = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  };
  const own: Readonly<Record<string, string>> = {'/': HTML, '/page.js': bundle};
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = resolve(join(files, normalize(path)));
    const within = file.startsWith(resolve(files) + sep);
    const body = own[path] ?? (within ? await readFile(file).catch(() => undefined) : undefined);
    const type = TYPES[extname(path) || '.html'] ?? 'application/octet-stream';
    response
      .writeHead(body === undefined ? 404 : 200, {'content-type': type, ...(isolated && isolation)})
      .end(body);
  });
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', error => errors.push(String(error.stack)));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {waitUntil: 'load'});
    if (errors.length > 0) throw new Error(errors.join('\n'));
    return await work(page);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
