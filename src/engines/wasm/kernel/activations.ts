import {ElementOperation, Operation} from './isa.generated';
import {exp, expm1, sigmoid, softplus, tanh} from './math';
import {abs, add, atLeast, atMost, div, fill, mul, mulAdd, sub, whereLess, width} from './vector';

/** f(a) from `a` on, to `d` until `end`. Inlined, since a call takes as long as some elements do. */
@inline
export function activate<T>(o: Operation, d: usize, end: usize, a: usize, b: usize): void {
  const w = width<T>();
  const p = fill<T>(o.p), q = fill<T>(o.q);
  const zero = fill<T>(0), one = fill<T>(1);
  switch (o.operation) {
    case ElementOperation.tanh:
      for (; d < end; d += w, a += w) store<T>(d, tanh<T>(load<T>(a)));
      break;
    case ElementOperation.sigmoid:
      for (; d < end; d += w, a += w) store<T>(d, sigmoid<T>(load<T>(a)));
      break;
    case ElementOperation.relu:
      for (; d < end; d += w, a += w) store<T>(d, atLeast<T>(load<T>(a), zero));
      break;
    case ElementOperation.softplus:
      for (; d < end; d += w, a += w) store<T>(d, softplus<T>(load<T>(a)));
      break;
    case ElementOperation.softsign:
      for (; d < end; d += w, a += w) {
        const x = load<T>(a);
        store<T>(d, div<T>(x, add<T>(abs<T>(x), one)));
      }
      break;
    case ElementOperation.exponential:
      for (; d < end; d += w, a += w) store<T>(d, exp<T>(load<T>(a)));
      break;
    case ElementOperation.hardSigmoid:
      for (; d < end; d += w, a += w)
        store<T>(d, atMost<T>(atLeast<T>(mulAdd<T>(load<T>(a), p, q), zero), one));
      break;
    case ElementOperation.elu:
      for (; d < end; d += w, a += w) {
        const x = load<T>(a);
        store<T>(d, mul<T>(whereLess<T>(zero, x, x, mul<T>(p, expm1<T>(atMost<T>(x, zero)))), q));
      }
      break;
    case ElementOperation.leakyRelu:
      for (; d < end; d += w, a += w) {
        const x = load<T>(a);
        store<T>(d, whereLess<T>(zero, x, x, mul<T>(p, x)));
      }
      break;
    case ElementOperation.scaledTanh:
      for (; d < end; d += w, a += w) store<T>(d, mul<T>(tanh<T>(mul<T>(load<T>(a), p)), q));
      break;
    case ElementOperation.cappedRelu:
      for (; d < end; d += w, a += w) store<T>(d, atMost<T>(atLeast<T>(load<T>(a), zero), p));
      break;
    default:
      slope<T>(o, d, end, a, b);
  }
}

/** a·f′(x) from b = f(x). */
function slope<T>(o: Operation, d: usize, end: usize, a: usize, b: usize): void {
  const w = width<T>();
  const p = fill<T>(o.p), q = fill<T>(o.q);
  const zero = fill<T>(0), one = fill<T>(1);
  switch (o.operation) {
    case ElementOperation.tanhSlope:
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), sub<T>(one, mul<T>(y, y))));
      }
      break;
    case ElementOperation.sigmoidSlope:
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), mul<T>(y, sub<T>(one, y))));
      }
      break;
    case ElementOperation.reluSlope:
      for (; d < end; d += w, a += w, b += w)
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, load<T>(b), one, zero)));
      break;
    case ElementOperation.softplusSlope:
      for (; d < end; d += w, a += w, b += w)
        store<T>(d, mul<T>(load<T>(a), sub<T>(zero, expm1<T>(sub<T>(zero, load<T>(b))))));
      break;
    case ElementOperation.softsignSlope:
      for (; d < end; d += w, a += w, b += w) {
        const rest = sub<T>(one, abs<T>(load<T>(b)));
        store<T>(d, mul<T>(load<T>(a), mul<T>(rest, rest)));
      }
      break;
    case ElementOperation.exponentialSlope:
      for (; d < end; d += w, a += w, b += w) store<T>(d, mul<T>(load<T>(a), load<T>(b)));
      break;
    case ElementOperation.hardSigmoidSlope:
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        const inside = whereLess<T>(zero, y, whereLess<T>(y, one, p, zero), zero);
        store<T>(d, mul<T>(load<T>(a), inside));
      }
      break;
    case ElementOperation.eluSlope: // scale above 0, y + alpha·scale below
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, y, q, add<T>(y, mul<T>(p, q)))));
      }
      break;
    case ElementOperation.leakyReluSlope:
      for (; d < end; d += w, a += w, b += w)
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, load<T>(b), one, p)));
      break;
    case ElementOperation.scaledTanhSlope: { // (out² − y²)·in/out
      const square = mul<T>(q, q), rate = div<T>(p, q);
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), mul<T>(sub<T>(square, mul<T>(y, y)), rate)));
      }
      break;
    }
    case ElementOperation.cappedReluSlope:
      for (; d < end; d += w, a += w, b += w) {
        const y = load<T>(b);
        store<T>(d, mul<T>(load<T>(a), whereLess<T>(zero, y, whereLess<T>(y, p, one, zero), zero)));
      }
      break;
    default:
      unreachable();
  }
}
