import {GATES, type Recurrence} from '../../recurrence/types';
import type {Call} from '../types';

/** ONNX Runtime gives each thread some rows of a batch; on one thread these few take hardly longer than one row. */
const FEW_ROWS = 4;
/** Multiplications with h, per row and step. ONNX Runtime cuts the product of a single row in two from here on. */
const SMALL_PRODUCT = 2 ** 16;

/**
 * Whether one thread is faster than several: where the steps are so small that handing them over takes longer than
 * they do. ONNX Runtime's time with one thread by that with two, on two idle cores, (batch, time, features, units):
 * 1,100,64,128 0.92; 2,50,32,64 0.75; 4,50,32,64 0.86; 4,100,64,128 0.77. Just beyond: 8,50,32,64 1.29; 1,100,64,192
 * 1.22; 1,100,512,128 1.14, for the product with x, which is one for all steps, gains by a second thread.
 */
export function oneThreadIsFaster(
  {cell, units}: Recurrence,
  {batch, features}: Pick<Call, 'batch' | 'features'>,
): boolean {
  return batch <= FEW_ROWS && features <= units && GATES[cell].length * units * units <= SMALL_PRODUCT;
}
