import {readFileSync} from 'node:fs';
import test from 'ava';
import {disassemble} from '../scripts/wasm/disassemble';
import {Assembler, type InstructionWords, moved} from '../src/engines/wasm/compile/program';
import type {ElementOperation, InstructionName} from '../src/engines/wasm/isa';
import * as isa from '../src/engines/wasm/isa';
import {BUILDS, type Kernel, makeKernel} from '../src/engines/wasm/run/kernel';
import {dataAt, operate, runInstruction, runOn} from './support/wasm-kernel';

/** The kernel's instructions, one by one, in every build that this runtime takes: they do what `isa.ts` says. */

const kernels = BUILDS.flatMap(build => makeKernel(false, [build]) ?? []);

/** Numbers between −2 and 2, the same at every run. */
const numbers = (length: number, seed = 1): number[] =>
  Array.from({length}, (_, k) => Math.fround(2 * Math.sin(seed * 100 + 1.7 * k)));

function close(
  t: {true(value: boolean, message?: string): void},
  got: ArrayLike<number>,
  want: readonly number[],
  what: string,
): void {
  const off = want.findIndex(
    (value, k) => !(Math.abs(got[k]! - value) <= 1e-5 * Math.max(1, Math.abs(value))),
  );
  t.true(got.length >= want.length && off < 0, `${what}: at ${off} ${got[off]}, expected ${want[off]}`);
}

test('the kernel has been built from this declaration', async t => {
  const path = '../scripts/wasm/kernel-isa.mjs';
  const {kernelLayouts, kernelDispatch} = await import(path);
  const read = (name: string): string => readFileSync(`src/engines/wasm/kernel/${name}`, 'utf8');
  t.is(read('isa.generated.ts'), kernelLayouts(isa), 'npm run setup');
  t.is(read('dispatch.generated.ts'), kernelDispatch(isa), 'npm run setup');
});

type Element = (a: number, b: number, c: number, p: number, q: number) => number;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const step = (y: number, yes: number, no = 0): number => (y > 0 ? yes : no);

const ELEMENTS: Readonly<Record<ElementOperation, Element>> = {
  copy: a => a,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  multiplyAdd: (a, b, c) => a * b + c,
  complement: a => 1 - a,
  negate: a => -a,
  offset: (a, _b, _c, p) => a + p,
  clip: (a, _b, _c, p) => Math.max(-p, Math.min(p, a)),
  inside: (a, _b, _c, p) => (Math.abs(a) <= p ? 1 : 0),
  zero: () => 0,
  tanh: a => Math.tanh(a),
  sigmoid,
  relu: a => Math.max(0, a),
  softplus: a => Math.log1p(Math.exp(a)),
  softsign: a => a / (1 + Math.abs(a)),
  exponential: a => Math.exp(a),
  hardSigmoid: (a, _b, _c, p, q) => Math.max(0, Math.min(1, p * a + q)),
  elu: (a, _b, _c, p, q) => q * (a > 0 ? a : p * Math.expm1(a)),
  leakyRelu: (a, _b, _c, p) => (a > 0 ? a : p * a),
  scaledTanh: (a, _b, _c, p, q) => q * Math.tanh(p * a),
  cappedRelu: (a, _b, _c, p) => Math.max(0, Math.min(p, a)),
  tanhSlope: (a, y) => a * (1 - y * y),
  sigmoidSlope: (a, y) => a * y * (1 - y),
  reluSlope: (a, y) => a * step(y, 1),
  softplusSlope: (a, y) => a * -Math.expm1(-y),
  softsignSlope: (a, y) => a * (1 - Math.abs(y)) ** 2,
  exponentialSlope: (a, y) => a * y,
  hardSigmoidSlope: (a, y, _c, p) => a * (y > 0 && y < 1 ? p : 0),
  eluSlope: (a, y, _c, p, q) => a * step(y, q, y + p * q),
  leakyReluSlope: (a, y, _c, p) => a * step(y, 1, p),
  scaledTanhSlope: (a, y, _c, p, q) => (a * (q * q - y * y) * p) / q,
  cappedReluSlope: (a, y, _c, p) => a * (y > 0 && y < p ? 1 : 0),
};

