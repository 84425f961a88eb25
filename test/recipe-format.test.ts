import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import {parseArchitecture} from '../src/model/parse';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {openModel} from '../src/node/load';

// The recipe format as docs/recipes.md specifies it.

const GOLDEN = 'fixtures/golden';
const folder = mkdtempSync(join(tmpdir(), 'carryover-recipes-'));

test.before(() => useBackend('cpu'));

test.after.always(() => rmSync(folder, {recursive: true, force: true}));

/** The examples of the documentation, each for the golden case that its code block names. */
const examples = [
  ...readFileSync('docs/recipes.md', 'utf8').matchAll(/^```json (\S+)\n([\s\S]*?)^```$/gm),
].map(([, name = '', text = '']) => ({name, text}));

test('the documentation has an example for every construct', t => {
  const all = examples.map(({text}) => text).join('');
  const constructs = [
    'from',
    'outputs',
    'cell',
    'cell_fw',
    'cell_bw',
    'cells',
    'wrap',
    'file',
    'version',
    'comment',
  ];
  for (const field of constructs) t.regex(all, new RegExp(`"${field}":`), field);
  t.is(examples.length, 7);
});

for (const {name, text} of examples) {
  test.serial(`the documented recipe for ${name} runs and gives what the library gave`, async t => {
    const target = join(folder, name.replaceAll('/', '_'));
    cpSync(join(GOLDEN, name), target, {recursive: true});
    writeFileSync(join(target, 'recipe.json'), text);
    const {passed, failed, cases} = await runGoldenTree([target]);
    t.is(failed, 0, JSON.stringify(cases));
    t.true(passed > 0);
  });
}

type Recipe = Record<string, unknown> & {
  inputs: Record<string, unknown>[];
  layers: Record<string, unknown>[];
};

/** A recipe of a golden case with one thing changed. */
function changed(name: string, change: (recipe: Recipe) => void): Recipe {
  const recipe = JSON.parse(readFileSync(join(GOLDEN, name, 'recipe.json'), 'utf8')) as Recipe;
  change(recipe);
  return recipe;
}

const [LSTM, RNN, LASAGNE, RESIDUAL] = [
  'keras-0.1.1/stack2_lstm',
  'tf1.15-rnn/basic_lstm_fb0_lengths',
  'lasagne/gru_mask',
  'tf1.15-rnn/residual_basic_lstm',
] as const;

const cellOf = (recipe: Recipe) => recipe.layers[0]!.cell as Record<string, unknown>;

