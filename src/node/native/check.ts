import {type Environment, lastLine, run} from './process';

// Loading half a gigabyte of library from a cold disk can take a while.
const CHECK_MS = 2 * 60_000;
const PREFIX = 'carryover-native ';

const LOAD_BINDING = `
const binding = require(process.argv[1]);
console.log('${PREFIX}' + JSON.stringify({tensorflow: binding.TF_Version}));
`;

// Two functions that tfjs-node calls and Node is removing.
const LOAD_PACKAGE = `
const util = require('util');
util.isNullOrUndefined = value => value === null || value === undefined;
util.isArray = Array.isArray;
const tf = require(process.argv[1]);
const product = tf.matMul(tf.tensor2d([[1, 2, 3], [4, 5, 6]]), tf.tensor2d([[1, 2], [3, 4], [5, 6]]));
const got = Array.from(product.dataSync()).join();
if (tf.getBackend() !== 'tensorflow') throw new Error('the backend in use is ' + tf.getBackend());
if (got !== '22,28,49,64') throw new Error('a matrix product gives ' + got + ' where 22,28,49,64 is right');
console.log('${PREFIX}' + JSON.stringify({tensorflow: tf.backend().binding.TF_Version}));
`;

export type Checked = {tensorflow: string} | string;

async function check(script: string, path: string, env: Environment): Promise<Checked> {
  const ran = await run(process.execPath, ['-e', script, path], {
    env: {...env, TF_CPP_MIN_LOG_LEVEL: env.TF_CPP_MIN_LOG_LEVEL ?? '2'},
    timeout: CHECK_MS,
  });
  const report = ran.stdout.split('\n').find(line => line.startsWith(PREFIX));
  if (ran.code === 0 && report !== undefined) return JSON.parse(report.slice(PREFIX.length));
  const reason = ran.stderr.split('\n').find(line => /^\w*Error: /.test(line)) ?? lastLine(ran);
  return ran.code === null ? `the check was killed or did not end (${reason})` : reason;
}

/** Loads a binding alone, in a process of its own: TensorFlow's version, or why it does not load. */
export function checkBinding(path: string, env: Environment): Promise<Checked> {
  return check(LOAD_BINDING, path, env);
}

/** Loads the tfjs-node in `folder`, in a process of its own, and multiplies two matrices on its backend. */
export function checkTfjsNode(folder: string, env: Environment): Promise<Checked> {
  return check(LOAD_PACKAGE, folder, env);
}
