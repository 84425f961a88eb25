import {BroadcastWords, StridedCopyWords, SumRowsWords, ZeroWords} from './isa.generated';
import {countOf} from './iteration';
import {add, loadFill, width} from './vector';

export function stridedCopy<T>(w: StridedCopyWords, steps: usize): void {
  const toOuter = w.toOuter, toRow = w.toRow;
  const fromOuter = w.fromOuter, fromRow = w.fromRow;
  const outer = countOf(w.outer, steps), rows = countOf(w.rows, steps);
  const bytes = w.elements << 2;
  const whole = bytes & ~(width<T>() - 1);
  let toBlock = w.to, fromBlock = w.from;
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

export function broadcast<T>(w: BroadcastWords, steps: usize): void {
  let to = w.to, from = w.from;
  const rows = w.rows, vectors = w.vectors;
  for (let r: usize = 0; r < rows; r++) {
    const x = loadFill<T>(from);
    for (let v: usize = 0; v < vectors; v++) {
      store<T>(to, x);
      to += width<T>();
    }
    from += 4;
  }
}

export function zero<T>(w: ZeroWords, steps: usize): void {
  memory.fill(w.to, 0, w.bytes);
}

export function sumRows<T>(w: SumRowsWords, steps: usize): void {
  const to = w.to;
  const fromOuter = w.fromOuter, fromRow = w.fromRow;
  const outer = countOf(w.outer, steps), rows = w.rows;
  const bytes = w.vectors * width<T>();
  let block = w.from;
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
