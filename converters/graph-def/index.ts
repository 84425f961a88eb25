/** TensorFlow's graphs: GraphDef (`.pb`) and MetaGraphDef (`.meta`). */
export {type FrozenGraph, openFrozenGraph} from './frozen';
export {type GraphDef, type GraphFunction, readGraphDef} from './graph';
export {
  type MetaGraph,
  readMetaGraph,
  type SavedRoot,
  type SaverDef,
  type Signature,
  type TensorInfo,
} from './meta-graph';
export {type Attribute, attribute, type GraphNode} from './node';
