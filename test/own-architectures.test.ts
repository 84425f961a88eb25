import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {readNpy} from '../converters/npy/read';
import {useBackend} from '../src/node/backend';
import {openModel} from '../src/node/load';
import {compare} from '../src/verify/compare';
import {runModel} from '../src/verify/verify';

test.before(() => useBackend('cpu'));

/** Files of these libraries that say themselves what the network is. */
const files = ['neupy-0.8.2', 'epynn'].flatMap(family =>
  readdirSync(join('fixtures/golden', family)).flatMap(name => {
    const folder = join('fixtures/golden', family, name);
    const own = readdirSync(folder).filter(file => /^(net|model)\./.test(file));
    return own.map(file => [folder, file] as const);
  }),
);

for (const [folder, file] of files) {
  test.serial(`${folder}/${file} runs on the architecture that it stores itself`, async t => {
    const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
    const {model} = await openModel(join(folder, file));
    const load = (name: string) => readNpy(readFileSync(join(folder, name)), name);
    const [[, input], [, output]] = [
      Object.entries(golden.inputs)[0]!,
      Object.entries(golden.outputs)[0]!,
    ] as [[string, string], [string, string]];
    const [y] = runModel(model, [load(input)]).values();
    const numbers = (array: typeof y) => ({shape: array!.shape, values: array!.values as Float32Array});
    t.true(compare('y', numbers(y), numbers(load(output)), golden.tolerance).passed);
  });
}

test('there are such files', t => t.true(files.length > 30));
