import test from 'ava';
import {show} from '../scripts/show';

// What CONTRIBUTING.md names for looking inside: each listing is of a call whose parts are known.

const CASE = 'keras-0.2.0/lstm_seq_mask_tail';

test.serial('a step is listed with its derivative, its mask rule included', async t => {
  const text = await show('step', CASE);
  t.regex(text, /^lstm of 4 units, x \[3, 7, 5\], returns sequence, masks: forget\nstep:/);
  t.regex(text, /%2 = mask of "previous"/);
  t.regex(text, /derivative:\n[\s\S]*upstream/);
});

test.serial('a wasm program is listed section by section, with the words of its instructions', async t => {
  const text = await show('program', CASE);
  t.regex(text, /\nforward: \d+ words\nbefore:/);
  // Five features times the kernel, before the steps; four units times the recurrent kernel, at each.
  t.regex(text, /\nopen:\n[\s\S]*product: a data.* depth 5,[\s\S]*\nstep:\n[\s\S]*product: .* depth 4,/);
  t.regex(text, /operation hardSigmoid, .* p 0\.2\d*, q 0\.5/);
});

test.serial('the graph of the native engine and graphs of files are listed node by node', async t => {
  t.regex(await show('native', CASE), /\nx = Placeholder\(\)\n[\s\S]* = MatMul\(/);
  const file = await show('graph', 'fixtures/golden/tf1.15-rnn/basic_lstm/frozen.pb');
  t.regex(file, /^x = Placeholder\(\)$/m);
});

test.serial('the choice of an engine is told with what each one expected or refused', async t => {
  const text = await show('choice', CASE);
  t.regex(text, /^→ \w+: [\d.]+ ms expected$/m);
  t.regex(text, /^ {2}onnx: ONNX .*forget/m);
});

test.serial('a recurrence may be described instead of named', async t => {
  const text = await show('program', '{"cell": "gru", "reset": "after", "batch": 2, "masked": true}');
  t.regex(text, /^gru of 8 units, x \[2, 10, 4\], returns sequence, masks: holdRepeat\n/);
  t.regex(text, /\nbackward: \d+ words\n[\s\S]*outerProduct/);
});

test.serial('what cannot be shown is told, with what can', async t => {
  await t.throwsAsync(show('nothing', CASE), {message: /'nothing' is none of recurrence, step, program/});
});