for (const operation of isa.ELEMENT_OPERATIONS) {
  test(`${operation} of elements is what it is declared to be, over several blocks`, t => {
    const [p, q] = [Math.fround(0.3), Math.fround(1.25)];
    const [a, b, c] = [1, 2, 3].map(seed => numbers(2 * isa.CONSTANTS.BLOCK + 37, seed)) as [
      number[],
      number[],
      number[],
    ];
    const want = a.map((x, k) => ELEMENTS[operation](x, b[k]!, c[k]!, p, q));
    for (const kernel of kernels) {
      const got = operate(
        kernel,
        {operation, parameters: [p, q]},
        ...[a, b, c].map(list => Float32Array.from(list)),
      );
      close(t, got, want, kernel.build);
    }
  });
}

/** Rows of elements, `stride` elements apart. */
const rowsOf = (
  list: ArrayLike<number>,
  count: number,
  elements: number,
  stride: number,
  first = 0,
): number[][] =>
  Array.from({length: count}, (_, r) =>
    Array.from({length: elements}, (_, k) => list[first + r * stride + k]!),
  );
const mean = (row: readonly number[]): number => row.reduce((sum, x) => sum + x, 0) / row.length;
const centred = (row: readonly number[]): number[] => row.map(x => x - mean(row));

/** A case of an instruction: what it is run on, and what must then be at `at` (in elements). */
interface Case<I extends InstructionName> {
  readonly words: InstructionWords<I>;
  readonly data: readonly number[];
  readonly at: number;
  readonly want: readonly number[];
}

const [ROWS, ELEMENTS_OF_ROW, STRIDE] = [3, 5, 8];
const data = numbers(256);
const to = (element: number) => dataAt(element * 4);
const normalized = {rows: ROWS, elements: ELEMENTS_OF_ROW, stride: STRIDE * 4};

