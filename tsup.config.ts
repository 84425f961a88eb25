import {defineConfig} from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    converters: 'converters/index.ts',
    node: 'src/node/index.ts',
    'setup-native': 'src/node/native/setup.ts',
    register: 'src/register.ts',
    bin: 'src/cli/bin.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'neutral',
  external: [/^node:/, /^@tensorflow\//],
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
});
