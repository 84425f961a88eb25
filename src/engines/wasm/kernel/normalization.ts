import {InverseDeviationWords, StandardizeGradientWords, StandardizeWords} from './isa.generated';

/** Layer normalization over the elements of each row. */

function mean(row: usize, elements: usize): f32 {
  let sum: f32 = 0;
  for (let k: usize = 0; k < elements; k++) sum += load<f32>(row + (k << 2));
  return sum / <f32>elements;
}

export function inverseDeviation<T>(w: InverseDeviationWords, steps: usize): void {
  let to = w.to, x = w.x;
  const rows = w.rows, elements = w.elements, stride = w.stride;
  const epsilon = w.epsilon;
  for (let r: usize = 0; r < rows; r++) {
    const centre = mean(x, elements);
    let sum: f32 = 0;
    for (let k: usize = 0; k < elements; k++) {
      const off = load<f32>(x + (k << 2)) - centre;
      sum += off * off;
    }
    const inverse: f32 = 1 / sqrt<f32>(sum / <f32>elements + epsilon);
    store<f32>(to, inverse);
    to += 4;
    x += stride;
  }
}

export function standardize<T>(w: StandardizeWords, steps: usize): void {
  let to = w.to, x = w.x, scale = w.scale;
  const rows = w.rows, elements = w.elements, stride = w.stride;
  for (let r: usize = 0; r < rows; r++) {
    const centre = mean(x, elements), factor = load<f32>(scale);
    for (let k: usize = 0; k < elements << 2; k += 4)
      store<f32>(to + k, (load<f32>(x + k) - centre) * factor);
    to += stride;
    x += stride;
    scale += 4;
  }
}

export function standardizeGradient<T>(w: StandardizeGradientWords, steps: usize): void {
  let to = w.to, dy = w.dy, scale = w.scale, y = w.y;
  const rows = w.rows, elements = w.elements, stride = w.stride;
  for (let r: usize = 0; r < rows; r++) {
    const centre = mean(dy, elements);
    let along: f32 = 0;
    for (let k: usize = 0; k < elements << 2; k += 4) along += load<f32>(dy + k) * load<f32>(y + k);
    along /= <f32>elements;
    const factor = load<f32>(scale);
    for (let k: usize = 0; k < elements << 2; k += 4)
      store<f32>(to + k, (load<f32>(dy + k) - centre - load<f32>(y + k) * along) * factor);
    to += stride;
    dy += stride;
    scale += 4;
    y += stride;
  }
}
