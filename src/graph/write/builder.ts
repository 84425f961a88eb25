import type {NdArray} from '../../../converters/arrays';
import type {GraphNode} from '../../../converters/graph-def/node';
import type {Partially} from '../../../converters/protobuf/declare';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import type {AttrValue} from '../../../converters/protobuf/tensorflow/graph';
import {attr} from '../nodes';

/** Makes nodes that stand in the place of another one: its name is the last one's, the others' begin with it. */
export class Builder {
  /** The nodes made so far. */
  readonly nodes: GraphNode[] = [];
  /** The values of those that are constants. */
  readonly values = new Map<string, NdArray>();

  /**
   * @param node the one that goes
   * @param within whether it is in a function, where a tensor's name has its output's
   */
  constructor(
    private readonly node: GraphNode,
    private readonly within: boolean,
  ) {}

  /** @returns the tensor; `output` is the name of the operation's output */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Partially<AttrValue>>> = {},
  ) {
    const name = `${this.node.name}/${op}_${this.nodes.length}`;
    this.push(name, op, inputs, attributes);
    return this.within ? `${name}:${OUTPUTS[op] ?? 'output'}:0` : name;
  }

  /** A constant. */
  constant(values: number | readonly number[], dtype: 'int32' | 'float32' = 'int32'): string {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    const array = dtype === 'int32' ? Int32Array.from(list) : Float32Array.from(list);
    const ref = this.add('Const', [], {dtype: {type: dtypeCode(dtype)}});
    this.values.set(this.nodes.at(-1)!.name, {dtype, shape, values: array});
    return ref;
  }

  /** The last node, by the name of the one that goes. */
  finish(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Partially<AttrValue>>> = {},
  ) {
    this.push(this.node.name, op, inputs, attributes);
  }

  private push(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Partially<AttrValue>>>,
  ): void {
    const all = Object.entries(attributes).map(([key, member]) => [key, attr(member)] as const);
    this.nodes.push({...this.node, name, op, inputs: [...inputs], attributes: new Map(all)});
  }
}

/** The names of the outputs of operations that do not call theirs `output`. Source: TensorFlow 2.15, core/ops/*.cc. */
const OUTPUTS: Readonly<Record<string, string>> = {
  Abs: 'y',
  AddV2: 'z',
  Less: 'z',
  Mul: 'z',
  Square: 'y',
  Sub: 'z',
};
