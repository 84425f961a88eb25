import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {numbersOf, scalarOf, type Term} from './term';

/** An operation in the one spelling that terms have. */
export interface Spelled {
  readonly op: string;
  readonly data?: string;
  readonly args: readonly Term[];
}

/** Operations that hand on their first input as it is. */
const PASSING: ReadonlySet<string> = new Set([
  ...['Identity', 'Enter', 'NextIteration', 'Switch', 'StopGradient', 'PreventGradient', 'CheckNumerics'],
  ...['Snapshot', 'ReadVariableOp', 'RefIdentity', 'RefEnter', 'RefSwitch', 'RefNextIteration'],
]);

/** Whose inputs may come in any order. */
const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'and', 'Minimum', 'Maximum']);

const RENAMED: ReadonlyMap<string, string> = new Map([
  ...['Add', 'AddV2', 'BiasAdd'].map(op => [op, 'add'] as const),
  ['Mul', 'mul'],
  ['Sub', 'sub'],
  ['LogicalAnd', 'and'],
  ['Select', 'select'],
]);

/** Functions of single values: before or after a cut they give the same. */
const ELEMENTWISE: ReadonlyMap<string, string> = new Map([
  ['Tanh', 'tanh'],
  ['Sigmoid', 'sigmoid'],
  ['Relu', 'relu'],
  ['Relu6', 'relu6'],
  ['Elu', 'elu'],
  ['Selu', 'selu'],
  ['Softplus', 'softplus'],
  ['Softsign', 'softsign'],
]);

/** Their words here, which are those of cells' activations. */
export const ACTIVATIONS: ReadonlySet<string> = new Set(ELEMENTWISE.values());

/** Attributes that say nothing of what is computed beside what the inputs say. */
const SILENT: ReadonlySet<string> = new Set([
  ...[
    'T',
    'Tidx',
    'Tshape',
    'Tparams',
    'Tindices',
    'Index',
    'N',
    'dtype',
    'TI',
    'Tlen',
    'Tdim',
    'index_type',
  ],
  ...['Tperm', 'Tmultiples', 'Tpaddings', 'Tblock_shape', 'Tcrops', 'shape', 'Taxis', 'Toutput_types'],
]);

/** The tensor that a node hands on; undefined where it makes one. */
export function passed(node: GraphNode, args: readonly Term[]): Term | undefined {
  if (PASSING.has(node.op)) return args[0];
  if (node.op === 'Cast') {
    const [from, to] = [attribute(node, 'SrcT')?.type, attribute(node, 'DstT')?.type];
    return from !== undefined && from === to ? args[0] : undefined;
  }
  // Both branches hand on the same.
  if (node.op === 'Merge') return args.every(arg => arg === args[0]) ? args[0] : undefined;
  return undefined;
}

/** What a node computes of its inputs, in one spelling. */
export function spelledOut(node: GraphNode, output: number, args: readonly Term[]): Spelled {
  const found = special(node, output, args);
  if (found) return sorted(found);
  const op = RENAMED.get(node.op) ?? ELEMENTWISE.get(node.op);
  const plain = node.op !== 'BiasAdd' || attribute(node, 'data_format')?.text !== 'NCHW';
  if (op !== undefined && plain) return sorted({op, args});
  return sorted({op: node.op, data: `${output} ${settingsOf(node)}`, args});
}

function sorted(spelled: Spelled): Spelled {
  if (!COMMUTATIVE.has(spelled.op)) return spelled;
  return {...spelled, args: [...spelled.args].sort((a, b) => a.id - b.id)};
}

function special(node: GraphNode, output: number, args: readonly Term[]): Spelled | undefined {
  const [a, b] = args;
  switch (node.op) {
    case 'Less':
    case 'LessEqual':
      return {op: node.op === 'Less' ? 'less' : 'atMost', args};
    case 'Greater':
      return {op: 'less', args: [b!, a!]};
    case 'GreaterEqual':
      return {op: 'atMost', args: [b!, a!]};
    case 'ConcatV2':
      return {op: 'concat', data: axisOf(args.at(-1)), args: args.slice(0, -1)};
    case 'Concat':
      return {op: 'concat', data: axisOf(a), args: args.slice(1)};
    case 'Split':
      return part(attribute(node, 'num_split')?.int, axisOf(a), output, b!);
    case 'SplitV':
      return equalSizes(b) ? part(attribute(node, 'num_split')?.int, axisOf(args[2]), output, a!) : undefined;
    case 'MatMul':
      return attribute(node, 'transpose_a')?.bool || attribute(node, 'transpose_b')?.bool
        ? undefined
        : {op: 'matmul', args};
    case 'ClipByValue':
      return {op: 'clip', args};
    case 'Maximum':
      return clip(a!, b!);
    default:
      return undefined;
  }
}

const axisOf = (term: Term | undefined): string => `${scalarOf(term) ?? '?'}`;

/** One of equal parts on the last axis of rows. */
function part(count: number | undefined, axis: string, index: number, whole: Term): Spelled | undefined {
  if (count === undefined || (axis !== '1' && axis !== '-1')) return undefined;
  return {op: 'part', data: `${index}/${count}`, args: [whole]};
}

function equalSizes(term: Term | undefined): boolean {
  const sizes = numbersOf(term);
  return sizes?.every(size => size === sizes[0] && size > 0) === true;
}

/** `clip_by_value` before it was an operation: `maximum(minimum(value, high), low)`. */
function clip(a: Term, b: Term): Spelled | undefined {
  for (const [low, inner] of [
    [a, b],
    [b, a],
  ] as const) {
    if (scalarOf(low) === undefined || inner.op !== 'Minimum') continue;
    const [p, q] = inner.args as [Term, Term];
    const [high, value] = scalarOf(p) === undefined ? [q, p] : [p, q];
    if (scalarOf(high) !== undefined) return {op: 'clip', args: [value, low, high]};
  }
  return undefined;
}

function settingsOf(node: GraphNode): string {
  const settings = [...node.attributes.keys()]
    .filter(name => !name.startsWith('_') && !SILENT.has(name))
    .sort()
    .map(name => [name, attribute(node, name)]);
  return JSON.stringify(settings, (_, value) => (value instanceof Uint8Array ? [...value] : value));
}
