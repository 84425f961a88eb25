import type {BackwardGraph, WeightGradient} from '../../recurrence/differentiate';
import type {Id} from '../../recurrence/expression';
import {type WeightName, type WeightSpec, weightOf, weightsOf} from '../../recurrence/weights';
import {sideBySide, weightGradient} from '../blocks';
import {FLOAT} from './graph-def';
import type {Int} from './integers';
import type {Layout} from './layout';
import type {Accumulator, Iteration} from './loop';

/** Where the steps that carry gradient are. */
interface Part {
  /** The first one's time step. */
  readonly first: Int;
  /** What the forward pass saved of them, `[count, batch, ·]`. */
  savedOf(id: Id): string;
}

/** The gradients that are wanted. */
interface SumsSpec {
  readonly backward: BackwardGraph;
  readonly weights: readonly WeightName[];
  readonly x: boolean;
}

/**
 * The sums over all steps that make the gradients of weights, and the gradient of x: each iteration's products are added as
 * soon as it has run, while what they read is in the cache.
 */
export class Sums {
  readonly accumulators: readonly Accumulator[];
  private readonly own: readonly WeightGradient[];
  /** Weights that make the pre-activations. */
  private readonly ofInput: readonly WeightSpec[];

  constructor(
    private readonly layout: Layout,
    private readonly spec: SumsSpec,
    private readonly part: Part,
  ) {
    const {weights, x, backward} = spec;
    this.ofInput = weightsOf(layout.r).filter(({name, acts}) => acts === 'input' && weights.includes(name));
    this.own = backward.weights.filter(({weight}) => weights.includes(weight));
    this.accumulators = [
      ...(x ? [this.ofX()] : []),
      ...this.ofInput.map(spec => this.sum(iteration => this.ofInputs(spec, iteration))),
      ...this.own.map(own => this.sum(iteration => this.ofWeight(own, iteration))),
    ];
  }

  /** The gradient of x where it is wanted, `[batch, time, ·]`, and those of the weights. */
  results(sums: readonly string[]): string[] {
    const {spec, layout, ofInput, own} = this;
    const {outside: t, r, g} = layout;
    const list = [...sums];
    const x = spec.x
      ? [t.reshape(list.shift()!, layout.size('x', 0), layout.size('x', 1), layout.size('x', 2))]
      : [];
    const gradient = (name: WeightName): string => {
      const place = ofInput.findIndex(one => one.name === name);
      if (place >= 0) return list[place]!;
      const whole = layout.feed(`weight.${name}`);
      const isMatrix = weightOf(r, name)!.rows !== 'vector';
      return weightGradient(r.cell, spec.backward, name, {
        product: one => list[ofInput.length + own.indexOf(one)]!,
        add: t.add,
        none: () => (isMatrix ? t.zeros(t.size(whole, 0), layout.units) : t.zeros(layout.units)),
        concat: blocks => t.concat(blocks, isMatrix ? 1 : 0),
        zeros: () => g.add('ZerosLike', [whole], FLOAT),
      });
    };
    return [...x, ...spec.weights.map(gradient)];
  }

  /** 0 takes the shape of what is added to it; there is a step. */
  private sum(of: (iteration: Iteration) => string): Accumulator {
    return {
      start: this.layout.g.constant(0, 'float32'),
      next: (iteration, before) => iteration.inside.add(before, of(iteration)),
    };
  }

  /** The gradient of an iteration's pre-activations, `[count·batch, gates·units]`. */
  private dz({frame: {enter}, inside, count, rows}: Iteration): string {
    const {layout, spec} = this;
    const blocks = spec.backward.inputs.map(({gates, id}) => ({gates, value: rows(id)}));
    return sideBySide(layout.r.cell, blocks, {
      none: () => {
        const {ints} = layout.outside;
        return inside.zeros(
          inside.ints.mul(enter(layout.size('x', 0)), count),
          enter(ints.ref(layout.units)),
        );
      },
      concat: list => inside.concat(list, 1),
    });
  }

  private ofInputs({rows}: WeightSpec, iteration: Iteration): string {
    const {inside} = iteration;
    if (rows === 'vector') return inside.sumRows(this.dz(iteration));
    return inside.matMulTransposedA(this.x(iteration), this.dz(iteration));
  }

  private ofWeight(own: WeightGradient, {frame: {enter}, inside, begin, count, rows}: Iteration): string {
    const dy = rows(own.dy);
    if (own.kind === 'vector') return inside.sumRows(dy);
    const stack = this.part.savedOf(own.x);
    const saved = inside.slice(enter(stack), [begin, 0, 0], [count, -1, -1]);
    return inside.matMulTransposedA(inside.reshape(saved, -1, enter(this.layout.outside.size(stack, 2))), dy);
  }

  private x(iteration: Iteration): string {
    const {layout} = this;
    const x = layout.outside.reshape(layout.feed('x'), -1, layout.size('x', 2));
    return layout.slices.read(iteration.frame, x, this.at(iteration), iteration.count);
  }

  private ofX(): Accumulator {
    const {layout} = this;
    const kernel =
      layout.r.input === 'features' && layout.outside.transpose(layout.feed('weight.kernel'), 1, 0);
    return {
      start: layout.slices.buffer(layout.size('x', 2), {zeros: layout.r.bptt?.steps !== undefined}),
      next: (iteration, before) => {
        const dz = this.dz(iteration);
        const dx = kernel ? iteration.inside.matMul(dz, iteration.frame.enter(kernel)) : dz;
        return layout.slices.write(iteration.frame, before, this.at(iteration), iteration.count, dx);
      },
    };
  }

  private at({frame, inside, begin}: Iteration): Int {
    const {first} = this.part;
    return first === 0 ? begin : inside.ints.add(begin, frame.enter(this.layout.outside.ints.ref(first)));
  }
}
