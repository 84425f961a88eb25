import {countOf} from './product';
import {add, fill, loadFill, width} from './vector';

/**
 * Rows of numbers from one place to another, with strides of their own. Words: to, its stride from outer to outer, from
 * row to row; from, its strides; outer; rows; numbers of a row.
 */
export function copyRows<T>(p: usize, steps: usize): void {
  const toOuter = load<usize>(p, 8), toRow = load<usize>(p, 12);
  const fromOuter = load<usize>(p, 20), fromRow = load<usize>(p, 24);
  const outer = countOf(load<usize>(p, 28), steps), rows = countOf(load<usize>(p, 32), steps);
  const bytes = load<usize>(p, 36) << 2;
  const whole = bytes & ~(width<T>() - 1);
  let toBlock = load<usize>(p, 4), fromBlock = load<usize>(p, 16);
  for (let o: usize = 0; o < outer; o++) {
    let to = toBlock, from = fromBlock;
    for (let r: usize = 0; r < rows; r++) {
      let k: usize = 0;
      for (; k < whole; k += width<T>()) store<T>(to + k, load<T>(from + k));
      for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(from + k));
      to += toRow;
      from += fromRow;
    }
    toBlock += toOuter;
    fromBlock += fromOuter;
  }
}

/** A number of its own all along each row. Words: to, from (a number per row), rows, vectors of a row. */
export function fillRows<T>(p: usize): void {
  let to = load<usize>(p, 4), from = load<usize>(p, 8);
  const rows = load<usize>(p, 12), vectors = load<usize>(p, 16);
  for (let r: usize = 0; r < rows; r++) {
    const x = loadFill<T>(from);
    for (let v: usize = 0; v < vectors; v++) {
      store<T>(to, x);
      to += width<T>();
    }
    from += 4;
  }
}

/** Words: to, bytes. */
export function zero(p: usize): void {
  memory.fill(load<usize>(p, 4), 0, load<usize>(p, 8));
}

/**
 * Adds all rows to one. Words: that one; from, its stride from outer to outer, from row to row; outer; rows; vectors of
 * a row.
 */
export function addRows<T>(p: usize, steps: usize): void {
  const to = load<usize>(p, 4);
  const fromOuter = load<usize>(p, 12), fromRow = load<usize>(p, 16);
  const outer = countOf(load<usize>(p, 20), steps), rows = load<usize>(p, 24);
  const bytes = load<usize>(p, 28) * width<T>();
  let block = load<usize>(p, 8);
  for (let o: usize = 0; o < outer; o++) {
    let from = block;
    for (let r: usize = 0; r < rows; r++) {
      for (let k: usize = 0; k < bytes; k += width<T>())
        store<T>(to + k, add<T>(load<T>(to + k), load<T>(from + k)));
      from += fromRow;
    }
    block += fromOuter;
  }
}

// Layer normalization. Words: to, x (dy where it goes backwards), rows, numbers of a row, bytes from row to row, scale,
// y; epsilon stands in the scale's place where the scale is made.

function mean(row: usize, numbers: usize): f32 {
  let sum: f32 = 0;
  for (let k: usize = 0; k < numbers; k++) sum += load<f32>(row + (k << 2));
  return sum / <f32>numbers;
}

/** 1 / √(variance + epsilon) of each row, all along it. */
export function inverseDeviation(p: usize): void {
  let to = load<usize>(p, 4), x = load<usize>(p, 8);
  const rows = load<usize>(p, 12), numbers = load<usize>(p, 16), stride = load<usize>(p, 20);
  const epsilon = load<f32>(p, 24);
  for (let r: usize = 0; r < rows; r++) {
    const centre = mean(x, numbers);
    let sum: f32 = 0;
    for (let k: usize = 0; k < numbers; k++) {
      const off = load<f32>(x + (k << 2)) - centre;
      sum += off * off;
    }
    const inverse: f32 = 1 / sqrt<f32>(sum / <f32>numbers + epsilon);
    for (let k: usize = 0; k < numbers; k++) store<f32>(to + (k << 2), inverse);
    to += stride;
    x += stride;
  }
}

/** (x − mean of the row) · scale */
export function standardize(p: usize): void {
  let to = load<usize>(p, 4), x = load<usize>(p, 8), scale = load<usize>(p, 24);
  const rows = load<usize>(p, 12), numbers = load<usize>(p, 16), stride = load<usize>(p, 20);
  for (let r: usize = 0; r < rows; r++) {
    const centre = mean(x, numbers);
    for (let k: usize = 0; k < numbers << 2; k += 4)
      store<f32>(to + k, (load<f32>(x + k) - centre) * load<f32>(scale + k));
    to += stride;
    x += stride;
    scale += stride;
  }
}

/** The gradient of x through both, from dy, y and the scale. */
export function standardizeGradient(p: usize): void {
  let to = load<usize>(p, 4), dy = load<usize>(p, 8), scale = load<usize>(p, 24), y = load<usize>(p, 28);
  const rows = load<usize>(p, 12), numbers = load<usize>(p, 16), stride = load<usize>(p, 20);
  for (let r: usize = 0; r < rows; r++) {
    const centre = mean(dy, numbers);
    let along: f32 = 0;
    for (let k: usize = 0; k < numbers << 2; k += 4) along += load<f32>(dy + k) * load<f32>(y + k);
    along /= <f32>numbers;
    for (let k: usize = 0; k < numbers << 2; k += 4)
      store<f32>(to + k, (load<f32>(dy + k) - centre - load<f32>(y + k) * along) * load<f32>(scale + k));
    to += stride;
    dy += stride;
    scale += stride;
    y += stride;
  }
}
