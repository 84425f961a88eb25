import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {parsePythonJson} from '../converters/json/python';
import {readNpy} from '../converters/npy/read';
import {writeNpz} from '../converters/npz/write';
import {useBackend} from '../src/node/backend';
import {openModel, readWeights} from '../src/node/load';
import {verify} from '../src/verify/verify';

// Arrays in a list, as `np.savez(file, *model.get_weights())` has them, beside an architecture.

const GOLDEN = 'fixtures/golden';

test.before(() => useBackend('cpu'));

/** The arrays of a Keras weight file in the order of `get_weights()`. */
async function weightsOf(folder: string): Promise<NdArray[]> {
  const file = await readWeights(join(folder, 'weights.h5'));
  try {
    return file.groups.flatMap(({arrays}) => arrays.map(array => array.read()));
  } finally {
    file.close();
  }
}

const CASES = [
  'keras-0.3.3/model_addition_lstm',
  'keras-1.2.2-theano/bilstm_concat_seq',
  'keras-1.2.2-theano/stack2_gru_seq_tdd',
  'keras-2.2.4-theano/emb_mask_lstm_dense',
  'keras-2.2.4-theano/model_addition_lstm',
];

for (const name of CASES) {
  test(`a list of the arrays of ${name} loads beside its JSON`, async t => {
    const folder = join(GOLDEN, name);
    const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
    const architecture = parsePythonJson(readFileSync(join(folder, 'model.json'), 'utf8'), name) as object;
    const arrays = await weightsOf(folder);
    // A zip may have its members in any order.
    const npz = writeNpz(arrays.map((array, k) => [`arr_${k}`, array] as const).reverse());
    const version = name.startsWith('keras-0') ? golden.made_by.version : undefined;
    const {model} = await openModel(npz, {architecture, version});
    const load = (file: string) => readNpy(readFileSync(join(folder, file)), file);
    t.true(verify(model, load('x.npy'), load('y.npy'), {tolerance: golden.tolerance}).passed);

    const fewer = writeNpz(arrays.slice(1).map((array, k) => [`arr_${k}`, array] as const));
    const message = new RegExp(
      `a list of ${arrays.length - 1} arrays; the model needs ${arrays.length}, of `,
    );
    await t.throwsAsync(openModel(fewer, {architecture, version}), {code: 'E_WEIGHTS', message});
  });
}

test('arrays under names of their own are not taken for a list', async t => {
  const folder = join(GOLDEN, CASES[4]!);
  const architecture = parsePythonJson(
    readFileSync(join(folder, 'model.json'), 'utf8'),
    'model.json',
  ) as object;
  const arrays = await weightsOf(folder);
  const npz = writeNpz(arrays.map((array, k) => [`layer_${String.fromCharCode(97 + k)}`, array] as const));
  await t.throwsAsync(openModel(npz, {architecture}), {code: 'E_WEIGHTS', message: /arrays for 1 layers/});
});
