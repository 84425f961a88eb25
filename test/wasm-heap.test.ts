import test from 'ava';
import fc from 'fast-check';
import {CONSTANTS} from '../src/engines/wasm/isa';
import {Heap} from '../src/engines/wasm/run/heap';
import {CarryoverError} from '../src/errors';

const PAGE = 65536;
const {RESERVED} = CONSTANTS;

function make(initial = 1, maximum = 16): {heap: Heap; memory: WebAssembly.Memory} {
  const memory = new WebAssembly.Memory({initial, maximum});
  return {heap: new Heap(memory), memory};
}

test('pieces begin on cache lines, behind what is the kernel’s own, and do not overlap', t => {
  const {heap} = make();
  const taken = [1, 64, 65, 0, 1000].map(bytes => heap.allocate(bytes));
  t.deepEqual(
    taken,
    [0, 64, 128, 256, 320].map(offset => RESERVED + offset),
  );
  t.is(heap.used, 64 + 64 + 128 + 64 + 1024);
});

test('what was freed is allocated again', t => {
  const {heap} = make();
  const [a, b] = [heap.allocate(640), heap.allocate(640)];
  heap.free(a);
  t.is(heap.used, 640);
  t.is(heap.allocate(320), a);
  t.is(heap.allocate(320), a + 320);
  t.is(heap.allocate(64), b + 640);
});

test('freed pieces join with those beside them, whatever the order', t => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [0, 2, 1],
    [1, 0, 2],
  ]) {
    const {heap} = make();
    const pieces = [heap.allocate(640), heap.allocate(640), heap.allocate(640)];
    const after = heap.allocate(64);
    for (const k of order) heap.free(pieces[k]!);
    t.is(heap.allocate(3 * 640), pieces[0]!);
    heap.free(pieces[0]!);
    heap.free(after);
    t.is(heap.allocate(PAGE - RESERVED), RESERVED);
    t.is(heap.bytes, PAGE);
  }
});

test('freeing what is not allocated changes nothing', t => {
  const {heap} = make();
  const [a, b] = [heap.allocate(64), heap.allocate(64)];
  heap.free(a);
  heap.free(a);
  heap.free(a + 4);
  heap.free(12345);
  t.is(heap.used, 64);
  t.is(heap.allocate(128), b + 64);
});

test('the memory grows where no piece is large enough, what is free at its end included', t => {
  const {heap} = make();
  const a = heap.allocate(1024);
  heap.floats[a / 4] = 7;
  const stale = heap.floats;
  const b = heap.allocate(2 * PAGE - RESERVED - 1024);
  t.is(b, a + 1024);
  t.is(heap.bytes, 2 * PAGE);
  t.not(heap.floats, stale);
  t.is(heap.floats.length, (2 * PAGE) / 4);
  t.is(heap.words.buffer, heap.floats.buffer);
  t.is(heap.floats[a / 4], 7);
  const c = heap.allocate(3 * PAGE);
  t.is(c, 2 * PAGE);
  heap.free(a);
  heap.free(b);
  heap.free(c);
  t.is(heap.used, 0);
  t.is(heap.allocate(5 * PAGE - RESERVED), RESERVED);
});

test('where somewhat more than is needed cannot be had, what is needed is allocated', t => {
  const {heap, memory} = make(8, 64);
  const wanted: number[] = [];
  const grow = memory.grow.bind(memory);
  memory.grow = pages => {
    wanted.push(pages);
    if (pages > 1) throw new RangeError('no memory');
    return grow(pages);
  };
  heap.allocate(8 * PAGE);
  t.deepEqual(wanted, [2, 1]);
  t.is(heap.bytes, 9 * PAGE);
});

test('what the memory cannot give is refused with what is asked for, and what can be done', t => {
  const {heap} = make(1, 2);
  const a = heap.allocate(PAGE / 2);
  const error = t.throws(() => heap.allocate(64 * 2 ** 20), {instanceOf: CarryoverError})!;
  t.is(error.code, 'E_ENGINE');
  t.regex(error.message, /engine wasm: this call needs 64 MB beside 0 MB in use/);
  t.regex(error.message, /setEngine\('native'\)/);
  // More than can be addressed.
  t.throws(() => heap.allocate(2 ** 33), {code: 'E_ENGINE'});
  t.is(heap.used, PAGE / 2);
  heap.free(a);
  t.is(heap.allocate(PAGE - RESERVED), RESERVED);
});

test('whatever is allocated and freed, pieces lie apart, are counted, and join again', t => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(3 * PAGE)), {maxLength: 60});
  fc.assert(
    fc.property(steps, all => {
      const {heap} = make(1, 1024);
      const pieces: {at: number; end: number}[] = [];
      for (const [allocates, number] of all) {
        if (allocates || pieces.length === 0) {
          const at = heap.allocate(number);
          const end = at + Math.max(64, Math.ceil(number / 64) * 64);
          if (at < RESERVED || at % 64 !== 0 || end > heap.bytes) return false;
          if (pieces.some(piece => at < piece.end && piece.at < end)) return false;
          pieces.push({at, end});
        } else heap.free(pieces.splice(number % pieces.length, 1)[0]!.at);
        if (heap.used !== pieces.reduce((sum, {at, end}) => sum + end - at, 0)) return false;
      }
      for (const {at} of pieces) heap.free(at);
      const {bytes} = heap;
      return heap.used === 0 && heap.allocate(bytes - RESERVED) === RESERVED && heap.bytes === bytes;
    }),
  );
  t.pass();
});
