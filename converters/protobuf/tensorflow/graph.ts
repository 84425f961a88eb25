import type {Declaration, Declared, MessageOf} from '../declare';
import {DataType, TensorProto, TensorShapeProto, VersionDef} from './tensor';

/* Source: tensorflow/core/framework/{attr_value,node_def,op_def,function,graph}.proto. */

/** A function by its name, with values for its attributes. */
export interface NameAttrList {
  readonly name: string;
  readonly attr: ReadonlyMap<string, AttrValue>;
}
const NameAttrList: Declared<NameAttrList> = {
  message: 'NameAttrList',
  fields: {name: [1, 'string'], attr: [2, () => AttrValue, 'map']},
};

const ListValue = {
  message: 'AttrValue.ListValue',
  fields: {
    s: [2, 'bytes', 'repeated'],
    i: [3, 'int64', 'repeated'],
    f: [4, 'float', 'repeated'],
    b: [5, 'bool', 'repeated'],
    type: [6, DataType, 'repeated'],
    shape: [7, () => TensorShapeProto, 'repeated'],
    tensor: [8, () => TensorProto, 'repeated'],
    func: [9, () => NameAttrList, 'repeated'],
  },
} as const satisfies Declaration;

/** One of its fields is there. */
export const AttrValue = {
  message: 'AttrValue',
  fields: {
    list: [1, () => ListValue, 'optional'],
    s: [2, 'bytes', 'optional'],
    i: [3, 'int64', 'optional'],
    f: [4, 'float', 'optional'],
    b: [5, 'bool', 'optional'],
    type: [6, DataType, 'optional'],
    shape: [7, () => TensorShapeProto, 'optional'],
    tensor: [8, () => TensorProto, 'optional'],
    placeholder: [9, 'string', 'optional'],
    func: [10, () => NameAttrList, 'optional'],
  },
} as const satisfies Declaration;
export type AttrValue = MessageOf<typeof AttrValue>;

export const NodeDef = {
  message: 'NodeDef',
  located: true,
  fields: {
    name: [1, 'string'],
    op: [2, 'string'],
    input: [3, 'string', 'repeated'],
    device: [4, 'string'],
    attr: [5, () => AttrValue, 'map'],
  },
} as const satisfies Declaration;
export type NodeDef = MessageOf<typeof NodeDef>;

const ArgDef = {
  message: 'OpDef.ArgDef',
  fields: {
    name: [1, 'string'],
    type: [3, DataType],
    typeAttr: [4, 'string'],
    numberAttr: [5, 'string'],
    typeListAttr: [6, 'string'],
    isRef: [16, 'bool'],
  },
} as const satisfies Declaration;

/** Of functions: their signature. */
export const OpDef = {
  message: 'OpDef',
  fields: {
    name: [1, 'string'],
    inputArg: [2, () => ArgDef, 'repeated'],
    outputArg: [3, () => ArgDef, 'repeated'],
    controlOutput: [20, 'string', 'repeated'],
    isStateful: [17, 'bool'],
  },
} as const satisfies Declaration;
export type OpDef = MessageOf<typeof OpDef>;

export const FunctionDef = {
  message: 'FunctionDef',
  fields: {
    signature: [1, () => OpDef],
    attr: [5, () => AttrValue, 'map'],
    nodeDef: [3, () => NodeDef, 'repeated'],
    ret: [4, 'string', 'map'],
    controlRet: [6, 'string', 'map'],
  },
} as const satisfies Declaration;
export type FunctionDef = MessageOf<typeof FunctionDef>;

const GradientDef = {
  message: 'GradientDef',
  fields: {functionName: [1, 'string'], gradientFunc: [2, 'string']},
} as const satisfies Declaration;

const FunctionDefLibrary = {
  message: 'FunctionDefLibrary',
  fields: {function: [1, () => FunctionDef, 'repeated'], gradient: [2, () => GradientDef, 'repeated']},
} as const satisfies Declaration;

export const GraphDef = {
  message: 'GraphDef',
  fields: {
    node: [1, () => NodeDef, 'repeated'],
    library: [2, () => FunctionDefLibrary],
    versions: [4, () => VersionDef],
  },
} as const satisfies Declaration;
export type GraphDef = MessageOf<typeof GraphDef>;
