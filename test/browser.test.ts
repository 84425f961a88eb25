import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {build} from 'tsup';

// The entry points for browsers, bundled as users bundle them; run where there is a Chromium.

const CASE = 'fixtures/golden/keras-1.2.2-theano/bilstm_concat_seq';
const PATIENCE_MS = 60_000;

/** Loads a model from bytes, runs it, and sends home how it compares. */
const PAGE = `
import {getBackend} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {modelFrom, verify} from '../../src/index';
import '../../src/register';
import {openKerasBytes, readNpy} from '../../converters/index';

const bytes = async name => new Uint8Array(await (await fetch(name)).arrayBuffer());
async function check() {
  const model = modelFrom(undefined, await openKerasBytes(await bytes('model.h5')));
  const report = verify(model, readNpy(await bytes('x.npy')), readNpy(await bytes('y.npy')));
  return {backend: getBackend(), report};
}
check()
  .catch(error => ({error: String(error.stack)}))
  .then(result => fetch('result', {method: 'POST', body: JSON.stringify(result)}));
`;

/** Within the project, where its dependencies are found. */
const BUILT = `.cache/browser-test-${process.pid}`;
let bundle = '';

test.before('bundles the entry points for browsers', async () => {
  await mkdir(BUILT, {recursive: true});
  await writeFile(join(BUILT, 'page.ts'), PAGE);
  await build({
    config: false,
    entry: {page: join(BUILT, 'page.ts')},
    outDir: join(BUILT, 'out'),
    format: ['esm'],
    platform: 'browser',
    target: 'es2022',
    noExternal: [/./],
    splitting: false,
    silent: true,
  });
  bundle = await readFile(join(BUILT, 'out', 'page.js'), 'utf8');
});

test.after.always('removes what was built', () => rm(BUILT, {recursive: true, force: true}));

test('a bundle for browsers is whole: it imports nothing of Node, nor anything else', t => {
  t.true(bundle.length > 100_000);
  t.notRegex(bundle, /^\s*(import|export)\b.*["']\s*;?$/m);
  t.notRegex(bundle, /\b(import|require|__require)\(\s*["']/);
});

interface Result {
  readonly error?: string;
  readonly backend?: string;
  readonly report?: {readonly passed: boolean; readonly outputs: readonly {readonly maxAbs: number}[]};
}

test('a model loaded from bytes predicts in Chromium what Keras did', async t => {
  const program = chromium();
  if (program === undefined) {
    t.log('not run: no Chromium here (chromium, chromium-browser or google-chrome; or its path in CHROMIUM)');
    t.pass();
    return;
  }
  t.timeout(2 * PATIENCE_MS);
  const {error, backend, report} = await inBrowser(program);
  t.is(error, undefined);
  t.is(backend, 'cpu');
  t.true(report!.passed);
  t.true(report!.outputs[0]!.maxAbs < 1e-5);
});

function chromium(): string | undefined {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'];
  return names.find(name => {
    if (!name) return false;
    try {
      execFileSync(name, ['--version'], {stdio: 'ignore'});
      return true;
    } catch {
      return false;
    }
  });
}

/** Serves the page to a browser without window and waits for what it sends home. */
async function inBrowser(program: string): Promise<Result> {
  const profile = await mkdtemp(join(tmpdir(), 'carryover-browser-'));
  let browser: ChildProcess | undefined;
  let server: Server | undefined;
  try {
    return await new Promise<Result>((give, fail) => {
      server = createServer(async (request, response) => {
        if (request.method === 'POST') {
          const chunks: Buffer[] = [];
          for await (const chunk of request) chunks.push(chunk as Buffer);
          response.end();
          give(JSON.parse(Buffer.concat(chunks).toString()) as Result);
          return;
        }
        const name = request.url ?? '/';
        if (name === '/') {
          response
            .setHeader('content-type', 'text/html')
            .end('<script type="module" src="page.js"></script>');
        } else if (name === '/page.js') response.setHeader('content-type', 'text/javascript').end(bundle);
        else if (/^\/\w+\.(h5|npy)$/.test(name)) response.end(await readFile(join(CASE, name)));
        else response.writeHead(404).end();
      });
      server.listen(0, '127.0.0.1', () => {
        const {port} = server!.address() as AddressInfo;
        const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
        const args = [...quiet, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`];
        browser = spawn(program, args, {stdio: 'ignore'});
        browser.once('exit', code => fail(new Error(`${program} ended with exit code ${code}`)));
      });
      setTimeout(() => fail(new Error('the page sent nothing')), PATIENCE_MS).unref();
    });
  } finally {
    const ended = browser && new Promise(done => browser!.once('exit', done));
    browser?.kill();
    await ended;
    server?.closeAllConnections();
    server?.close();
    await rm(profile, {recursive: true, force: true, maxRetries: 5});
  }
}
