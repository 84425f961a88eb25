import type {NamedArray, NdArray, WeightFile} from '../../../converters/arrays';
import {listFew} from '../../../converters/format-error';
import {constantOf} from '../../../converters/graph-def/frozen';
import type {GraphDef} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import {elementCount} from '../../../converters/shape';
import {CarryoverError} from '../../errors';
import {GraphView} from '../../recipes/graph/view';
import {attr, dataInputs, inPlaceOf} from '../nodes';
import type {Freezing} from './freezing';

/** Operations that are a variable. */
const VARIABLES: ReadonlySet<string> = new Set([
  'Variable',
  'VariableV2',
  'VarHandleOp',
  'TemporaryVariable',
  'AutoReloadVariable',
]);
export const isVariable = ({op}: GraphNode): boolean => VARIABLES.has(op);

/** Where a variable is in a checkpoint. */
interface Saved {
  readonly key: string;
  /** Of a part of a variable: the shape of the whole and the part, as `4 8 0,2:-` says it. */
  readonly slice: string;
}

/**
 * Variables become constants: what the checkpoint has under the name that the graph itself saves each by, or what the
 * graph sets it to at first where it is never saved.
 */
export class Variables {
  private readonly saved: ReadonlyMap<string, Saved>;
  private readonly initial: ReadonlyMap<string, NdArray>;
  private readonly arrays: ReadonlyMap<string, NamedArray>;

  constructor(
    graph: GraphDef,
    private readonly file: WeightFile,
    private readonly where: string,
  ) {
    const view = new GraphView(graph);
    this.saved = savedNames(view);
    this.initial = initialValues(view);
    this.arrays = new Map(
      file.groups.flatMap(({arrays}) => arrays.map(array => [array.name, array] as const)),
    );
  }

  /**
   * The nodes, in which each variable is a constant and what reads one hands it on.
   * @throws CarryoverError `E_WEIGHTS` for a variable that is not in the file
   */
  frozen(nodes: readonly GraphNode[], {values, told}: Freezing): GraphNode[] {
    return nodes.map(node => {
      if (!isVariable(node)) return reading(node);
      const value = this.valueOf(node);
      if (!value.stored)
        told.add(node, `variable '${node.name}' is not in the file; it has its initial value`);
      values.set(node.name, value.array);
      const type = attr({type: dtypeCode(value.array.dtype)});
      return inPlaceOf(node, 'Const', {inputs: [], attributes: new Map([['dtype', type]])});
    });
  }

  private valueOf(node: GraphNode): {readonly array: NdArray; readonly stored: boolean} {
    const saved = this.saved.get(node.name);
    const shared = attribute(node, 'shared_name')?.text;
    for (const key of [saved?.key, node.name, shared]) {
      const array = key === undefined || key === '' ? undefined : this.arrays.get(key);
      if (!array) continue;
      const slice = saved?.key === key ? saved?.slice : '';
      return {array: this.fitting(node, slice ? sliced(array, slice) : array.read()), stored: true};
    }
    const initial = this.initial.get(node.name);
    if (initial) return {array: initial, stored: false};
    throw new CarryoverError(
      'E_WEIGHTS',
      `${this.where}: variable '${saved?.key ?? node.name}' of the graph is not in the file, which has ` +
        `${listFew([...this.arrays.keys()], 6)}; give the checkpoint that belongs to this graph`,
      {file: this.where, expected: saved?.key ?? node.name},
    );
  }

  private fitting(node: GraphNode, array: NdArray): NdArray {
    const shape = attribute(node, 'shape')?.shape;
    const fits =
      !shape ||
      shape.length === 0 ||
      (shape.length === array.shape.length &&
        shape.every((size, k) => size === null || size === array.shape[k]));
    if (fits) return array;
    throw new CarryoverError(
      'E_WEIGHTS',
      `${this.where}: variable '${node.name}' has shape [${array.shape.join(', ')}] in ${this.file.format}; ` +
        `the graph expects [${shape.join(', ')}]; give the checkpoint that belongs to this graph`,
      {file: this.where, expected: `[${shape.join(', ')}]`, found: `[${array.shape.join(', ')}]`},
    );
  }
}