const REFUSED: Record<string, {case: string; change: (recipe: Recipe) => void; message: RegExp}> = {
  'a field of the recipe': {
    case: LSTM,
    change: recipe => Object.assign(recipe, {output: ['y']}),
    message:
      /^recipe: a recipe has no field "output" \(did you mean 'outputs'\?\); there are carryover, inputs/,
  },
  'a field of an input': {
    case: LSTM,
    change: recipe => Object.assign(recipe.inputs[0]!, {type: 'int32'}),
    message: /inputs 0: a recipe's input has no field "type" \(did you mean 'dtype'\?\)/,
  },
  'a field of a layer': {
    case: LSTM,
    change: recipe => Object.assign(recipe.layers[1]!, {inputs: ['x']}),
    message:
      /layers 1: a recipe's layer has no field "inputs"; It has|layers 1: a recipe's layer has no field "inputs"/,
  },
  'a field of a layer that is spelt nearly right': {
    case: LSTM,
    change: recipe => Object.assign(recipe.layers[1]!, {variabels: {}}),
    message: /did you mean 'variables'\?/,
  },
  'a field of a cell': {
    case: RESIDUAL,
    change: recipe => Object.assign((cellOf(recipe).cells as object[])[0]!, {wraps: []}),
    message: /cells 0: a recipe's cell has no field "wraps" \(did you mean 'wrap'\?\)/,
  },
  'a field of a wrapper': {
    case: RESIDUAL,
    change: recipe => Object.assign(cellOf(recipe), {wrap: [{class: 'DropoutWrapper', configs: {}}]}),
    message: /wrap 0: a recipe's wrapper has no field "configs" \(did you mean 'config'\?\)/,
  },
  'a field of an array': {
    case: LSTM,
    change: recipe => Object.assign(recipe.layers[0]!.variables as object, {W_i: {fille: 'a.npy'}}),
    message: /variables: W_i: a recipe's array has no field "fille" \(did you mean 'file'\?\)/,
  },
  'a field with the name of something that every object has': {
    case: LSTM,
    change: recipe => Object.assign(recipe.layers[0]!, {constructor: 1}),
    message: /has no field "constructor"/,
  },
  'a field whose name holds a line break': {
    case: LSTM,
    change: recipe => Object.assign(recipe.layers[0]!, {'a\nb': 1}),
    message: /^[^\n]*has no field "a\\nb"[^\n]*$/,
  },
  'a library that does not exist': {
    case: LSTM,
    change: recipe => Object.assign(recipe.layers[0]!, {library: 'keras_0'}),
    message: /library: "keras_0" is not known \(did you mean 'keras0'\?\); there are epynn, keras0, /,
  },
  'a library of a cell that is not its layer’s': {
    case: RNN,
    change: recipe => Object.assign(cellOf(recipe), {library: 'keras2'}),
    message: /cell: is of keras2; the layer around it is of tf1/,
  },
  'a dtype that does not exist': {
    case: LSTM,
    change: recipe => Object.assign(recipe.inputs[0]!, {dtype: 'flaot32'}),
    message: /dtype: "flaot32" is not known \(did you mean 'float32'\?\)/,
  },
  'a size that is no size': {
    case: LSTM,
    change: recipe => Object.assign(recipe.inputs[0]!, {shape: [null, null, '5']}),
    message: /inputs 0: shape: found "5"; expected a size, or null/,
  },
  'an input that nothing reads': {
    case: LSTM,
    change: recipe => recipe.inputs.push({name: 'mask', shape: [null, null]}),
    message: /no layer reads input 'mask'/,
  },
  'two inputs of one name': {
    case: LSTM,
    change: recipe => recipe.inputs.push({...recipe.inputs[0]}),
    message: /two inputs are called 'x'/,
  },
  'a mask that does not exist': {
    case: LASAGNE,
    change: recipe => Object.assign(recipe.layers[0]!.config as object, {mask_input: 'maks'}),
    message: /mask_input: 'maks' is neither an input nor a layer before this one; there are x, mask/,
  },
  'a recipe without inputs': {
    case: LSTM,
    change: recipe => Object.assign(recipe, {inputs: []}),
    message: /a recipe without inputs/,
  },
  'a recipe without layers': {
    case: LSTM,
    change: recipe => Object.assign(recipe, {layers: []}),
    message: /a recipe without layers/,
  },
  'no outputs': {
    case: LSTM,
    change: recipe => Object.assign(recipe, {outputs: []}),
    message: /outputs: an empty list/,
  },
  'an output that does not exist': {
    case: LSTM,
    change: recipe => Object.assign(recipe, {outputs: ['lstm_3']}),
    message: /'lstm_3' is neither an input, a layer nor a layer's output; there are x, lstm_1, lstm_2/,
  },
};

for (const [what, {case: name, change, message}] of Object.entries(REFUSED)) {
  test(`a recipe is refused for ${what}`, t => {
    const recipe = JSON.parse(JSON.stringify(changed(name, change)));
    const error = t.throws(() => parseArchitecture(recipe, 'recipe'), {instanceOf: CarryoverError});
    t.is(error?.code, 'E_ARCHITECTURE');
    t.regex(error?.message ?? '', message);
  });
}

test('comments are allowed in every object, and what was assumed beside the recipe', t => {
  const comment = 'as the paper has it';
  const plain = changed(RESIDUAL, () => {});
  const told = changed(RESIDUAL, recipe => {
    Object.assign(recipe, {comment, assumed: ['all of it']});
    Object.assign(recipe.inputs[0]!, {comment});
    Object.assign(recipe.layers[0]!, {comment});
    Object.assign(cellOf(recipe), {comment: [comment, comment]});
  });
  t.deepEqual(parseArchitecture(told, 'recipe'), parseArchitecture(plain, 'recipe'));
});

