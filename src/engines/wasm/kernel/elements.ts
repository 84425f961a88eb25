import {activate} from './activations';
import {BLOCK, ElementOperation, ElementsWords, Operation} from './isa.generated';
import {abs, add, atLeast, atMost, fill, mul, mulAdd, sub, whereAtMost, width} from './vector';

/**
 * Operations run over a block of elements, one after the other, before the next block begins: what they hand to each
 * other stays in the first cache, and values that no other instruction reads need room for one block only.
 */
export function elements<T>(w: ElementsWords, steps: usize): void {
  const total = w.bytes;
  const first = changetype<usize>(w) + offsetof<ElementsWords>();
  const end = first + w.operations * offsetof<Operation>();
  for (let at: usize = 0; at < total; at += BLOCK * 4) {
    const bytes = min(BLOCK * 4, total - at);
    for (let o = first; o < end; o += offsetof<Operation>()) operate<T>(changetype<Operation>(o), at, bytes);
  }
}

/** Where an operand's block is. */
@inline
function block(value: usize, mask: usize, at: usize): usize {
  return value + (at & mask);
}

function operate<T>(o: Operation, at: usize, bytes: usize): void {
  const w = width<T>();
  let d = block(o.to, o.toMask, at), a = block(o.a, o.aMask, at), b = block(o.b, o.bMask, at);
  const end = d + bytes;
  const p = fill<T>(o.p);
  const zero = fill<T>(0), one = fill<T>(1);
  switch (o.operation) {
    case ElementOperation.copy:
      for (; d < end; d += w, a += w) store<T>(d, load<T>(a));
      break;
    case ElementOperation.add:
      for (; d < end; d += w, a += w, b += w) store<T>(d, add<T>(load<T>(a), load<T>(b)));
      break;
    case ElementOperation.multiply:
      for (; d < end; d += w, a += w, b += w) store<T>(d, mul<T>(load<T>(a), load<T>(b)));
      break;
    case ElementOperation.multiplyAdd: {
      let c = block(o.c, o.cMask, at);
      for (; d < end; d += w, a += w, b += w, c += w)
        store<T>(d, mulAdd<T>(load<T>(a), load<T>(b), load<T>(c)));
      break;
    }
    case ElementOperation.complement:
      for (; d < end; d += w, a += w) store<T>(d, sub<T>(one, load<T>(a)));
      break;
    case ElementOperation.negate:
      for (; d < end; d += w, a += w) store<T>(d, sub<T>(zero, load<T>(a)));
      break;
    case ElementOperation.offset:
      for (; d < end; d += w, a += w) store<T>(d, add<T>(load<T>(a), p));
      break;
    case ElementOperation.clip: {
      const low = sub<T>(zero, p);
      for (; d < end; d += w, a += w) store<T>(d, atMost<T>(atLeast<T>(load<T>(a), low), p));
      break;
    }
    case ElementOperation.inside:
      for (; d < end; d += w, a += w) store<T>(d, whereAtMost<T>(abs<T>(load<T>(a)), p, one, zero));
      break;
    case ElementOperation.zero:
      for (; d < end; d += w) store<T>(d, zero);
      break;
    default:
      activate<T>(o, d, end, a, b);
  }
}