/** What reads a variable, once it is a constant. */
export function reading(node: GraphNode): GraphNode {
  const type = node.attributes.get('dtype');
  const attributes = new Map(type ? [['T', type]] : []);
  if (node.op === 'ReadVariableOp') return inPlaceOf(node, 'Identity', {inputs: node.inputs, attributes});
  if (node.op === 'RefIdentity')
    return inPlaceOf(node, 'Identity', {inputs: node.inputs, attributes: node.attributes});
  const plain = /^Ref(Switch|Merge|Enter|Exit|NextIteration|Select)$/.exec(node.op);
  return plain ? {...node, op: plain[1]!} : node;
}

/** How savers list their tensors: before them come the file, the names, and maybe the slices. */
const SAVERS: ReadonlyMap<string, {readonly slices: boolean}> = new Map([
  ['SaveV2', {slices: true}],
  ['SaveSlices', {slices: true}],
  ['Save', {slices: false}],
]);

/** Variable node → where the graph's own savers keep it. */
function savedNames(view: GraphView): Map<string, Saved> {
  const found = new Map<string, Saved>();
  for (const node of view.nodes) {
    const kind = SAVERS.get(node.op);
    if (!kind) continue;
    const [, names, slices, ...others] = dataInputs(node);
    const tensors = kind.slices ? others : [...(slices === undefined ? [] : [slices]), ...others];
    const keys = textsOf(view, names);
    const parts = kind.slices ? textsOf(view, slices) : undefined;
    for (const [k, tensor] of tensors.entries()) {
      const variable = view.source(tensor);
      const key = keys?.[k];
      if (variable && key !== undefined && !found.has(variable.name))
        found.set(variable.name, {key, slice: parts?.[k] ?? ''});
    }
  }
  return found;
}

function textsOf(view: GraphView, ref: string | undefined): string[] | undefined {
  const node = ref === undefined ? undefined : view.source(ref);
  const constant = node && constantOf(node);
  return constant?.dtype === 'string' ? (constant.values as string[]) : undefined;
}

/** What a graph sets its variables to at first, as far as it is a constant. */
function initialValues(view: GraphView): Map<string, NdArray> {
  const found = new Map<string, NdArray>();
  for (const node of view.nodes) {
    if (!/^Assign(VariableOp)?$/.test(node.op)) continue;
    const [variable, value] = dataInputs(node).map(ref => view.source(ref));
    const made = value && (constantOf(value) ?? filled(view, value));
    if (variable && made && !found.has(variable.name)) found.set(variable.name, made);
  }
  return found;
}

/** `zeros` and its like. */
function filled(view: GraphView, node: GraphNode): NdArray | undefined {
  if (node.op !== 'Fill') return undefined;
  const [dims, value] = dataInputs(node);
  const [shape, number] = [view.numbers(dims), view.number(value)];
  if (!shape || number === undefined || elementCount(shape) > MOST_FILLED) return undefined;
  return {dtype: 'float32', shape, values: new Float32Array(elementCount(shape)).fill(number)};
}

/** Initial values that are not in a file are states, which are small. */
const MOST_FILLED = 1 << 24;

/** A part of an array: `4 8 0,2:-` is the first two rows of one of shape [4, 8]. */
function sliced(array: NamedArray, text: string): NdArray {
  const extents = text.split(' ').at(-1)!.split(':');
  const begin = extents.map(extent => (extent === '-' ? 0 : Number(extent.split(',')[0])));
  const size = extents.map(extent => (extent === '-' ? -1 : Number(extent.split(',')[1])));
  return array.slice ? array.slice(begin, size) : cut(array.read(), begin, size);
}

function cut(array: NdArray, begin: readonly number[], size: readonly number[]): NdArray {
  const shape = size.map((length, axis) => (length < 0 ? array.shape[axis]! - begin[axis]! : length));
  const values = (array.values as Float32Array).slice(0, elementCount(shape));
  for (let k = 0; k < values.length; k++) {
    let [left, from, stride] = [k, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += ((left % shape[axis]!) + begin[axis]!) * stride;
      left = Math.floor(left / shape[axis]!);
      stride *= array.shape[axis]!;
    }
    values[k] = (array.values as Float32Array)[from]!;
  }
  return {...array, shape, values};
}
