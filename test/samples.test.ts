import {execFile} from 'node:child_process';
import {copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import ts from 'typescript';

// The samples of the documents: what a reader copies has types in strict TypeScript, and runs.

interface Sample {
  /** `README.md:3`: the document and the line where the code begins. */
  readonly where: string;
  readonly language: string;
  readonly text: string;
}

/** Parts of the package that samples import, as the sources have them. */
const PATHS = {
  carryover: ['src/index.ts'],
  'carryover/node': ['src/node/index.ts'],
  'carryover/converters': ['converters/index.ts'],
  'carryover/register': ['src/register.ts'],
};

let folder = '';
let samples: readonly Sample[] = [];

async function samplesOf(file: string): Promise<Sample[]> {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(/^```(js|ts)\n([\s\S]*?)^```$/gm)].map(
    ([all, language = '', code = ''], k, list) => {
      const line = text.slice(0, text.indexOf(all, list[k - 1]?.index ?? 0)).split('\n').length + 1;
      return {where: `${file}:${line}`, language, text: code};
    },
  );
}

test.before('writes the samples to files', async () => {
  await mkdir('.cache', {recursive: true});
  folder = await mkdtemp('.cache/samples-');
  const documents = (await readdir('docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`);
  samples = (await Promise.all(['README.md', ...documents].map(samplesOf))).flat();
  await Promise.all(samples.map((sample, k) => writeFile(pathOf(k), sample.text)));
  const options = {
    ...{target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom']},
    ...{types: ['node'], baseUrl: resolve('.'), paths: PATHS},
    ...{
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      resolveJsonModule: true,
      allowJs: true,
      checkJs: true,
    },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions: options, include: ['*']}));
});

test.after.always('removes them', () => rm(folder, {recursive: true, force: true}));

/** A file for each; TypeScript checks programs in JavaScript too. */
const pathOf = (k: number): string =>
  join(folder, `sample${k}.${samples[k]!.language === 'ts' ? 'mts' : 'mjs'}`);

test('the README has samples of several kinds', t => {
  t.true(samples.filter(({where}) => where.startsWith('README.md')).length >= 4);
});

test('every sample has types in strict TypeScript', t => {
  const config = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile).config;
  const {options, fileNames} = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const program = ts.createProgram(fileNames, options);
  const found = ts
    .getPreEmitDiagnostics(program)
    .filter(({file}) => file?.fileName.includes('/samples-'))
    .map(({file, messageText, start}) => {
      const where = samples[Number(/sample(\d+)/.exec(file!.fileName)![1])]!.where;
      const {line} = file!.getLineAndCharacterOfPosition(start!);
      return `${where} + ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  t.is(
    program.getSourceFiles().filter(({fileName}) => fileName.includes('/samples-')).length,
    samples.length,
  );
  t.deepEqual(found, []);
});

const execute = promisify(execFile);

/** Samples for pages get their files from a server. */
const isForPages = ({text}: Sample): boolean => /\bfetch\(/.test(text);

test("the README's samples run", async t => {
  const demo = 'fixtures/demo';
  for (const name of ['weights.h5', 'model.json', 'x.npy'])
    await copyFile(join(demo, name), join(folder, name));
  const tsx = `--import=${resolve('node_modules/tsx/dist/esm/index.mjs')}`;
  const env = {...process.env, TSX_TSCONFIG_PATH: resolve(folder, 'tsconfig.json')};
  let count = 0;
  for (const [k, sample] of samples.entries()) {
    if (!sample.where.startsWith('README.md') || isForPages(sample)) continue;
    const run = execute(process.execPath, [tsx, resolve(pathOf(k))], {cwd: folder, env});
    await t.notThrowsAsync(run, sample.where);
    count += 1;
  }
  t.true(count >= 3);
});
