export const VERBS = ['inspect', 'run', 'verify', 'convert', 'bench', 'setup-native'] as const;
export type Verb = (typeof VERBS)[number];

const MODEL = `
Model options
  --architecture FILE     Keras JSON of any age, or a recipe, for weights that have none
  --weights FILE          the weights, where SOURCE is the architecture or is left out
  --by-name               take the arrays of layers with the same names, leave the others as initialized
  --skip-mismatch         leave arrays out that do not fit their layers, which stay as initialized
  --until LAYER           as much of the model as the output of this layer needs; may be given several times
  --custom Name=MODULE[#EXPORT]
                          your own layer class: EXPORT (default: Name, else default) of a JavaScript module
  --custom Name=CLASS     a class that merely renames one of the library's: ReversedLSTM=LSTM
  --library-version V     the release that wrote the file, where the file does not say it
  --graph                 run the TensorFlow graph in the file as it is, where it also tells its layers
  --signature NAME        the signature by which a SavedModel's graph is called; default serving_default
                          Of a graph, --input NAME and --output NAME may be any of its tensors.`;

const ENGINE = `
Engine options
  --engine NAME           auto (default), native, onnx, wasm or ops
  --backend NAME          auto (default: tensorflow where it is installed), cpu or tensorflow
  --threads N             as many threads for each call, on engines that have threads of their own (onnx, wasm)`;

const COMMON = `
  --json                  one JSON object on stdout
  --help                  this text`;

const TEXTS: Readonly<Record<Verb, string>> = {
  inspect: `carryover inspect SOURCE [options]

Says what a file is: format, library and version, layers and their settings, arrays with shape, dtype and what
they mean, states, and what will not carry over.

  --recipe                write a first recipe for a weight file without architecture
${MODEL}
Other options${COMMON}`,
  run: `carryover run SOURCE --input [NAME=]x.npy ... [--output [NAME=]y.npy ...] [options]

Runs a model. Files without a name are taken in the model's order; a .npz file gives or takes several arrays by
name. Without --output, a summary of each output is printed.

  --input [NAME=]FILE     .npy or .npz, or - for stdin; may be given several times
  --output [NAME=]FILE    .npy or .npz, or - for stdout (as .npy); may be given several times
  --force                 replace files that exist
${MODEL}
${ENGINE}
Other options${COMMON}`,
  verify: `carryover verify SOURCE --input [NAME=]x.npy ... --expect [NAME=]y.npy ... [options]
carryover verify FOLDER... [options]

Runs a model and compares its outputs with those of the original library; or checks golden folders and trees of
them. Exit status 1 where something is out of tolerance.

  --input [NAME=]FILE     .npy or .npz; may be given several times
  --expect [NAME=]FILE    .npy or .npz; may be given several times
  --tolerance T           |got - want| <= T + T |want|; default 1e-5
  --report FILE           a page (HTML) with the results
  --force                 replace a report that exists
${MODEL}
${ENGINE}
Other options${COMMON}`,
  convert: `carryover convert SOURCE OUT [options]

Writes a model as a TensorFlow.js model (model.json and weight files, in the folder OUT), reads it back and runs both.
A model with layers becomes a layers model, a TensorFlow graph a graph model.

  --to FORMAT             tfjs (default), or of a TensorFlow graph saved-model: pruned, its variables constants
  --portable              a graph without recurrences of Carryover: tf.loadGraphModel needs nothing else to load it
  --force                 replace OUT where it is such a folder
${MODEL}
${ENGINE}
Other options${COMMON}`,
  bench: `carryover bench SOURCE --input [NAME=]x.npy ... [options]

Times every engine on a model, in turn, and says which one auto takes for each recurrence and what it expected of the
others. With --engine, that one alone is timed beside auto.

  --input [NAME=]FILE     .npy or .npz; may be given several times
  --rounds N              turns that each engine has; default 9
${MODEL}
${ENGINE}
Other options${COMMON}`,
  'setup-native': `carryover setup-native [--gpu]

Installs the native backend (TensorFlow's own library, through @tensorflow/tfjs-node) for the project in this folder.

  --gpu                   the build with GPU kernels
Other options${COMMON}`,
};

/** How a verb is used, or which verbs there are. */
export function help(verb?: Verb): string {
  if (verb) return TEXTS[verb];
  return `carryover: recurrent networks trained in old Python libraries, running in TensorFlow.js

carryover inspect SOURCE                              what a file is
carryover run SOURCE --input x.npy --output y.npy     runs a model
carryover verify SOURCE --input x.npy --expect y.npy  compares it with what the original library gave
carryover verify FOLDER...                            checks golden folders
carryover convert SOURCE OUT                          writes a TensorFlow.js model, or a SavedModel
carryover bench SOURCE --input x.npy                  times every engine on it
carryover setup-native                                installs the native backend

carryover VERB --help says more; carryover --version says which release this is.
Exit status: 0 done, 1 a check failed, 2 bad usage or bad input.`;
}
