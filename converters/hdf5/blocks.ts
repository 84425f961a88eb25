/** How much is copied out of libhdf5's memory at a time: larger gains no speed, and that memory never shrinks. */
export const BLOCK_BYTES = 8 << 20;

/** Chunks are unpacked whole, so their rows are kept together; a single row of chunks may exceed this. */
const CHUNKED_BLOCK_BYTES = 32 << 20;

export interface Block {
  readonly offset: readonly number[];
  readonly count: readonly number[];
}

/**
 * Cuts an array into blocks that follow each other in row-major order, each of about BLOCK_BYTES at most.
 * For arrays of one axis or more; a small one is one block, an empty one has none.
 */
export function* blocks(
  shape: readonly number[],
  itemSize: number,
  chunks: readonly number[] | null,
  limit = chunks === null ? BLOCK_BYTES : CHUNKED_BLOCK_BYTES,
): Generator<Block> {
  if (shape.includes(0)) return;
  // The axis to cut: the first whose rows fit. Axes before it go one index at a time; those after it stay whole.
  let axis = 0;
  let rowBytes = shape.slice(1).reduce((bytes, size) => bytes * size, itemSize);
  while (chunks === null && rowBytes > limit && axis < shape.length - 1) rowBytes /= shape[++axis]!;
  const step = chunks?.[axis] ?? 1;
  const rows = Math.max(step, Math.floor(limit / rowBytes / step) * step);
  const leading = shape.slice(0, axis);
  const trailing = shape.slice(axis + 1);
  const index = leading.map(() => 0);
  for (;;) {
    for (let start = 0; start < shape[axis]!; start += rows) {
      yield {
        offset: [...index, start, ...trailing.map(() => 0)],
        count: [...leading.map(() => 1), Math.min(rows, shape[axis]! - start), ...trailing],
      };
    }
    let k = axis - 1;
    while (k >= 0 && ++index[k]! === leading[k]) index[k--] = 0;
    if (k < 0) return;
  }
}
