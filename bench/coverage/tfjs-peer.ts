// tfjs as people have it, without Carryover in the process: loads a model that the official converter wrote, and runs it.
// Orders come on stdin and are answered on stdout, one JSON object a line:
//   {"folder": of a model.json, "inputs": [names in order] or null, "calls": [{"reset", "inputs": {name: npy}}], "out": folder}
//   -> {"outputs": [[npy, ...], ...], "kind": "layers" or "graph"} or {"error": words, "type": class of the error}
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import type {NdArray} from '../../converters/arrays';
import {readNpy} from '../../converters/npy/read';
import {writeNpy} from '../../converters/npy/write';

interface Order {
  readonly folder: string;
  readonly inputs: readonly string[] | null;
  readonly calls: readonly {readonly reset: boolean; readonly inputs: Readonly<Record<string, string>>}[];
  readonly out: string;
}

interface Port {
  readonly name: string;
  readonly dtype: tf.DataType;
}

/** The files of a model, as tfjs' own handlers for files give them. */
function handler(folder: string): tf.io.IOHandler {
  const load = async (): Promise<tf.io.ModelArtifacts> => {
    const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
    return tf.io.getModelArtifactsForJSON(json, async manifest => {
      const bytes = manifest.flatMap(({paths}) => paths.map(path => readFileSync(join(folder, path))));
      return [tf.io.getWeightSpecs(manifest), new Uint8Array(Buffer.concat(bytes)).buffer];
    });
  };
  return {load};
}

const isGraph = (folder: string): boolean =>
  (JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {format?: string}).format ===
  'graph-model';

function toTensor({values, shape}: NdArray, dtype: tf.DataType): tf.Tensor {
  const numbers = Array.from(values as ArrayLike<number | bigint>, Number);
  return tf.tensor(numbers, [...shape], dtype === 'int32' || dtype === 'bool' ? dtype : 'float32');
}

/** Data in the order of the model's inputs: by name, or where names differ, in order. */
function inOrder(ports: readonly Port[], files: Readonly<Record<string, string>>): tf.Tensor[] {
  const paths = Object.values(files);
  const byName = ports.every(({name}) => Object.hasOwn(files, name));
  if (!byName && ports.length !== paths.length)
    throw new Error(`the model has ${ports.length} inputs; there are data for ${paths.length}`);
  return ports.map(({name, dtype}, k) =>
    toTensor(readNpy(readFileSync(byName ? files[name]! : paths[k]!)), dtype),
  );
}

type Run = (files: Readonly<Record<string, string>>) => Promise<tf.Tensor[]>;

async function layersModel(folder: string): Promise<{readonly run: Run; readonly reset: () => void}> {
  const model = await tf.loadLayersModel(handler(folder));
  const ports = model.inputs.map(({name, dtype}, k) => ({name: model.inputNames[k] ?? name, dtype}));
  const run: Run = async files => {
    const xs = inOrder(ports, files);
    const y = model.predict(xs.length === 1 ? xs[0]! : xs, {batchSize: xs[0]!.shape[0]});
    return Array.isArray(y) ? y : [y];
  };
  return {run, reset: () => model.resetStates()};
}

/** `in_00` and so on are the inputs of models that were saved for this; other names are those of the file's own signature. */
async function graphModel(folder: string, names: readonly string[] | null): Promise<{readonly run: Run}> {
  const model = await tf.loadGraphModel(handler(folder));
  const plain = (name: string): string => name.replace(/:\d+$/, '').replace(/^serving_default_/, '');
  const ports = model.inputs.map(({name, dtype}) => ({
    name: names?.[Number(/^in_(\d+)$/.exec(plain(name))?.[1] ?? Number.NaN)] ?? plain(name),
    dtype,
  }));
  const places = (names ?? ports.map(({name}) => name)).map(name =>
    ports.findIndex(port => port.name === name),
  );
  const ordered = places.map(place => ports[place]!);
  const run: Run = async files => {
    const xs = inOrder(ordered, files);
    const feed = Object.fromEntries(places.map((place, k) => [model.inputs[place]!.name, xs[k]!]));
    const y = await model.executeAsync(feed);
    return Array.isArray(y) ? y : [y];
  };
  return {run};
}

async function obey({folder, inputs, calls, out}: Order): Promise<object> {
  const graph = isGraph(folder);
  const model = graph ? {...(await graphModel(folder, inputs)), reset: () => {}} : await layersModel(folder);
  mkdirSync(out, {recursive: true});
  const outputs: string[][] = [];
  for (const [k, call] of calls.entries()) {
    if (call.reset) model.reset();
    const tensors = await model.run(call.inputs);
    outputs.push(
      tensors.map((tensor, n) => {
        const path = join(out, `call${k}-${n}.npy`);
        const values = Float32Array.from(tensor.dataSync());
        writeFileSync(path, writeNpy({dtype: 'float32', shape: tensor.shape, values}));
        return path;
      }),
    );
  }
  return {outputs, kind: graph ? 'graph' : 'layers'};
}

// Warnings of tfjs are no answers.
console.log = console.warn = console.info = (...words: unknown[]) => console.error(...words);
await tf.setBackend('cpu');
const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
say({versions: {'@tensorflow/tfjs': tf.version.tfjs, node: process.versions.node}});
for await (const line of createInterface({input: process.stdin})) {
  try {
    say(await obey(JSON.parse(line) as Order));
  } catch (error) {
    const {message, name} = error as Error;
    say({
      error: String(message ?? error)
        .split('\n')[0]!
        .slice(0, 300),
      type: name,
    });
  } finally {
    tf.disposeVariables();
  }
}