/** A case of every instruction, for a kernel with vectors of so many lanes; results begin at element 128. */
const CASES: {readonly [I in InstructionName]: (lanes: number) => Case<I>} = {
  elements: () => ({
    words: {
      bytes: 16 * 4,
      operations: [
        {
          operation: 'add',
          to: to(128),
          toMask: true,
          a: to(0),
          aMask: true,
          b: to(32),
          bMask: true,
          c: undefined,
          cMask: false,
          p: 0,
          q: 0,
        },
        {
          operation: 'clip',
          to: to(128),
          toMask: true,
          a: to(128),
          aMask: true,
          b: undefined,
          bMask: false,
          c: undefined,
          cMask: false,
          p: 0.5,
          q: 0,
        },
      ],
    },
    data,
    at: 128,
    want: data.slice(0, 16).map((x, k) => Math.max(-0.5, Math.min(0.5, x + data[32 + k]!))),
  }),
  product: lanes => {
    // One k, one gate of four columns: B is its row, in panels of two vectors.
    const vectors = 4 / lanes;
    const own = [...data.slice(0, 128), ...new Array<number>(32).fill(1)];
    const panel = 2 * lanes * Math.ceil(vectors / 2);
    for (let k = 4; k < panel; k++) own[64 + k] = 0;
    return {
      words: {
        a: to(0),
        aOuter: 0,
        aRow: 4,
        outer: 1,
        rows: 2,
        depth: 1,
        b: to(64),
        vectors,
        gateVectors: vectors,
        c: to(128),
        cOuter: 0,
        cRow: 4 * 4,
        cGate: 0,
      },
      data: own,
      at: 128,
      want: [0, 1].flatMap(r => [0, 1, 2, 3].map(k => 1 + own[r]! * own[64 + k]!)),
    };
  },
  pack: lanes => ({
    // A column of four rows: each a vector of which the first number counts, and an empty vector beside it.
    words: {
      to: to(128),
      from: to(0),
      depth: 4,
      gates: 1,
      columns: 1,
      gateVectors: 1,
      depthStride: 8,
      gateStride: 0,
      columnStride: 4,
    },
    data,
    at: 128,
    want: [0, 1, 2, 3].flatMap(k => [data[2 * k]!, ...new Array<number>(2 * lanes - 1).fill(0)]),
  }),
  outerProduct: lanes => ({
    words: {
      a: to(0),
      aStep: 0,
      aRow: 8,
      columns: 2,
      b: to(32),
      bStep: 0,
      bRow: 16,
      bGate: 0,
      rows: 3,
      vectors: 4 / lanes,
      gateVectors: 4 / lanes,
      c: to(128),
      cRow: 16,
      scratch: to(512),
    },
    data: [...data.slice(0, 128), ...new Array<number>(64).fill(1)],
    at: 128,
    want: [0, 1].flatMap(i =>
      [0, 1, 2, 3].map(
        k => 1 + [0, 1, 2].reduce((sum, r) => sum + data[2 * r + i]! * data[32 + 4 * r + k]!, 0),
      ),
    ),
  }),
  stridedCopy: () => ({
    words: {
      to: to(128),
      toOuter: 40,
      toRow: 20,
      from: to(3),
      fromOuter: 64,
      fromRow: 32,
      outer: 2,
      rows: 2,
      elements: 5,
    },
    data,
    at: 128,
    want: [0, 16].flatMap(outer => rowsOf(data, 2, 5, 8, 3 + outer)).flat(),
  }),
  broadcast: lanes => ({
    words: {to: to(128), from: to(0), rows: 3, vectors: 2},
    data,
    at: 128,
    want: [0, 1, 2].flatMap(k => new Array<number>(2 * lanes).fill(data[k]!)),
  }),
  zero: () => ({
    words: {to: to(128), bytes: 20},
    data,
    at: 127,
    want: [data[127]!, 0, 0, 0, 0, 0, data[133]!],
  }),
  sumRows: lanes => ({
    words: {to: to(128), from: to(0), fromOuter: 128, fromRow: 32, outer: 2, rows: 3, vectors: 4 / lanes},
    data,
    at: 128,
    want: [0, 1, 2, 3].map(k =>
      [0, 8, 16, 32, 40, 48].reduce((sum, row) => sum + data[row + k]!, data[128 + k]!),
    ),
  }),
  inverseDeviation: () => ({
    words: {...normalized, to: to(128), x: to(0), epsilon: 0.01},
    data,
    at: 128,
    want: rowsOf(data, ROWS, ELEMENTS_OF_ROW, STRIDE).map(
      row => 1 / Math.sqrt(mean(centred(row).map(x => x * x)) + Math.fround(0.01)),
    ),
  }),
  standardize: () => ({
    words: {...normalized, stride: ELEMENTS_OF_ROW * 4, to: to(128), x: to(0), scale: to(64)},
    data,
    at: 128,
    want: rowsOf(data, ROWS, ELEMENTS_OF_ROW, ELEMENTS_OF_ROW).flatMap((row, r) =>
      centred(row).map(x => x * data[64 + r]!),
    ),
  }),
  standardizeGradient: () => ({
    words: {...normalized, stride: ELEMENTS_OF_ROW * 4, to: to(128), dy: to(0), y: to(32), scale: to(64)},
    data,
    at: 128,
    want: rowsOf(data, ROWS, ELEMENTS_OF_ROW, ELEMENTS_OF_ROW).flatMap((dy, r) => {
      const y = rowsOf(data, 1, ELEMENTS_OF_ROW, 0, 32 + r * ELEMENTS_OF_ROW)[0]!;
      const along = mean(dy.map((x, k) => x * y[k]!));
      return centred(dy).map((x, k) => (x - y[k]! * along) * data[64 + r]!);
    }),
  }),
  barrier: () => ({
    // Alone it is the last one to arrive.
    words: {counter: to(200), programs: 1, target: to(210), maySleep: false},
    data: [...data.slice(0, 200), ...new Array<number>(20).fill(0)],
    at: 200,
    want: [1, 0, 0],
  }),
};

