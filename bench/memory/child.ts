/** One engine's memory in a process of its own: `child.ts JSON`, an `Order`; prints a `Taken`. */
import {readFileSync, writeFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {setEngine, takeUsedEngines} from '../../src/engines/registry';
import {useBackend} from '../../src/node/backend';
import {ownLayer} from '../data';
import type {Problem} from '../problem';

export interface Order {
  /** An engine, or `tfjs-layers`. */
  readonly name: string;
  readonly problem: Problem;
}

/** In bytes. */
export interface Taken {
  /** What ran: another engine where the one that was asked for refuses. */
  readonly engine: string;
  /** Resident before there is an input, with everything loaded. */
  readonly before: number;
  /** The most that was resident during the calls. */
  readonly peak: number;
}

/** Makes Linux forget how much was resident at most. */
const FORGET_PEAK = '5';
const CALLS = 2;

function resident(field: 'VmHWM' | 'VmRSS'): number {
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))!;
  return Number(kilobytes) * 1024;
}

const {name, problem: p} = JSON.parse(process.argv[2]!) as Order;
// Where it is what there is; over TensorFlow's tensors all goes in and out as a copy.
await useBackend(name === 'wasm' ? 'cpu' : 'tensorflow');
const plain = name === 'tfjs-layers';
if (!plain) setEngine(name);
const args = {units: p.units, returnSequences: true, recurrentInitializer: 'glorotUniform'} as const;
const layer = plain ? layers.lstm({...args, recurrentActivation: p.gates}) : ownLayer(p);
const optimizer = tf.train.sgd(0.01);

function call(x: tf.Tensor): void {
  const apply = (): tf.Tensor => layer.apply(x) as tf.Tensor;
  const y = p.training ? optimizer.minimize(() => tf.mean(tf.square(apply())) as tf.Scalar, true)! : apply();
  // Of a forward pass the outputs stay where they are: to read them takes a copy, whoever made them.
  if (p.training) y.dataSync();
  y.dispose();
}

const small = tf.zeros([1, 2, p.features]);
// tfjs' own layer has no variables before its first call.
if (plain) (layer.apply(small) as tf.Tensor).dispose();
call(small);
globalThis.gc?.();
const before = resident('VmRSS');
writeFileSync('/proc/self/clear_refs', FORGET_PEAK);
// Made by the backend: random numbers would be made in JavaScript first.
const x = tf.fill([p.batch, p.time, p.features], 0.1);
for (let k = 0; k < CALLS; k++) {
  call(x);
  globalThis.gc?.();
}
const [engine = name] = takeUsedEngines();
const taken: Taken = {engine, before, peak: resident('VmHWM')};
console.log(JSON.stringify(taken));
