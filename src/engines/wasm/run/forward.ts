import {entriesOf, keysOf} from '../../../recurrence/records';
import {outputSize, type Recurrence, STATES, stateSize} from '../../../recurrence/types';
import {plan} from '../../plan';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../../types';
import {reader, tensorOf} from '../../values';
import {compileForward, type ForwardProgram} from '../compile/forward';
import {Sizes, type UnitShard} from '../compile/layout';
import type {Runtime} from './runtime';
import {countBatchShards, countUnitShards} from './sharding';
import {type BatchRange, batchShards, unitShards} from './shards';
import {sharing, type Task} from './tasks';
import {readRows, spansOf, writeMaskAndDropout, writeRows} from './tensors';
import {chunkSteps, timeChunks} from './time-chunks';

/** Runs a call's whole sequence: a program for each batch shard, or for each unit shard. */
export function forward(
  runtime: Runtime,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
): ForwardResult {
  return new ForwardCall(runtime, r, inputs, options).run();
}

class ForwardCall {
  private readonly batch: number;
  private readonly time: number;
  private readonly width: number;
  private readonly unitShards: number;
  private readonly ranges: readonly BatchRange[];
  /** Steps of a time chunk. */
  private readonly steps: number;
  private readonly y: Float32Array;
  private readonly states: readonly Float32Array[];
  private readonly read = reader();
  /** Pieces of memory that outlive a call that succeeds. */
  private readonly reserve: number[] = [];
  /** Pieces of memory that do not. */
  private readonly temporary: number[] = [];

  constructor(
    private readonly runtime: Runtime,
    private readonly r: Recurrence,
    private readonly inputs: RecurrenceInputs,
    private readonly options: ForwardOptions,
  ) {
    const {save, returns} = options;
    const [batch, time, width] = inputs.x.shape as [number, number, number];
    [this.batch, this.time, this.width] = [batch, time, width];
    const extent = {batch, time, width, save};
    this.unitShards = countUnitShards(runtime, r, () => plan(r, inputs).step, extent);
    this.ranges = batchShards(batch, this.unitShards > 1 ? 1 : countBatchShards(runtime, r, extent));
    const output = outputSize(r);
    const most = Math.max(...this.ranges.map(({rows}) => rows));
    this.steps = save ? time : chunkSteps(time, most * (width + output) * 4);
    this.y = new Float32Array(batch * (returns === 'sequence' ? time : 1) * output);
    this.states = STATES[r.cell].map(name => new Float32Array(batch * stateSize(r, name)));
  }

  run(): ForwardResult {
    const {runtime, r, batch, time} = this;
    const {returns, save} = this.options;
    const {heap} = runtime.kernel;
    try {
      const tasks = this.unitShards > 1 ? this.unitTasks() : this.batchTasks();
      runtime.run(tasks, timeChunks(time, this.steps));
    } catch (error) {
      for (const at of this.reserve) heap.free(at);
      throw error;
    } finally {
      for (const at of this.temporary) heap.free(at);
    }
    const output = outputSize(r);
    return {
      y: tensorOf(this.y, returns === 'sequence' ? [batch, time, output] : [batch, output]),
      states: STATES[r.cell].map((name, k) => tensorOf(this.states[k]!, [batch, stateSize(r, name)])),
      reserve: [],
      kept: save ? runtime.keepReserve(this.reserve) : undefined,
    };
  }

  private program(rows: number, shard?: UnitShard): ForwardProgram {
    const {runtime, r, inputs, steps, width} = this;
    const {returns, save} = this.options;
    const initial = keysOf(inputs.initial);
    const biased = 'bias' in inputs.weights;
    const structure = `${width} ${inputs.mask !== undefined} ${initial} ${returns} ${save} ${biased}`;
    const call = `forward ${rows} ${steps} ${structure} ${shard?.first}/${shard?.shards}`;
    return runtime.program(r, call, () => {
      const {step, backward} = plan(r, inputs);
      const sizes = new Sizes(r, rows, steps, width, runtime.kernel.lanes, shard);
      const spec = {step, saved: save ? backward.saved : undefined, initial, biased, returns};
      return compileForward(sizes, spec);
    });
  }

  private batchTasks(): Task[] {
    return this.ranges.map(range => {
      const program = this.program(range.rows);
      return this.task(program, range, this.runtime.weights([program], this.inputs.weights)[0]!);
    });
  }

  private unitTasks(): Task[] {
    const {runtime, r, batch, time} = this;
    const shards = unitShards(r.units, this.unitShards, runtime.kernel.lanes, runtime.maySleep);
    const programs = shards.map(shard => this.program(batch, shard));
    const weights = runtime.weights(programs, this.inputs.weights);
    const tasks = programs.map((program, k) => this.task(program, {first: 0, rows: batch}, weights[k]!));
    const {counter, shared: bytes} = programs[0]!;
    const shared = this.allocate(bytes, this.temporary);
    return sharing(tasks, shared, counter!, late => runtime.backOff.report(late, time));
  }

  private allocate(bytes: number, list: number[]): number {
    const at = this.runtime.kernel.heap.allocate(bytes);
    list.push(at);
    return at;
  }

  private task(p: ForwardProgram, range: BatchRange, weights: number): Task {
    const {r, inputs, read, time, width, steps} = this;
    const {returns, save} = this.options;
    const output = outputSize(r);
    return {
      program: p.program,
      bytes: p.bytes,
      shared: 0,
      weights,
      reserve: save ? this.allocate(p.reserve, this.reserve) : 0,
      fill: (data, chunk) => {
        writeRows(data, p.x, read(inputs.x), range, width, spansOf(r, chunk, time, steps).x);
        writeMaskAndDropout(data, p, r, inputs, read, range, chunk);
        if (chunk.done > 0) return;
        for (const [name, to] of entriesOf(p.initial))
          writeRows(data, to, read(inputs.initial[name]!), range, stateSize(r, name));
      },
      collect: (data, chunk) => {
        if (returns === 'sequence')
          readRows(data, p.y, this.y, range, output, spansOf(r, chunk, time, steps).y);
        if (!chunk.last) return;
        if (returns === 'last') readRows(data, p.y, this.y, range, output);
        for (const [k, name] of STATES[r.cell].entries())
          readRows(data, p.states[name]!, this.states[k]!, range, stateSize(r, name));
      },
    };
  }
}
