/**
 * How windows lie on a dimension of n values.
 * - `valid`: inside only. `full`: every overlap (Theano). `causal`: no value from the future.
 * - `same`: ceil(n / stride) windows, padding split as TensorFlow does, the larger part at the end.
 * - `half`: as many, but half a window of padding before the first (Theano's convolution).
 * - `poolSame`: as many, with the padding that Keras gives Theano's pooling: size − 2 before if size is odd and
 *   more than 2, else size − 1.
 * - `partial`: as `valid`, and a last window that hangs over the end (Theano, ignore_border=False).
 */
export type Padding = 'valid' | 'full' | 'causal' | 'same' | 'half' | 'poolSame' | 'partial';

export interface Window {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Number of windows. */
export function windowCount(n: number, {size, stride, dilation}: Window, padding: Padding): number {
  const reach = (size - 1) * dilation + 1;
  switch (padding) {
    case 'valid':
      return Math.ceil((n - reach + 1) / stride);
    case 'full':
      return Math.ceil((n + reach - 1) / stride);
    case 'partial':
      // Theano 0.8.2, Pool.out_shape.
      return stride >= size
        ? Math.floor((n - 1) / stride) + 1
        : Math.max(0, Math.floor((n - 1 - size) / stride) + 1) + 1;
    default:
      return Math.ceil(n / stride);
  }
}

/** Values to add [before, after] so that plain windows over the padded dimension are the wanted ones. */
export function paddingOf(n: number, window: Window, padding: Padding): [number, number] {
  const {size, stride, dilation} = window;
  const reach = (size - 1) * dilation + 1;
  const needed = (windowCount(n, window, padding) - 1) * stride + reach;
  const before = (() => {
    switch (padding) {
      case 'full':
      case 'causal':
        return reach - 1;
      case 'same':
        return Math.floor(Math.max(needed - n, 0) / 2);
      case 'half':
        return Math.floor(reach / 2);
      case 'poolSame':
        return size > 2 && size % 2 === 1 ? size - 2 : size - 1;
      default:
        return 0;
    }
  })();
  return [before, Math.max(needed - n - before, 0)];
}
