import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const SHEBANG = `#!${process.execPath}\n`;
// What each fake program does first: say that it was called, and do as FAKE_<step> in its environment says.
const STEP = `
const fs = require('fs');
const path = require('path');
function step(name) {
  fs.appendFileSync(process.env.FAKE_CALLS, name + ' ' + process.pid + '\\n');
  const order = process.env['FAKE_' + name.toUpperCase()];
  if (order === 'fail') { console.error('fake error: ' + name + ' failed'); process.exit(1); }
  if (order === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
}
`;

const PYTHON = `${SHEBANG}${STEP}
const args = process.argv.slice(2);
if (args[0] === '-c') {
  const [, , wheel, out] = args;
  step('unpack');
  if (fs.readFileSync(wheel, 'utf8') !== 'a whole wheel') { console.log('not a zip file'); process.exit(3); }
  fs.mkdirSync(path.join(out, 'tensorflow/include/tensorflow/c'), {recursive: true});
  for (const name of ['cc', 'framework']) {
    fs.writeFileSync(path.join(out, 'tensorflow/libtensorflow_' + name + '.so.2'), 'library ' + name);
  }
} else if (args[2] === 'download') {
  step('download');
  const folder = args[args.indexOf('--dest') + 1];
  const name = args.at(-1).replace('-', '_').replace('==', '-') + '-cp311-cp311-manylinux2014_x86_64.whl';
  fs.mkdirSync(folder, {recursive: true});
  fs.writeFileSync(path.join(folder, name), 'a whole wheel');
}
`;

const COMPILER = `${SHEBANG}${STEP}
step('compile');
fs.writeFileSync(process.argv[process.argv.indexOf('-o') + 1], "exports.TF_Version = '2.15.1';");
`;

const TFJS_NODE = `
const fs = require('fs');
const path = require('path');
const binding = require('../lib/napi-v8/tfjs_binding.node');
for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
  fs.statSync(path.join(__dirname, '../deps/lib', name));
}
exports.getBackend = () => 'tensorflow';
exports.backend = () => ({binding});
exports.tensor2d = rows => rows;
exports.matMul = (a, b) => ({
  dataSync: () => a.flatMap(row => b[0].map((_, k) => row.reduce((sum, x, j) => sum + x * b[j][k], 0)))
    .map(x => (process.env.FAKE_PRODUCT === 'wrong' ? -x : x)),
});
`;

// tfjs-node's own install script, as far as set-up sees it.
const INSTALL = `${STEP}
step('upstream');
fs.mkdirSync('deps/lib', {recursive: true});
fs.mkdirSync('lib/napi-v8', {recursive: true});
for (const name of ['cc', 'framework']) fs.writeFileSync('deps/lib/libtensorflow_' + name + '.so.2', 'prebuilt');
fs.writeFileSync('lib/napi-v8/tfjs_binding.node', "exports.TF_Version = '2.9.1';");
`;

/** A machine for set-up to work on: fake programs, a cache, projects with a fake tfjs-node; no network. */
export class FakeMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'carryover-setup-'));
  readonly cache = join(this.root, 'cache');
  private readonly calls = join(this.root, 'calls');
  readonly env: Record<string, string> = {
    HOME: this.root,
    CARRYOVER_CACHE: this.cache,
    PATH: join(this.root, 'bin'),
    // A closed port: tfjs-node's host refuses at once.
    CDN_STORAGE: 'http://127.0.0.1:9/',
    FAKE_CALLS: this.calls,
    // The fake binding is JavaScript.
    NODE_OPTIONS: `--require=${join(this.root, 'hook.cjs')}`,
    npm_config_nodedir: this.root,
  };

  constructor(programs: readonly string[] = ['python3', 'g++']) {
    this.write('hook.cjs', "require.extensions['.node'] = require.extensions['.js'];");
    this.write('include/node/node_api.h', '');
    for (const name of programs) {
      this.write(join('bin', name), name === 'python3' ? PYTHON : COMPILER);
      chmodSync(join(this.root, 'bin', name), 0o755);
    }
  }

  private write(name: string, text: string): void {
    const path = join(this.root, name);
    mkdirSync(join(path, '..'), {recursive: true});
    writeFileSync(path, text);
  }

  /** A project with a tfjs-node that has no binding yet. */
  project(name: string): {folder: string; tfjsNode: string} {
    const inside = join(name, 'node_modules', '@tensorflow', 'tfjs-node');
    const binary = {napi_versions: [3, 8]};
    this.write(
      join(inside, 'package.json'),
      JSON.stringify({version: '4.22.0', main: 'dist/index.js', binary}),
    );
    this.write(join(inside, 'dist', 'index.js'), TFJS_NODE);
    this.write(join(inside, 'binding.gyp'), '');
    this.write(join(inside, 'binding', 'tfjs_binding.cc'), '');
    this.write(join(inside, 'scripts', 'install.js'), INSTALL);
    return {folder: join(this.root, name), tfjsNode: join(this.root, inside)};
  }

  /** The steps that fake programs have been called for, in order, with their process ids. */
  steps(): {name: string; pid: number}[] {
    if (!existsSync(this.calls)) return [];
    const lines = readFileSync(this.calls, 'utf8').trim().split('\n');
    return lines.map(line => ({name: line.split(' ')[0] ?? '', pid: Number(line.split(' ')[1])}));
  }

  /** The names of the steps since the last time. */
  takeSteps(): string[] {
    const names = this.steps().map(({name}) => name);
    rmSync(this.calls, {force: true});
    return names;
  }

  /** Everything that a set-up may leave lying about: temporary folders and locks, in the cache and projects. */
  leftovers(): string[] {
    const names = readdirSync(this.root, {recursive: true, encoding: 'utf8'});
    return names.filter(name => /\.tmp-[^/]*$|\.lock$/.test(name));
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true});
  }
}
