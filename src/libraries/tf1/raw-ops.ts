import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';
import {piecesOf} from '../../layers/pieces';
import {type Kwargs, takeMask} from '../../layers/plain/base';
import {asSpelled, withSpelling} from '../../layers/spelling';

interface OpSpec {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Arrays, and how many blocks of units they have; `w` matrices begin with the rows of x, then of h. */
  readonly arrays: Readonly<Record<string, number>>;
  /** Columns of `w` and `b`. */
  readonly gates: readonly string[];
  /** `[time, batch, features]` rather than `[batch, features]`. */
  readonly sequence: boolean;
  readonly forgetBias: number;
  /** Values up to 0 clip nothing. */
  readonly cellClip: number;
}

const lstmArrays = {w: 4, wci: 1, wcf: 1, wco: 1, b: 4};
const lstmOutputs = ['i', 'cs', 'f', 'o', 'ci', 'co', 'h'];

/** Attribute defaults are those of the ops (TensorFlow 2.15.1, core/ops/rnn_ops.cc). */
const OPS: Readonly<Record<string, OpSpec>> = {
  BlockLSTM: {
    inputs: ['x', 'cs_prev', 'h_prev', 'seq_len_max'],
    outputs: lstmOutputs,
    arrays: lstmArrays,
    gates: ['i', 'ci', 'f', 'o'],
    sequence: true,
    forgetBias: 1,
    cellClip: 3,
  },
  BlockLSTMV2: {
    inputs: ['x', 'cs_prev', 'h_prev', 'seq_len_max'],
    outputs: lstmOutputs,
    arrays: lstmArrays,
    gates: ['i', 'f', 'ci', 'o'],
    sequence: true,
    forgetBias: 0,
    cellClip: 0,
  },
  LSTMBlockCell: {
    inputs: ['x', 'cs_prev', 'h_prev'],
    outputs: lstmOutputs,
    arrays: lstmArrays,
    gates: ['i', 'ci', 'f', 'o'],
    sequence: false,
    forgetBias: 1,
    cellClip: 3,
  },
  GRUBlockCell: {
    inputs: ['x', 'h_prev'],
    outputs: ['r', 'u', 'c', 'h'],
    arrays: {w_ru: 2, w_c: 1, b_ru: 2, b_c: 1},
    gates: [],
    sequence: false,
    forgetBias: 0,
    cellClip: 0,
  },
};

/** The raw ops that there are layers of. */
export const RAW_OPS: readonly string[] = Object.keys(OPS);

/** A raw op as a layer; undefined arguments take the op's defaults. */
export const rawOp = (op: string, config: Readonly<Record<string, unknown>>, name?: string): RawOp =>
  new RawOp({op, name, ...numbers(config)});

function numbers(config: Readonly<Record<string, unknown>>): Omit<RawOpArgs, 'op' | 'name'> {
  const {forget_bias: forgetBias, cell_clip: cellClip, use_peephole: usePeephole} = config;
  return {
    forgetBias: forgetBias as number | undefined,
    cellClip: cellClip as number | undefined,
    usePeephole: usePeephole === true,
  };
}

export interface RawOpArgs {
  readonly op: string;
  readonly forgetBias?: number;
  readonly cellClip?: number;
  readonly usePeephole?: boolean;
  readonly name?: string;
}

type Values = Record<string, tf.Tensor>;

/**
 * A fused TensorFlow op under its own names, with all that it puts out: for parity with the op itself. Runs a
 * step at a time, on any backend. Source: core/kernels/rnn/lstm_ops.cc and gru_ops.cc of 2.15.1.
 */
export class RawOp extends layers.Layer {
  static readonly className = 'CarryoverRawOp';
  private readonly args: RawOpArgs;
  private readonly spec: OpSpec;
  private variables: LayerVariable[] = [];
  /** Raw ops have no states of their own: they are inputs like any other. */
  readonly stateNames: readonly string[] = [];

  constructor(args: RawOpArgs) {
    super({name: args.name});
    this.args = asSpelled({...args}) as unknown as RawOpArgs;
    this.spec = OPS[this.args.op]!;
  }

  get inputNames(): readonly string[] {
    return this.spec.inputs;
  }

  get outputNames(): readonly string[] {
    return this.spec.outputs;
  }

