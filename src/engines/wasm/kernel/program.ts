import {elements} from './elements';
import {meet} from './meet';
import {outerProduct, product} from './product';
import {addRows, copyRows, fillRows, inverseDeviation, standardize, standardizeGradient, zero} from './rows';

/**
 * A program is a header and instructions, words of 32 bits. Header: number of steps; steps of a round; where the
 * sections begin, of what runs once before all steps, before each round, at each step, after each round and once
 * after all steps, and where the last one ends; then the words that move from step to step, and those that move
 * from round to round: where each list begins, and its end.
 */
export function run<T>(p: usize): void {
  const steps = load<usize>(p), most = load<usize>(p, 4);
  const before = load<usize>(p, 8), open = load<usize>(p, 12), step = load<usize>(p, 16);
  const close = load<usize>(p, 20), after = load<usize>(p, 24), end = load<usize>(p, 28);
  const byStep = load<usize>(p, 32), byRound = load<usize>(p, 36), moved = load<usize>(p, 40);
  section<T>(before, open, 0);
  for (let done: usize = 0; done < steps; done += most) {
    const count = min(most, steps - done);
    section<T>(open, step, count);
    for (let s: usize = 0; s < count; s++) {
      section<T>(step, close, count);
      for (let m = byStep; m < byRound; m += 8) {
        const word = load<usize>(m);
        store<usize>(word, load<usize>(word) + load<usize>(m, 4));
      }
    }
    section<T>(close, after, count);
    for (let m = byRound; m < moved; m += 8) {
      const word = load<usize>(m);
      store<usize>(word, load<usize>(word) + load<usize>(m, 4) * count);
    }
  }
  section<T>(after, end, 0);
}

/** Runs instructions; their numbers are those of `src/engines/wasm/codes.ts`. `steps`: how many the round has. */
function section<T>(from: usize, end: usize, steps: usize): void {
  let p = from;
  while (p < end) {
    switch (load<i32>(p)) {
      case 0:
        p = elements<T>(p);
        break;
      case 1:
        product<T>(p, steps);
        p += 56;
        break;
      case 2:
        outerProduct<T>(p, steps);
        p += 60;
        break;
      case 3:
        copyRows<T>(p, steps);
        p += 40;
        break;
      case 4:
        fillRows<T>(p);
        p += 20;
        break;
      case 5:
        zero(p);
        p += 12;
        break;
      case 6:
        addRows<T>(p, steps);
        p += 32;
        break;
      case 7:
        inverseDeviation(p);
        p += 28;
        break;
      case 8:
        standardize(p);
        p += 28;
        break;
      case 9:
        standardizeGradient(p);
        p += 32;
        break;
      case 10:
        meet(p);
        p += 20;
        break;
      default:
        unreachable();
    }
  }
}
