// Compiles the wasm engine's kernel (AssemblyScript) in three builds and writes their bytes as a module, so that no
// bundler has to know of a file beside the code.
import {existsSync, readFileSync} from 'node:fs';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {deflateRawSync} from 'node:zlib';
import asc from 'assemblyscript/asc';
import {root} from './project.mjs';

const SOURCE = 'src/engines/wasm/kernel/index.ts';
const TARGET = 'src/engines/wasm/bytes.generated.ts';
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

const folder = join(root, '.cache', 'kernel');
await rm(folder, {recursive: true, force: true});
await mkdir(folder, {recursive: true});
const lines = [];
for (const [build, features] of Object.entries(BUILDS)) {
  const file = join(folder, `${build}.wasm`);
  const {error, stderr} = await asc.main([SOURCE, '--outFile', file, ...COMMON, ...MEMORY, ...features], {
    reportFunction: undefined,
    baseDir: root,
  });
  if (error) throw new Error(`the kernel does not compile (${build}): ${error.message}\n${stderr}`);
  const packed = deflateRawSync(await readFile(file), {level: 9}).toString('base64');
  lines.push(`  ${build}:\n    '${packed}',`);
}
const text = `// Made by scripts/build-kernel.mjs from kernel/: base64 of deflated WebAssembly.\nexport const KERNELS = {\n${lines.join('\n')}\n} as const;\n`;
// Left alone where it is the same already: what is built of it is up to date then.
const target = join(root, TARGET);
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) await writeFile(target, text);
