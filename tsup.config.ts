import {readFile, writeFile} from 'node:fs/promises';
import {defineConfig} from 'tsup';

/** How the bundler turns `import('h5wasm')` into CommonJS; h5wasm is an ES module only, and cannot be required. */
const REQUIRED =
  /Promise\.resolve\(\)\.then\(\(\) => _interopRequireWildcard\(require\((["'])(h5wasm[^"']*)\1\)\)\)/g;

/** Node imports ES modules from CommonJS as well: the import is put back. */
const keepImports = {
  name: 'keep-imports',
  async buildEnd({writtenFiles}: {writtenFiles: readonly {readonly name: string}[]}): Promise<void> {
    for (const {name} of writtenFiles.filter(file => file.name.endsWith('.cjs'))) {
      const text = await readFile(name, 'utf8');
      const kept = text.replace(REQUIRED, 'import($1$2$1)');
      if (kept !== text) await writeFile(name, kept);
    }
  },
};

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    converters: 'converters/index.ts',
    node: 'src/node/index.ts',
    'setup-native': 'src/node/native/setup.ts',
    register: 'src/register.ts',
    'index-node': 'src/node/main.ts',
    'register-node': 'src/node/register.ts',
    bin: 'src/cli/bin.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'neutral',
  external: [/^node:/, /^@tensorflow\//, /^onnxruntime-/],
  dts: {
    entry: {
      index: 'src/index.ts',
      converters: 'converters/index.ts',
      node: 'src/node/index.ts',
      register: 'src/register.ts',
    },
  },
  splitting: true,
  clean: true,
  sourcemap: false,
  plugins: [keepImports],
});
