import {exp, expm1, sigmoid, softplus, tanh} from './math';
import {abs, add, atLeast, atMost, div, fill, mul, mulAdd, sub, whereAtMost, whereLess, width} from './vector';

/**
 * Element-wise operations: `src/engines/wasm/codes.ts` has their numbers and says what they compute.
 *
 * Several in a row run over a block of elements before the next block is begun, so that what they hand to each other
 * never leaves the first cache: values that no one else reads have room for one block alone.
 */

/** Elements of a block; `BLOCK` of `src/engines/wasm/codes.ts`. */
const BLOCK: usize = 512;
/** Bytes of an operation: code, then place and mask of its result and of three operands, then two numbers. */
const OPERATION: usize = 44;

/** Words: bytes of a whole value, number of operations, then these. Returns where they end. */
export function elements<T>(p: usize): usize {
  const total = load<usize>(p, 4);
  const first = p + 12;
  const end = first + load<usize>(p, 8) * OPERATION;
  for (let at: usize = 0; at < total; at += BLOCK * 4) {
    const bytes = min(BLOCK * 4, total - at);
    for (let o = first; o < end; o += OPERATION) operation<T>(o, at, bytes);
  }
  return end;
}

/** An operand's place in this block: masked with 0, it is the same in every block. */
@inline
function place(o: usize, at: usize): usize {
  return load<usize>(o) + (at & load<usize>(o, 4));
}

function operation<T>(o: usize, at: usize, bytes: usize): void {
  const w = width<T>();
  const end = place(o + 4, at) + bytes;
  let d = place(o + 4, at), a = place(o + 12, at), b = place(o + 20, at);
  const p0 = fill<T>(load<f32>(o, 36)), p1 = fill<T>(load<f32>(o, 40));
  const zero = fill<T>(0), one = fill<T>(1);
  switch (load<i32>(o)) {
    case 0: // copy
      for (; d < end; d += w, a += w) store<T>(d, load<T>(a));
      break;
    case 1: // add
      for (; d < end; d += w, a += w, b += w) store<T>(d, add<T>(load<T>(a), load<T>(b)));
      break;
    case 2: // multiply
      for (; d < end; d += w, a += w, b += w) store<T>(d, mul<T>(load<T>(a), load<T>(b)));
      break;
    case 3: { // multiplyAdd
      let c = place(o + 28, at);
      for (; d < end; d += w, a += w, b += w, c += w)
        store<T>(d, mulAdd<T>(load<T>(a), load<T>(b), load<T>(c)));
      break;
    }
    case 4: // complement
      for (; d < end; d += w, a += w) store<T>(d, sub<T>(one, load<T>(a)));
      break;
    case 5: // negate
      for (; d < end; d += w, a += w) store<T>(d, sub<T>(zero, load<T>(a)));
      break;
    case 6: // offset
      for (; d < end; d += w, a += w) store<T>(d, add<T>(load<T>(a), p0));
      break;
    case 7: { // clip
      const low = sub<T>(zero, p0);
      for (; d < end; d += w, a += w) store<T>(d, atMost<T>(atLeast<T>(load<T>(a), low), p0));
      break;
    }
    case 8: // inside
      for (; d < end; d += w, a += w) store<T>(d, whereAtMost<T>(abs<T>(load<T>(a)), p0, one, zero));
      break;
    case 9: // zero
      for (; d < end; d += w) store<T>(d, zero);
      break;
    case 16:
      for (; d < end; d += w, a += w) store<T>(d, tanh<T>(load<T>(a)));
      break;
    case 17:
      for (; d < end; d += w, a += w) store<T>(d, sigmoid<T>(load<T>(a)));
      break;
    case 18: // relu
      for (; d < end; d += w, a += w) store<T>(d, atLeast<T>(load<T>(a), zero));
      break;
    case 19:
      for (; d < end; d += w, a += w) store<T>(d, softplus<T>(load<T>(a)));
      break;
    case 20: // softsign
      for (; d < end; d += w, a += w) {
        const x = load<T>(a);
        store<T>(d, div<T>(x, add<T>(abs<T>(x), one)));
      }
      break;
    case 21: // exponential
      for (; d < end; d += w, a += w) store<T>(d, exp<T>(load<T>(a)));
      break;
    case 22: // hardSigmoid
      for (; d < end; d += w, a += w)
        store<T>(d, atMost<T>(atLeast<T>(mulAdd<T>(load<T>(a), p0, p1), zero), one));
      break;
    case 23: // elu
      for (; d < end; d += w, a += w) {
        const x = load<T>(a);
        store<T>(d, mul<T>(whereLess<T>(zero, x, x, mul<T>(p0, expm1<T>(atMost<T>(x, zero)))), p1));
      }
      break;
    case 24: // leakyRelu
      for (; d < end; d += w, a += w) {
        const x = load<T>(a);
        store<T>(d, whereLess<T>(zero, x, x, mul<T>(p0, x)));
      }
      break;
    case 25: // scaledTanh
      for (; d < end; d += w, a += w) store<T>(d, mul<T>(tanh<T>(mul<T>(load<T>(a), p0)), p1));
      break;
    case 26: // cappedRelu
      for (; d < end; d += w, a += w) store<T>(d, atMost<T>(atLeast<T>(load<T>(a), zero), p0));
      break;
    default:
      slopes<T>(load<i32>(o), d, end, a, b, p0, p1);
  }
}

/** a·f′(x) from b = f(x). */
function slopes<T>(code: i32, d: usize, end: usize, a: usize, b: usize, p0: T, p1: T): void {
  const w = width<T>();
  const zero = fill<T>(0), one = fill<T>(1);
  switch (code) {
    case 32: // tanh
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), sub<T>(one, mul<T>(y, y))));
      }
      break;
    case 33: // sigmoid
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), mul<T>(y, sub<T>(one, y))));
      }
      break;
    case 34: // relu
      for (; d < end; d += w, a += w, b += w)
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, load<T>(b), one, zero)));
      break;
    case 35: // softplus
      for (; d < end; d += w, a += w, b += w)
        store<T>(d, mul<T>(load<T>(a), sub<T>(zero, expm1<T>(sub<T>(zero, load<T>(b))))));
      break;
    case 36: // softsign
      for (; d < end; d += w, a += w, b += w) {
        const rest = sub<T>(one, abs<T>(load<T>(b)));
        store<T>(d, mul<T>(load<T>(a), mul<T>(rest, rest)));
      }
      break;
    case 37: // exponential
      for (; d < end; d += w, a += w, b += w) store<T>(d, mul<T>(load<T>(a), load<T>(b)));
      break;
    case 38: // hardSigmoid
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        const inside = whereLess<T>(zero, y, whereLess<T>(y, one, p0, zero), zero);
        store<T>(d, mul<T>(load<T>(a), inside));
      }
      break;
    case 39: // elu: scale above 0, y + alpha·scale below
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, y, p1, add<T>(y, mul<T>(p0, p1)))));
      }
      break;
    case 40: // leakyRelu
      for (; d < end; d += w, a += w, b += w)
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, load<T>(b), one, p0)));
      break;
    case 41: { // scaledTanh: (out² − y²)·in/out
      const square = mul<T>(p1, p1), rate = div<T>(p0, p1);
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), mul<T>(sub<T>(square, mul<T>(y, y)), rate)));
      }
      break;
    }
    case 42: // cappedRelu
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, y, whereLess<T>(y, p0, one, zero), zero)));
      }
      break;
    default:
      unreachable();
  }
}
