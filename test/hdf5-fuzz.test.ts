import {readFileSync} from 'node:fs';
import test from 'ava';
import {memoryFiles} from '../converters/files';
import {LIMITS} from '../converters/limits';
import {openWeights} from '../converters/open';
import {CarryoverError} from '../src/errors';

// Damaged HDF5 files: whatever bits are flipped, they give arrays or one of Carryover's errors, in bounded memory.

const GOLDEN = 'fixtures/golden';
const GRU = `${GOLDEN}/neupy-0.8.2/gru_backwards_sequences/net.hdf5`;
const FILES = [
  GRU,
  `${GOLDEN}/neupy-0.8.2/lstm_realistic/net.hdf5`,
  `${GOLDEN}/keras-0.2.0/lstm_seq/weights.h5`,
  `${GOLDEN}/keras-1.2.2-theano/lstm_seq/model.h5`,
  `${GOLDEN}/keras-2.0.9/emb_mask_lstm_dense/model.h5`,
  'fixtures/hostile/odd/chunked-gzip.h5',
  'fixtures/hostile/odd/variable-length-names.h5',
];
const SEEDS = 500;

const library = (await (await import('h5wasm')).ready) as unknown as {HEAPU8: Uint8Array};
const base = library.HEAPU8.length;

/** Mulberry32. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function damaged(whole: Uint8Array, seed: number, flips = 3): Uint8Array {
  const random = randomFrom(seed);
  const bytes = new Uint8Array(whole);
  for (let k = 0; k < flips; k++) bytes[random(bytes.length)]! ^= 1 << random(8);
  return bytes;
}

/** Reads all of a file: `read`, or the error's code. What is no CarryoverError is thrown. */
async function outcome(bytes: Uint8Array, options = {}): Promise<string> {
  try {
    const file = await openWeights(memoryFiles({'w.h5': bytes}), 'w.h5', options);
    try {
      for (const {arrays} of file.groups) for (const array of arrays) array.read();
    } finally {
      file.close();
    }
    return 'read';
  } catch (error) {
    if (error instanceof CarryoverError) return error.code;
    throw error;
  }
}

for (const path of FILES) {
  test.serial(`${path}: flipped bits give arrays or errors, in bounded memory`, async t => {
    const whole = readFileSync(path);
    const codes = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) codes.add(await outcome(damaged(whole, seed)));
    t.true(codes.has('read') && codes.has('E_FORMAT'), [...codes].join());
    for (const code of codes) t.regex(code, /^(read|E_FORMAT|E_LIMIT|E_UNSUPPORTED)$/);
    t.true(library.HEAPU8.length <= base + LIMITS.hdf5Bytes + 4 * whole.length);
    t.is(await outcome(whole), 'read');
  });
}

test.serial('lengths that would take a gigabyte are refused before libhdf5 has it', async t => {
  const whole = readFileSync(GRU);
  const before = process.memoryUsage().rss;
  for (const seed of [153, 1499, 1587]) t.is(await outcome(damaged(whole, seed)), 'E_LIMIT', `${seed}`);
  t.true(process.memoryUsage().rss - before < 2 ** 27);
  // The limit is the caller's.
  const error = await t.throwsAsync(
    openWeights(memoryFiles({'w.h5': damaged(whole, 153)}), 'w.h5', {limits: {hdf5Bytes: 2 ** 20}}),
    {instanceOf: CarryoverError, code: 'E_LIMIT', message: /libhdf5 asks for \d{10} bytes.*at most 1048576/},
  );
  t.is(error.file, 'w.h5');
});