  get arrayNames(): string[] {
    return Object.keys(this.spec.arrays);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shapes = inputShape as Shape[];
    const units = shapes[this.spec.inputs.indexOf('h_prev')]!.at(-1) as number;
    const rows = (shapes[0]!.at(-1) as number) + units;
    this.variables = Object.entries(this.spec.arrays).map(([name, blocks]) => {
      const shape = name === 'w' || name.startsWith('w_') ? [rows, blocks * units] : [blocks * units];
      return this.addWeight(name, shape, 'float32', initializers.zeros());
    });
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs = {}): tf.Tensor[] {
    takeMask(kwargs);
    return tf.tidy(() => {
      const given = Object.fromEntries(
        this.spec.inputs.map((name, k) => [name, (inputs as tf.Tensor[])[k]!]),
      );
      const weights = Object.fromEntries(this.arrayNames.map((name, k) => [name, this.variables[k]!.read()]));
      if (!this.spec.sequence) {
        const values = this.step(given.x!, given, weights);
        return this.spec.outputs.map(name => values[name]!);
      }
      return this.sequence(given, weights);
    });
  }

  /** Steps from `seq_len_max` on are zero. */
  private sequence(given: Values, weights: Values): tf.Tensor[] {
    const steps = piecesOf(given.x!, new Array<number>(given.x!.shape[0]!).fill(1), 0).map(step =>
      tf.squeeze(step, [0]),
    );
    const length = given.seq_len_max!.dataSync()[0]!;
    const rows: Values[] = [];
    let states: Values = {cs_prev: given.cs_prev!, h_prev: given.h_prev!};
    for (const x of steps.slice(0, length)) {
      const values = this.step(x, states, weights);
      states = {cs_prev: values.cs!, h_prev: values.h!};
      rows.push(values);
    }
    const zero = tf.zerosLike(given.h_prev!);
    return this.spec.outputs.map(name => tf.stack(steps.map((_, t) => rows[t]?.[name] ?? zero)));
  }

  private step(x: tf.Tensor, states: Values, weights: Values): Values {
    return this.args.op === 'GRUBlockCell'
      ? gruStep(x, states.h_prev!, weights)
      : this.lstmStep(x, states, weights);
  }

  private lstmStep(x: tf.Tensor, {cs_prev, h_prev}: Values, {w, wci, wcf, wco, b}: Values): Values {
    const {spec, args} = this;
    const z = tf.split(tf.add(product([x, h_prev!], w!), b!), 4, 1);
    const gate = (name: string): tf.Tensor => z[spec.gates.indexOf(name)]!;
    const peep = (value: tf.Tensor, cell: tf.Tensor, weight: tf.Tensor): tf.Tensor =>
      args.usePeephole ? tf.add(value, tf.mul(cell, weight)) : value;
    const i = tf.sigmoid(peep(gate('i'), cs_prev!, wci!));
    const f = tf.sigmoid(tf.add(peep(gate('f'), cs_prev!, wcf!), args.forgetBias ?? spec.forgetBias));
    const ci = tf.tanh(gate('ci'));
    const free = tf.add(tf.mul(ci, i), tf.mul(cs_prev!, f));
    const limit = args.cellClip ?? spec.cellClip;
    const cs = limit > 0 ? tf.clipByValue(free, -limit, limit) : free;
    const o = tf.sigmoid(peep(gate('o'), cs, wco!));
    const co = tf.tanh(cs);
    return {i, cs, f, o, ci, co, h: tf.mul(o, co)};
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const shapes = inputShape as Shape[];
    const units = shapes[this.spec.inputs.indexOf('h_prev')]!.at(-1)!;
    return this.spec.outputs.map((): Shape => [...shapes[0]!.slice(0, -1), units]);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {name: _, ...args} = this.args;
    const given = Object.entries(args).filter(([, value]) => value !== undefined);
    return {...super.getConfig(), ...withSpelling(Object.fromEntries(given))} as tf.serialization.ConfigDict;
  }
}
tf.serialization.registerClass(RawOp as unknown as Parameters<typeof tf.serialization.registerClass>[0]);

function product(parts: tf.Tensor[], w: tf.Tensor): tf.Tensor {
  return tf.matMul(tf.concat(parts, 1), w);
}

function gruStep(x: tf.Tensor, h: tf.Tensor, {w_ru, w_c, b_ru, b_c}: Values): Values {
  const [r, u] = tf.split(tf.sigmoid(tf.add(product([x, h], w_ru!), b_ru!)), 2, 1) as [tf.Tensor, tf.Tensor];
  const c = tf.tanh(tf.add(product([x, tf.mul(r, h)], w_c!), b_c!));
  return {r, u, c, h: tf.add(tf.mul(u, h), tf.mul(tf.sub(1, u), c))};
}
