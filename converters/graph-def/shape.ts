import {bytes, readMessage, varint} from './message';

/** null: of any size. A whole shape of null: of any rank. */
export type PartialShape = readonly (number | null)[] | null;

/** A `TensorShapeProto` in which sizes may be unknown (−1). Source: core/framework/tensor_shape.proto. */
export function readPartialShape(message: Uint8Array, where: string): PartialShape {
  const shape: (number | null)[] = [];
  let unknown = false;
  readMessage(message, where, {
    2: bytes(dimension => {
      let size: number | null = 0;
      readMessage(dimension, where, {
        1: varint(value => {
          size = value < 0 ? null : value;
        }),
      });
      shape.push(size);
    }),
    3: varint(value => {
      unknown = value !== 0;
    }),
  });
  return unknown ? null : shape;
}
