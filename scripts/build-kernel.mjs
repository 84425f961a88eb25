// Compiles the wasm engine's kernel (AssemblyScript) in three builds and writes their bytes as a module, so that
// bundlers need no configuration.
import {existsSync, readFileSync} from 'node:fs';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {deflateRawSync} from 'node:zlib';
import asc from 'assemblyscript/asc';
import {tsImport} from 'tsx/esm/api';
import {root} from './project.mjs';
import {kernelDispatch, kernelLayouts} from './wasm/kernel-isa.mjs';

const ENGINE = 'src/engines/wasm';
const BUILDS = {
  relaxed: ['--enable', 'simd', '--enable', 'relaxed-simd'],
  simd: ['--enable', 'simd'],
  scalar: ['--disable', 'simd'],
};
// Nothing of AssemblyScript's own runtime: the kernel's memory is managed from outside, and shared by threads.
const COMMON = [
  ...(process.env.KERNEL_NAMES ? ['--debug'] : []),
  '-O3',
  '--converge',
  '--runtime',
  'stub',
  '--noAssert',
  '--noExportMemory',
];
const MEMORY = ['--importMemory', '--sharedMemory', '--maximumMemory', '65536', '--enable', 'threads'];

/** Leaves a file alone that is the same already: what is built of it is up to date then. */
async function generate(name, text) {
  const file = join(root, ENGINE, name);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) await writeFile(file, text);
}

async function compile(build, folder) {
  const file = join(folder, `${build}.wasm`);
  const options = ['--outFile', file, ...COMMON, ...MEMORY, ...BUILDS[build]];
  const {error, stderr} = await asc.main([`${ENGINE}/kernel/index.ts`, ...options], {
    reportFunction: undefined,
    baseDir: root,
  });
  if (error) throw new Error(`the kernel does not compile (${build}): ${error.message}\n${stderr}`);
  return readFile(file);
}

const isa = await tsImport(`../${ENGINE}/isa.ts`, import.meta.url);
await generate('kernel/isa.generated.ts', kernelLayouts(isa));
await generate('kernel/dispatch.generated.ts', kernelDispatch(isa));

const folder = join(root, '.cache', 'kernel');
await rm(folder, {recursive: true, force: true});
await mkdir(folder, {recursive: true});
const kernels = [];
for (const build of Object.keys(BUILDS)) kernels.push(await compile(build, folder));
// Deflated as one: the builds have most of their code in common.
const packed = deflateRawSync(Buffer.concat(kernels), {level: 9}).toString('base64');
const sizes = Object.keys(BUILDS).map((build, k) => `${build}: ${kernels[k].length}`);
await generate(
  'bytes.generated.ts',
  `// Made by scripts/build-kernel.mjs from kernel/.

/** Bytes of each build, in the order in which they lie. */
export const SIZES = {${sizes.join(', ')}} as const;

/** All builds, deflated as one, in base64. */
export const KERNELS = '${packed}';
`,
);