test('an array for a role that the layer does not have is refused', async t => {
  const file = join(GOLDEN, 'lasagne/lstm_peep');
  const refused = async (change: (layer: {config: object; variables: object}) => void, message: RegExp) => {
    const recipe = changed('lasagne/lstm_peep', ({layers}) => change(layers[0] as never));
    const error = await t.throwsAsync(() => openModel(join(file, 'params.npz'), {architecture: recipe}), {
      code: 'E_WEIGHTS',
    });
    t.regex(error?.message ?? '', message);
  };
  await refused(
    ({config}) => Object.assign(config, {peepholes: false}),
    /variables: the layer has no array 'W_cell_to_ingate'/,
  );
  await refused(
    ({variables}) => Object.assign(variables, {b_igate: 'arr_2'}),
    /no array 'b_igate' \(did you mean 'b_ingate'\?\)/,
  );
});

/** Arguments that no table has: silence would mean other numbers than the recipe says. */
const MISSPELT: Record<
  string,
  {case: string; file: string; change: (recipe: Recipe) => void; message: RegExp}
> = {
  'an argument of a Keras layer': {
    case: LSTM,
    file: 'weights.h5',
    change: recipe => Object.assign(recipe.layers[1]!.config as object, {return_sequence: true}),
    message: /layer 1 .*LSTM of keras0 .* has an argument 'return_sequence'/,
  },
  'an argument of a Lasagne layer': {
    case: 'lasagne/gru',
    file: 'params.npz',
    change: recipe => Object.assign(recipe.layers[0]!.config as object, {only_return_finale: true}),
    message: /GRULayer of lasagne .* has an argument 'only_return_finale'/,
  },
  'an argument of a function of TensorFlow': {
    case: 'tf1.15-rnn/basic_lstm',
    file: 'v2/model.ckpt',
    change: recipe => Object.assign(recipe.layers[0]!.config as object, {time_mayor: true}),
    message: /dynamic_rnn of tf1 .* has an argument 'time_mayor'/,
  },
  'an argument of a cell': {
    case: 'tf1.15-rnn/basic_lstm',
    file: 'v2/model.ckpt',
    change: recipe => Object.assign(cellOf(recipe).config as object, {forget_bia: 0}),
    message: /BasicLSTMCell of tf1 .* has an argument 'forget_bia'/,
  },
  'an argument of a wrapper': {
    case: 'tf1.15-rnn/basic_lstm',
    file: 'v2/model.ckpt',
    change: recipe =>
      Object.assign(cellOf(recipe), {wrap: [{class: 'DropoutWrapper', config: {input_keep_prb: 0.5}}]}),
    message: /DropoutWrapper of tf1 .* has an argument 'input_keep_prb'/,
  },
  'an argument of a stack': {
    case: RESIDUAL,
    file: 'v2/model.ckpt',
    change: recipe => Object.assign(cellOf(recipe), {config: {state_is_tupl: false}}),
    message: /MultiRNNCell of tf1 .* has an argument 'state_is_tupl'/,
  },
  'a cell that the function does not take': {
    case: 'tf1.15-rnn/basic_lstm',
    file: 'v2/model.ckpt',
    change: recipe => Object.assign(recipe.layers[0]!, {cell_fw: cellOf(recipe)}),
    message: /dynamic_rnn has no "cell_fw"; expected cell/,
  },
  'a cell in a layer that has none': {
    case: 'lasagne/gru',
    file: 'params.npz',
    change: recipe => Object.assign(recipe.layers[0]!, {cell: {class: 'GRUCell', config: {num_units: 4}}}),
    message: /GRULayer of lasagne takes no "cell"/,
  },
  'cells in a cell that has none': {
    case: 'tf1.15-rnn/basic_lstm',
    file: 'v2/model.ckpt',
    change: recipe => Object.assign(cellOf(recipe), {cells: [{class: 'GRUCell', config: {num_units: 4}}]}),
    message: /BasicLSTMCell holds no cells; MultiRNNCell does/,
  },
};

for (const [what, {case: name, file, change, message}] of Object.entries(MISSPELT)) {
  test.serial(`a recipe is refused for ${what}`, async t => {
    const architecture = JSON.parse(JSON.stringify(changed(name, change)));
    await t.throwsAsync(openModel(join(GOLDEN, name, file), {architecture}), {
      instanceOf: CarryoverError,
      message,
    });
  });
}
