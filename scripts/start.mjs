// The main job on the demo model: what is in the file, and how its predictions compare with Python's.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {root, run} from './project.mjs';

const DEMO = 'fixtures/demo';
const ARCHITECTURE = ['--architecture', `${DEMO}/model.json`];

async function carryover(...args) {
  const code = await run(process.execPath, ['dist/bin.js', ...args]);
  if (code !== 0) process.exit(code);
}

const {nativeStatus} = await import(pathToFileURL(join(root, 'dist', 'setup-native.js')).href);
const native = nativeStatus(root);
const {made_by: origin} = JSON.parse(readFileSync(join(root, DEMO, 'golden.json'), 'utf8'));
const library = `${origin.library} ${origin.version}`;

console.log(`A model that ${library} trained and saved\n`);
await carryover('inspect', `${DEMO}/weights.h5`, ...ARCHITECTURE);

const where = native.available
  ? `on the native backend (TensorFlow ${native.tensorflow})`
  : 'on tfjs’s cpu backend, since the native one is not available';
console.log(`\nIts predictions ${where}, beside those of ${library}\n`);
await carryover(
  ...['verify', `${DEMO}/weights.h5`, ...ARCHITECTURE],
  ...['--input', `${DEMO}/x.npy`, '--expect', `${DEMO}/y.npy`],
  ...['--backend', native.available ? 'tensorflow' : 'cpu'],
);