for (const instruction of Object.keys(isa.INSTRUCTIONS) as InstructionName[]) {
  test(`the instruction ${instruction} does what it is declared to do`, t => {
    const check = <I extends InstructionName>(kernel: Kernel, name: I): void => {
      // The build without SIMD has no threads.
      if (name === 'barrier' && kernel.build === 'scalar') return;
      const {words, data: given, at, want} = CASES[name](kernel.lanes);
      const got = runInstruction(kernel, name, words, 4096, Float32Array.from(given)).slice(at);
      close(t, name === 'barrier' ? new Int32Array(got.buffer) : got, want, kernel.build);
    };
    for (const kernel of kernels) check(kernel, instruction);
  });
}

test('sections run when they should, and places move with steps and iterations', t => {
  const assembler = new Assembler();
  const one = {toOuter: 0, toRow: 0, fromOuter: 0, fromRow: 0, outer: 1, rows: 1, elements: 1};
  const x = {...to(0), step: 4};
  const buffer = {...to(16), step: 4, reset: true};
  // x, four numbers a round at most, is copied step by step into a buffer that begins anew with every iteration …
  assembler.add('step', 'stridedCopy', {...one, to: buffer, from: x});
  // … and at each iteration's end to where the iteration's steps belong.
  assembler.add('close', 'stridedCopy', {...one, to: {...to(32), step: 4}, from: to(16), elements: 2});
  // The iterations' first numbers are added up.
  assembler.add('open', 'sumRows', {
    to: to(64),
    from: x,
    fromOuter: 0,
    fromRow: 0,
    outer: 1,
    rows: 1,
    vectors: 1,
  });
  assembler.add('before', 'zero', {to: to(64), bytes: 64});
  assembler.add('after', 'stridedCopy', {...one, to: to(96), from: to(64)});
  const program = assembler.finish(5, 2);
  const input = [1, 2, 3, 4, 5];
  for (const kernel of kernels) {
    const result = runOn(
      kernel,
      program,
      512,
      Float32Array.from([...input, ...new Array<number>(11).fill(0)]),
    );
    t.deepEqual([...result.slice(32, 37)], input);
    t.is(result[64], 1 + 3 + 5);
    t.is(result[96], 1 + 3 + 5);
  }
});

test('an opcode that is not declared stops the kernel', t => {
  const program = new Assembler().finish(0, 1);
  const words = Int32Array.from([...program.words, Object.keys(isa.INSTRUCTIONS).length]);
  // Section `after` has one word.
  const end = Object.keys(isa.RECORDS.header).indexOf('end');
  words[end]! += 4;
  for (const kernel of kernels)
    t.throws(() => runOn(kernel, {...program, words}, 64, new Float32Array(0)), {
      instanceOf: WebAssembly.RuntimeError,
    });
});

test('a program says what was assembled', t => {
  const assembler = new Assembler();
  const {words} = CASES.elements(4);
  const place = moved({region: 'shared', offset: 64, step: -8}, 16);
  assembler.add('step', 'elements', words);
  assembler.add('open', 'broadcast', {
    to: place,
    from: {region: 'weights', offset: 12},
    rows: 3,
    vectors: -1,
  });
  assembler.add('step', 'inverseDeviation', {
    ...normalized,
    to: to(0),
    x: {...to(4), step: 4, reset: true},
    epsilon: 0.5,
  });
  assembler.add('after', 'barrier', {counter: to(1), programs: 2, target: to(2), maySleep: true});
  const read = disassemble(assembler.finish(7, 3));
  t.deepEqual(
    read.map(({section, instruction}) => `${section} ${instruction}`),
    ['open broadcast', 'step elements', 'step inverseDeviation', 'after barrier'],
  );
  t.deepEqual(read[0]!.words, {
    to: 'shared+80 -8 a step, by iterations',
    from: 'weights+12',
    rows: 3,
    vectors: -1,
  });
  t.deepEqual((read[1]!.words.operations as Record<string, unknown>[])[1], {
    ...words.operations[1],
    to: 'data+512',
    a: 'data+512',
  });
  t.deepEqual(read[2]!.words, {...normalized, to: 'data+0', x: 'data+16 +4 a step, reset', epsilon: 0.5});
  t.deepEqual(read[3]!.words, {counter: 'data+4', programs: 2, target: 'data+8', maySleep: true});
});
