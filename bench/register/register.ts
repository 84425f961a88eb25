import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayersModel, layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';
import {type Contestant, ratios, spread, takeTurns, timed} from '../../src/cli/bench/turns';
import {setEngine, takeUsedEngines} from '../../src/engines/registry';
import {artifactsOf} from '../../src/model/artifacts';
import type {Case} from '../case';
import {machine, versions, writeResults} from '../report/json';
import {caseTable} from '../report/table';
import type {Settings} from '../settings';

const WORDS = 5000;
const LENGTH = 80;
const TEXTS = 32;
const EMBEDDED = 64;
const UNITS = 64;
/** Of outputs after the same weights, and of outputs after the same training. */
const TOLERANCE = 1e-4;

const [BEFORE, AFTER] = ['tfjs-layers alone', 'after carryover/register'];

/** A classifier of texts as tfjs' own examples have it; nothing here is of Carryover. */
function classifier(): LayersModel {
  // tfjs' own initial values are so small that all texts are answered with 0.5.
  const large = initializers.randomUniform({minval: -1, maxval: 1});
  return sequential({
    layers: [
      layers.embedding({
        inputDim: WORDS,
        outputDim: EMBEDDED,
        inputLength: LENGTH,
        embeddingsInitializer: large,
      }),
      layers.lstm({units: UNITS, recurrentInitializer: 'glorotUniform'}),
      layers.dense({units: 1, activation: 'sigmoid'}),
    ],
  });
}

interface Measured extends Omit<Case, 'problem'> {
  /** The largest difference of the outputs afterwards. */
  readonly off: number;
}

/** One saved tfjs model, loaded before `carryover/register` is imported and after: predict and fit, in turn. */
export async function register({turns, only}: Settings): Promise<void> {
  setEngine('auto');
  const artifacts = await artifactsOf(classifier());
  const load = (): Promise<LayersModel> => loadLayersModel({load: async () => artifacts});
  const plain = await load();
  await import('../../src/node/register');
  const models = [plain, await load()];
  for (const model of models) model.compile({optimizer: tf.train.sgd(0.1), loss: 'binaryCrossentropy'});
  const x = tf.randomUniform([TEXTS, LENGTH], 0, WORDS, 'int32', 3);
  const labels = tf.cast(tf.randomUniform([TEXTS, 1], 0, 2, 'int32', 5), 'float32');
  const predict = async (model: LayersModel): Promise<Float32Array> => {
    const y = model.predict(x) as tf.Tensor;
    const values = Float32Array.from(y.dataSync());
    y.dispose();
    return values;
  };
  const fit = (model: LayersModel): Promise<unknown> =>
    model.fit(x, labels, {batchSize: TEXTS, epochs: 1, verbose: 0, shuffle: false});
  const tasks = {predict, fit};
  for (const [what, run] of Object.entries(tasks)) {
    if (only !== undefined && (only === 'training') !== (what === 'fit')) continue;
    const engines: string[][] = [];
    for (const model of models) {
      takeUsedEngines();
      await run(model);
      engines.push(takeUsedEngines());
    }
    const [want, got] = [await predict(models[0]!), await predict(models[1]!)];
    const off = Math.max(...want.map((value, k) => Math.abs(value - got[k]!)));
    if (!(off <= TOLERANCE)) throw new Error(`register: outputs differ by ${off} after ${what}`);
    const contestants = models.map(
      (model, k): Contestant => ({
        name: [BEFORE, AFTER][k]!,
        block: calls => timed(() => run(model), calls),
      }),
    );
    const times = await takeTurns(contestants, turns);
    const [before, after] = times as [(typeof times)[0], (typeof times)[0]];
    const one: Measured = {
      suite: 'register',
      title: `${what}, text classifier, ${TEXTS} texts of ${LENGTH} words`,
      off,
      rows: contestants.map(({name}, k) => ({
        name,
        remark: engines[k]!.join(', ') || undefined,
        ...spread(times[k]!),
        times: times[k]!.map(time => time ?? null),
      })),
      ratios: [{name: BEFORE, by: AFTER, ...spread(ratios(before, after))}],
      absent: {},
    };
    console.log(`\n${caseTable(one)}\n  outputs within ${off.toExponential(1)}`);
    writeResults('register', [one], {turns, machine: machine(), versions: versions({})});
  }
  tf.dispose([x, labels]);
}
