import * as tf from '@tensorflow/tfjs-core';
import {keysOf, recordOf} from '../../../recurrence/records';
import {outputSize, type Recurrence, STATES, type StateName, stateSize} from '../../../recurrence/types';
import type {WeightName} from '../../../recurrence/weights';
import {plan} from '../../plan';
import type {ForwardOptions, Gradients, RecurrenceInputs, Saved} from '../../types';
import {reader, tensorOf} from '../../values';
import {type BackwardProgram, compileBackward} from '../compile/backward';
import {Sizes} from '../compile/layout';
import {forward} from './forward';
import {addSum, limitNorm} from './gradients';
import type {Runtime} from './runtime';
import {type BatchRange, batchShards} from './shards';
import type {Task} from './tasks';
import {readRows, writeMaskAndDropout, writeRows} from './tensors';
import {timeChunks} from './time-chunks';

/** Back-propagation through time and all gradients, when the first of them is asked for. */
export function backward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  saved: Saved,
): Gradients {
  const time = inputs.x.shape[1]!;
  const reachesStart = (r.bptt?.steps ?? time) >= time;
  let last: BackwardCall | undefined;
  // tfjs asks for x first, where it asks for it at all.
  const results = (dx: boolean): BackwardCall => {
    if (!last || (dx && !last.x)) {
      last = new BackwardCall(runtime, r, inputs, options, saved, dx);
      last.run();
    }
    return last;
  };
  return {
    x: () => tensorOf(results(true).x!, inputs.x.shape),
    initial: state => {
      const like = inputs.initial[state]!;
      // A truncated pass never reaches the initial state.
      return reachesStart ? tensorOf(results(false).initial[state]!, like.shape) : tf.zerosLike(like);
    },
    weight: name => {
      const like = inputs.weights[name]!;
      const values = results(false).weights[name];
      return values ? tensorOf(values, like.shape) : tf.zerosLike(like);
    },
  };
}

class BackwardCall {
  /** Undefined where it was not asked for. */
  readonly x: Float32Array | undefined;
  readonly initial: Readonly<Record<StateName, Float32Array>>;
  readonly weights: {[Name in WeightName]?: Float32Array} = {};
  private readonly read = reader();

  constructor(
    private readonly runtime: Runtime,
    private readonly r: Recurrence,
    private readonly inputs: RecurrenceInputs,
    private readonly options: ForwardOptions,
    private readonly saved: Saved,
    private readonly dx: boolean,
  ) {
    const {x} = inputs;
    this.x = dx ? new Float32Array(x.size) : undefined;
    this.initial = recordOf(STATES[r.cell], name => new Float32Array(x.shape[0]! * stateSize(r, name)));
  }

  run(): void {
    const {runtime, r, inputs} = this;
    const [batch, time] = inputs.x.shape as [number, number];
    const steps = Math.min(time, r.bptt?.steps ?? time);
    const pieces = this.takeReserve();
    try {
      const tasks = batchShards(batch, pieces.length).map((range, k) => this.task(range, pieces[k]!));
      runtime.run(tasks, timeChunks(steps, steps));
    } finally {
      for (const at of pieces) runtime.kernel.heap.free(at);
    }
    if (r.bptt?.norm !== undefined) limitNorm(Object.values(this.weights), r.bptt.norm);
  }

  /** The reserve of each batch shard; where it has been freed, of a forward pass that is run again. */
  private takeReserve(): readonly number[] {
    const {runtime, r, inputs, options, saved} = this;
    return runtime.takeReserve(saved.kept) ?? runtime.takeReserve(forward(runtime, r, inputs, options).kept)!;
  }

  private program(rows: number): BackwardProgram {
    const {runtime, r, inputs, dx} = this;
    const {returns} = this.options;
    const [, time, width] = inputs.x.shape as [number, number, number];
    const weights = keysOf(inputs.weights);
    const structure = `${time} ${width} ${inputs.mask !== undefined} ${Object.keys(inputs.initial)} ${returns}`;
    return runtime.program(r, `backward ${rows} ${structure} ${weights} ${dx}`, () => {
      const {step, backward: graph} = plan(r, inputs);
      const sizes = new Sizes(r, rows, time, width, runtime.kernel.lanes);
      return compileBackward(sizes, {step, backward: graph, returns, weights, dx});
    });
  }

  private task(range: BatchRange, reserve: number): Task {
    const {r, inputs, read} = this;
    const {dy, dStates} = this.saved;
    const [, time, width] = inputs.x.shape as [number, number, number];
    const p = this.program(range.rows);
    const states = STATES[r.cell];
    const dySize = (this.options.returns === 'sequence' ? time : 1) * outputSize(r);
    return {
      program: p.program,
      bytes: p.bytes,
      shared: 0,
      weights: this.runtime.weights([p], inputs.weights)[0]!,
      reserve,
      fill: data => {
        writeMaskAndDropout(data, p, r, inputs, read, range, {done: 0, steps: time});
        writeRows(data, p.dy, read(dy), range, dySize);
        for (const [k, name] of states.entries())
          writeRows(data, p.dStates[name]!, read(dStates[k]!), range, stateSize(r, name));
      },
      collect: data => {
        if (this.x) readRows(data, p.dx!, this.x, range, time * width);
        for (const name of states)
          readRows(data, p.initial[name]!, this.initial[name]!, range, stateSize(r, name));
        for (const [name, sum] of p.sums) {
          this.weights[name] ??= new Float32Array(inputs.weights[name]!.size);
          addSum(this.weights[name], data.floats, data.at(sum.place), sum, p.sizes.row(sum.columns) / 4);
        }
      },
    };
  }
}
