import {badFormat} from '../../format-error';
import type {Partially} from '../declare';
import type {TensorShapeProto} from './tensor';

/** null: of any size. A whole shape of null: of any rank. */
export type PartialShape = readonly (number | null)[] | null;

/** A shape in which sizes may be unknown. */
export function partialShape({dim, unknownRank}: TensorShapeProto): PartialShape {
  return unknownRank ? null : dim.map(({size}) => (size < 0 ? null : size));
}

/**
 * A shape of which all is known; an absent one is a scalar's.
 * @throws CarryoverError E_FORMAT where it is not
 */
export function knownShape(proto: TensorShapeProto | undefined, where: string): number[] {
  const shape = proto ? partialShape(proto) : [];
  if (shape === null || shape.includes(null)) throw badFormat(where, 'a shape that is not fully known');
  return shape as number[];
}

export function shapeProto(shape: PartialShape): Partially<TensorShapeProto> {
  if (shape === null) return {unknownRank: true};
  return {dim: shape.map(size => ({size: size ?? -1}))};
}
