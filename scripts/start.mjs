// The main job on the demo model: what is in its files, what it answers here and in Python, and how close the
// numbers are. With sums as arguments (npm start -- 12+34), it answers those.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {root, run, say} from './project.mjs';

const DEMO = 'fixtures/demo';
const SHOWN = 6;
const MODEL = [`${DEMO}/weights.h5`, '--architecture', `${DEMO}/model.json`];

const demo = JSON.parse(readFileSync(join(root, DEMO, 'demo.json'), 'utf8'));
const {library, version, python, backend: origin} = demo.trained_with;
const release = `${library[0].toUpperCase()}${library.slice(1)} ${version}`;

/** Shows a command of the command line as a user types it, and runs it. */
async function carryover(...args) {
  console.log(`$ npx carryover ${args.join(' ')}\n`);
  const code = await run(process.execPath, ['dist/bin.js', ...args]);
  if (code !== 0) process.exit(code);
}

/** The library, its backend and the demo model; `ask` gives the model's answers to questions such as `37+47`. */
async function load() {
  const carryover = await import(pathToFileURL(join(root, 'dist', 'node.js')).href);
  const backend = await carryover.useBackend();
  const [weights, architecture] = ['weights.h5', 'model.json'].map(name => join(root, DEMO, name));
  const model = await carryover.loadModel(weights, {architecture, version});
  const ask = questions => {
    const answers = carryover.runModel(model, encode(questions)).get('y');
    return questions.map((_, row) => decode(answers, row));
  };
  return {ask, backend};
}

/** One row of 0 and a single 1 per character; characters missing on the left are rows of zeros, which are masked. */
function encode(questions) {
  const {input_alphabet: alphabet} = demo;
  const [length, letters] = [demo.questions[0].length, alphabet.length];
  const values = new Float32Array(questions.length * length * letters);
  for (const [row, question] of questions.entries()) {
    for (const [step, character] of [...question.padStart(length)].entries()) {
      const letter = alphabet.indexOf(character);
      if (letter >= 0) values[(row * length + step) * letters + letter] = 1;
    }
  }
  return {dtype: 'float32', shape: [questions.length, length, letters], values};
}

/** The likeliest character of each step. */
function decode({shape: [, steps, letters], values}, row) {
  const characters = Array.from({length: steps}, (_, step) => {
    const start = (row * steps + step) * letters;
    const odds = values.subarray(start, start + letters);
    return demo.output_alphabet[odds.indexOf(Math.max(...odds))];
  });
  return characters.join('');
}

async function answer(sums) {
  const questions = sums.flatMap(text => text.split(/\s+/)).filter(Boolean);
  const odd = questions.find(text => !/^\d{1,2}\+\d{1,2}$/.test(text));
  if (odd !== undefined)
    throw new Error(`'${odd}': the model learnt sums of two numbers below 100, such as 12+34`);
  const {ask} = await load();
  for (const [k, text] of ask(questions).entries()) console.log(`${questions[k]} = ${text.trim()}`);
}

async function show() {
  console.log(`\n${demo.title}.`);
  console.log(
    `${release} trained it (Python ${python}, ${origin}) and saved two files. No Python from here on.\n`,
  );
  console.log('1  What is in the files\n');
  await carryover('inspect', ...MODEL);

  const {ask, backend} = await load();
  const where = backend === 'tensorflow' ? 'TensorFlow’s native backend' : 'tfjs’s cpu backend';
  console.log(`\n2  What the model answers: here, on ${where}, and in ${release}\n`);
  const {questions, predicted, answers} = demo;
  const here = ask(questions);
  const line = (...cells) =>
    console.log(
      cells
        .map(cell => cell.trim().padEnd(15))
        .join('')
        .trimEnd(),
    );
  line('question', 'here', release, 'right');
  for (const [k, question] of questions.entries()) {
    if (k < SHOWN || predicted[k] !== answers[k]) line(question, here[k], predicted[k], answers[k]);
  }
  const same = here.filter((text, k) => text === predicted[k]).length;
  const wrong = predicted.filter((text, k) => text !== answers[k]).length;
  const included = wrong === 0 ? '' : `, the wrong ${wrong === 1 ? 'one' : 'ones'} included`;
  console.log(`
${same} of ${questions.length} answers are those that ${release} gave${included}.`);
  if (same < questions.length) process.exitCode = 1;

  console.log('\n3  The numbers behind the answers: parity with Python\n');
  const data = ['--input', `${DEMO}/x.npy`, '--expect', `${DEMO}/y.npy`, '--library-version', version];
  await carryover('verify', ...MODEL, ...data, '--backend', backend);
  console.log('\nAsk it yourself: npm start -- 12+34');
}

try {
  const sums = process.argv.slice(2);
  await (sums.length > 0 ? answer(sums) : show());
} catch (error) {
  say(`start: ${error.message}`);
  process.exitCode = 1;
}
