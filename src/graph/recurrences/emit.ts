import type {NdArray} from '../../../converters/arrays';
import type {GraphNode} from '../../../converters/graph-def/node';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import {attr, inPlaceOf, nodeName} from '../nodes';
import {type GraphRecurrence, type ModelGraph, RECURRENCE, type Ref} from '../types';
import type {Found} from './found';
import {layerOf, weightsOf} from './layer';

const FLOAT = attr({type: dtypeCode('float32')});
const INT = attr({type: dtypeCode('int32')});

/** Few steps are cut out one by one, many at once. */
const FEW = 3;

/** The nodes that take the place of what was found, and which tensors each of its tensors is then. */
export interface Emitted {
  readonly nodes: readonly GraphNode[];
  readonly values: ReadonlyMap<string, NdArray>;
  readonly renamed: ReadonlyMap<Ref, Ref>;
  readonly recurrence: readonly [name: string, recurrence: GraphRecurrence];
}

/** A node for a recurrence, and those that bring its data to it and its outputs to where they are wanted. */
export function emit(found: Found, graph: ModelGraph, taken: ReadonlySet<string>): Emitted {
  return new Emitter(found, graph, taken).emit();
}

class Emitter {
  private readonly nodes: GraphNode[] = [];
  private readonly values = new Map<string, NdArray>();
  private readonly name: string;
  private readonly model: GraphNode;

  constructor(
    private readonly found: Found,
    graph: ModelGraph,
    taken: ReadonlySet<string>,
  ) {
    const wanted = `${found.name}/recurrence`;
    let name = wanted;
    for (let k = 1; taken.has(name); k++) name = `${wanted}_${k}`;
    this.name = name;
    this.model = graph.nodes[0]!;
  }

  emit(): Emitted {
    const {found, name} = this;
    const inputs = [this.data(), ...(found.lengths === undefined ? [] : [found.lengths]), ...found.initial];
    const states = found.initial.map((_, k) => `state.${k}` as const);
    this.add(RECURRENCE, name, inputs, {T: FLOAT});
    const renamed = new Map<Ref, Ref>(found.sequences.map(ref => [ref, `${name}:0`]));
    for (const [k, refs] of found.finals.entries())
      for (const ref of refs) renamed.set(ref, `${name}:${k + 1}`);
    this.steps(renamed);
    const recurrence: GraphRecurrence = {
      layer: layerOf(found),
      weights: weightsOf(found),
      inputs: ['x', ...(found.lengths === undefined ? [] : (['lengths'] as const)), ...states],
      outputs: ['y', ...states],
    };
    return {nodes: this.nodes, values: this.values, renamed, recurrence: [name, recurrence]};
  }

  /** All steps, time first, as many as are read. */
  private data(): Ref {
    const {x, steps} = this.found;
    if (typeof x !== 'string') {
      const attributes = {T: FLOAT, N: attr({i: x.length}), axis: attr({i: 0})};
      return this.add('Pack', `${this.name}/data`, x, attributes);
    }
    if (steps === undefined) return x;
    const shape = this.ints(`${this.name}/data/shape`, [1]);
    const end = this.add('Reshape', `${this.name}/data/end`, [steps, shape], {T: INT, Tshape: INT});
    const [begin, stride] = [
      this.ints(`${this.name}/data/begin`, [0]),
      this.ints(`${this.name}/data/stride`, [1]),
    ];
    return this.slice(`${this.name}/data`, x, [begin, end, stride], 0);
  }

  /** The outputs of single steps. */
  private steps(renamed: Map<Ref, Ref>): void {
    const {outputs} = this.found;
    const used = outputs.flatMap((refs, step) => (refs.length > 0 ? [step] : []));
    const all = used.length > FEW ? this.unpacked(outputs.length) : undefined;
    for (const step of used) {
      const own = all?.[step] ?? this.step(step);
      for (const ref of outputs[step]!) renamed.set(ref, own);
    }
  }

  private unpacked(count: number): Ref[] {
    const name = `${this.name}/steps`;
    this.add('Unpack', name, [`${this.name}:0`], {T: FLOAT, num: attr({i: count}), axis: attr({i: 0})});
    return Array.from({length: count}, (_, k) => `${name}:${k}`);
  }

  private step(index: number): Ref {
    const name = `${this.name}/step_${index}`;
    const bounds = [index, index + 1, 1].map((value, k) => this.ints(`${name}/${BOUNDS[k]}`, [value]));
    return this.slice(name, `${this.name}:0`, bounds, 1);
  }

  private slice(name: string, of: Ref, bounds: readonly Ref[], shrink: number): Ref {
    const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask'];
    return this.add('StridedSlice', name, [of, ...bounds], {
      T: FLOAT,
      Index: INT,
      shrink_axis_mask: attr({i: shrink}),
      ...Object.fromEntries(masks.map(mask => [mask, attr({i: 0})])),
    });
  }

  private ints(name: string, values: readonly number[]): Ref {
    this.values.set(name, {dtype: 'int32', shape: [values.length], values: Int32Array.from(values)});
    return this.add('Const', name, [], {dtype: INT});
  }

  private add(
    op: string,
    name: string,
    inputs: readonly Ref[],
    attributes: Readonly<Record<string, ReturnType<typeof attr>>>,
  ): Ref {
    const node = {...this.model, name, inputs, attributes: new Map(Object.entries(attributes))};
    this.nodes.push(inPlaceOf(node, op, node));
    return `${name}:0`;
  }
}

const BOUNDS = ['begin', 'end', 'stride'];

/** A graph with the nodes in it, and what they replace handing on what they give. */
export function placed(graph: ModelGraph, all: readonly Emitted[]): ModelGraph {
  const renamed = new Map(all.flatMap(one => [...one.renamed]));
  const single = (node: GraphNode): Ref | undefined =>
    /While$|BlockLSTM|BlockCell/.test(node.op) ? undefined : renamed.get(`${node.name}:0`);
  const replaced = new Set(graph.nodes.filter(node => single(node) !== undefined).map(({name}) => name));
  const rename = (ref: Ref): Ref => (replaced.has(nodeName(ref)) ? ref : (renamed.get(ref) ?? ref));
  const nodes = graph.nodes.map(node => {
    const own = single(node);
    if (own !== undefined)
      return inPlaceOf(node, 'Identity', {inputs: [own], attributes: new Map([['T', FLOAT]])});
    return {...node, inputs: node.inputs.map(rename)};
  });
  return {
    ...graph,
    nodes: [
      ...nodes,
      ...all.flatMap(one => one.nodes.map(node => ({...node, inputs: node.inputs.map(rename)}))),
    ],
    values: new Map([...graph.values, ...all.flatMap(one => [...one.values])]),
    outputs: graph.outputs.map(port => ({...port, ref: rename(port.ref)})),
    recurrences: new Map([...graph.recurrences, ...all.map(one => one.recurrence)]),
  };
}
