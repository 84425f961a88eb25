import type {Tensor} from '@tensorflow/tfjs-core';
import type {GraphNode} from '../../../../converters/graph-def/node';
import type {Operation} from '../operation';

/** What makes the operation of a node, by the names of operations. */
export type OwnOperations = Readonly<Record<string, (node: GraphNode) => Operation>>;

/** The first number of a tensor. */
export const numberIn = (tensor: Tensor): number => tensor.dataSync()[0] as number;

/** All numbers of a tensor. */
export const numbersIn = (tensor: Tensor): number[] => Array.from(tensor.dataSync() as ArrayLike<number>);
