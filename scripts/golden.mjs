// Golden cases from the sources, nothing built: npm run golden -- NAME... [--engine E] [--backend B] [--json]
// NAME is a case, a family or a part of either (lstm_seq, keras-0.2.0, keras-0.2.0/lstm_seq_mask); none means all.
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {root, run, say} from './project.mjs';

const GOLDEN = 'fixtures/golden';

/** Every case as `family/case`. */
function allCases() {
  const families = readdirSync(join(root, GOLDEN)).sort();
  return families.flatMap(family => {
    const cases = readdirSync(join(root, GOLDEN, family)).sort();
    return cases.map(name => `${family}/${name}`);
  });
}

/** The cases that a word names: exactly, else those that have it in their names. */
function named(word, cases) {
  const text = word.replace(/^fixtures\/golden\//, '').replace(/\/$/, '');
  const exact = cases.filter(name => name === text || name.split('/').includes(text));
  const found = exact.length > 0 ? exact : cases.filter(name => name.includes(text));
  if (found.length === 0) throw new Error(`no golden case has '${word}' in its name; see ${GOLDEN}`);
  return found;
}

try {
  const args = process.argv.slice(2);
  const first = args.findIndex(arg => arg.startsWith('--'));
  const words = first < 0 ? args : args.slice(0, first);
  const options = first < 0 ? [] : args.slice(first);
  const has = name => options.some(option => option === name || option.startsWith(`${name}=`));
  if (!existsSync(join(root, 'src/engines/wasm/bytes.generated.ts'))) throw new Error('first: npm run setup');
  const cases = allCases();
  const chosen = words.length > 0 ? [...new Set(words.flatMap(word => named(word, cases)))] : cases;
  // The readable reference on the backend that is always there, unless told otherwise.
  const engine = has('--engine') ? [] : ['--engine', 'ops'];
  const backend = has('--engine') || has('--backend') ? [] : ['--backend', 'cpu'];
  const folders = chosen.map(name => `${GOLDEN}/${name}`);
  const verify = ['--import=tsx', 'src/cli/bin.ts', 'verify', ...folders, ...engine, ...backend, ...options];
  process.exitCode = await run(process.execPath, verify);
} catch (error) {
  say(`golden: ${error.message}`);
  process.exitCode = 2;
}
