import {existsSync, statSync} from 'node:fs';
import {mkdir, readdir, rename, rm, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {makeStage} from './cache';
import {WHEEL_VERSION, type WheelTools} from './plan';
import {type Environment, lastLine, run} from './process';

// 200 MB (600 MB for the GPU build) on a slow line.
const DOWNLOAD_MS = 60 * 60_000;
const EXTRACT_MS = 10 * 60_000;

/** The libraries, and the headers that tfjs-node's binding includes (of 9,899 files in the wheel, some 550). */
const MEMBERS = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/',
];

// Reading a member checks its CRC, so what comes out whole was downloaded whole.
const EXTRACT = `
import sys, zipfile
wheel, out, members = sys.argv[1], sys.argv[2], tuple(sys.argv[3:])
try:
    with zipfile.ZipFile(wheel) as z:
        names = [n for n in z.namelist() if n.startswith(members)]
        missing = [m for m in members if not any(n.startswith(m) for n in names)]
        if missing:
            sys.exit('not in the wheel: ' + ', '.join(missing))
        z.extractall(out, names)
except (zipfile.BadZipFile, EOFError) as error:
    print(error)
    sys.exit(3)
`;
const DAMAGED = 3;

export interface WheelContext {
  tools: WheelTools;
  env: Environment;
  gpu: boolean;
  /** Where finished downloads are kept. */
  downloads: string;
  log: (line: string) => void;
}

async function keptWheel({downloads, gpu}: WheelContext): Promise<string | undefined> {
  if (!existsSync(downloads)) return undefined;
  const start = `${gpu ? 'tensorflow' : 'tensorflow_cpu'}-${WHEEL_VERSION}-`;
  const name = (await readdir(downloads)).find(file => file.startsWith(start) && file.endsWith('.whl'));
  return name === undefined ? undefined : join(downloads, name);
}

/** Fetches the wheel with pip, which knows the user's index, proxy and certificates. Returns a failure's reason. */
async function download(context: WheelContext): Promise<{wheel: string} | string> {
  const {tools, env, gpu, downloads, log} = context;
  const requirement = `${gpu ? 'tensorflow' : 'tensorflow-cpu'}==${WHEEL_VERSION}`;
  log(`downloading ${requirement} with pip (about ${gpu ? 500 : 200} MB)`);
  await mkdir(downloads, {recursive: true});
  return makeStage(join(downloads, requirement), async stage => {
    // pip's own temporary files go with the stage when it is interrupted.
    const ran = await run(
      tools.python,
      [
        ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'],
        ...['--progress-bar', 'off', '--no-cache-dir', '--dest', join(stage, 'wheel')],
        ...['--python-version', '311', '--platform', 'manylinux2014_x86_64', requirement],
      ],
      {env: {...env, TMPDIR: stage}, timeout: DOWNLOAD_MS},
    );
    if (ran.code !== 0) return `pip could not download ${requirement}: ${lastLine(ran)}`;
    const [name] = (await readdir(join(stage, 'wheel'))).filter(file => file.endsWith('.whl'));
    if (name === undefined) return `pip downloaded no wheel of ${requirement}`;
    const wheel = join(downloads, name);
    await rename(join(stage, 'wheel', name), wheel);
    log(`downloaded ${(statSync(wheel).size / 1e6).toFixed(0)} MB`);
    return {wheel};
  });
}

async function extract(wheel: string, out: string, {tools, env}: WheelContext) {
  return run(tools.python, ['-c', EXTRACT, wheel, out, ...MEMBERS], {env, timeout: EXTRACT_MS});
}

/**
 * Fills `stage` with `deps/lib` and `deps/include` as tfjs-node's build expects them, from TensorFlow's wheel
 * for Python, which holds the same C API as libtensorflow. Returns why not, where it did not.
 */
export async function unpackWheel(stage: string, context: WheelContext): Promise<string | undefined> {
  const kept = await keptWheel(context);
  let got = kept === undefined ? await download(context) : {wheel: kept};
  if (typeof got === 'string') return got;
  context.log('unpacking the TensorFlow library');
  let ran = await extract(got.wheel, stage, context);
  if (ran.code === DAMAGED && kept !== undefined) {
    context.log(`${kept} is damaged (${lastLine(ran)}): fetching it again`);
    await rm(kept, {force: true});
    await rm(join(stage, 'tensorflow'), {recursive: true, force: true});
    got = await download(context);
    if (typeof got === 'string') return got;
    ran = await extract(got.wheel, stage, context);
  }
  if (ran.code !== 0) return `${got.wheel} could not be unpacked: ${lastLine(ran)}`;

  const lib = join(stage, 'deps', 'lib');
  await mkdir(lib, {recursive: true});
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    await rename(join(stage, 'tensorflow', name), join(lib, name));
  }
  // The names that -ltensorflow and -ltensorflow_framework look for.
  await symlink('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
  await rename(join(stage, 'tensorflow', 'include'), join(stage, 'deps', 'include'));
  await rm(join(stage, 'tensorflow'), {recursive: true, force: true});
  return undefined;
}
