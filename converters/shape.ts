/** How many elements an array of this shape has: 1 for a scalar. NaN where a dimension or the product is no safe integer. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return Number.NaN;
    count *= size;
  }
  // A product beyond 2^53 times a dimension of 0 is still 0 elements.
  return Number.isSafeInteger(count) ? count : Number.NaN;
}

/** A shape as Python writes it, for messages. */
export function showShape(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}
