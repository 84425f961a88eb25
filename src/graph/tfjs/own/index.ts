import type {GraphNode} from '../../../../converters/graph-def/node';
import type {Operation} from '../operation';
import {arithmeticOperations} from './arithmetic';
import {arrayOperations} from './arrays';
import {channelOperations} from './channels';
import {matrixOperations} from './matrices';
import {recurrentOperations} from './recurrent';
import {reductionOperations} from './reductions';

/**
 * Operations that TensorFlow.js' graph executor lacks, or computes otherwise than TensorFlow does. Source: TensorFlow 2.15,
 * core/ops and core/kernels.
 */
const OWN = new Map(
  [
    arithmeticOperations,
    arrayOperations,
    channelOperations,
    matrixOperations,
    recurrentOperations,
    reductionOperations,
  ].flatMap(theme => Object.entries(theme)),
);

/** The operation of a node that TensorFlow.js lacks; undefined of other nodes. */
export const ownOperation = (node: GraphNode): Operation | undefined => OWN.get(node.op)?.(node);

/** The names of these operations. */
export const ownOperations = (): string[] => [...OWN.keys()];
